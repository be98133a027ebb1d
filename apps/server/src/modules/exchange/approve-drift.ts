import { approveDrift, type FieldDifference } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { beginCopy } from './begin-copy.ts'
import { brokenLog, CHANNEL_RULES, driftView, findChannel } from './channel-view.ts'
import { acceptFields } from './drift.ts'
import { requireConsent } from '../nodes/index.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'

/** Differences that an audit row names. */
const NAMED_MAX = 50
const textOf = ({ field, kind, before, after }: FieldDifference) =>
  `${field} ${kind}: ${before ?? '–'} → ${after ?? '–'}`

/**
 * The provider's officer says that the table is meant to be as it is now. The channel goes on from its position, or copies
 * the whole anew when it has none; where the log broke meanwhile it waits to be synchronised.
 */
export const approveDriftVerb = command<typeof approveDrift>({
  endpoint: approveDrift,
  audit: ({ params }, reply) => ({
    objectKind: 'channel',
    objectId: params.id,
    detail: { drift: reply.hash, differences: reply.differences.slice(0, NAMED_MAX).map(textOf) },
  }),
  async run({ db, actor, now, legalNow, services, wake }, { params, body, match }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.approveDrift(channel, actor)
    if (reason) refuse('object.state', { places: [{ path: '', problem: reason }] })
    const shown = driftView(channel)!
    if (shown.hash !== body.hash)
      refuse('object.state', {
        places: [place('/hash', '表结构又有变化，请重新核对', 'The table has changed again; look at it anew')],
      })
    activePlan(await findGrantRow(db, channel.grant_id), { now, legalNow })
    await requireConsent(db, channel.source_id, now)
    const { hash, differences } = shown
    const mounted = await acceptFields(db, channel, channel.mounted!, channel.drift!.fields, null)
    const approved = { ...channel, mounted, drift: null }
    if (channel.mode === 'full' || channel.cursor === null) {
      await beginCopy({ db, now, legalNow, services, wake }, approved, match)
      return { hash, differences }
    }
    const state =
      brokenLog(channel) === null ? sql`state = 'following', problem = null, next_at = ${now}` : sql`next_at = null`
    const moved = await db.run(sql`update channel set ${state}, failures = 0, version = version + 1
      where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    await wake('job:follow-channels')
    return { hash, differences }
  },
})
