import { startChannel } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { CHANNEL_RULES, channelDetail, findChannel } from './channel-view.ts'
import { beginStream } from './generation.ts'
import { NO_LOG, setLog } from './log-position.ts'

/** Starts a full copy as a new generation; what readers see stays until it is complete. */
export const startChannelVerb = command<typeof startChannel>({
  endpoint: startChannel,
  audit: ({ params }, reply) => ({
    objectKind: 'channel',
    objectId: params.id,
    detail: { generation: reply.progress.generation },
  }),
  async run({ db, actor, now, legalNow, services, wake }, { params, match }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.start(channel, actor)
    if (reason) refuse('object.state', { places: [{ path: '', problem: reason }] })
    const moved =
      await db.run(sql`update channel set state = 'running', problem = null, started_at = ${now}, finished_at = null,
      cursor = null, looked = null, looked_at = null, next_at = null, failures = 0, held = null, version = version + 1 where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    // The copy makes a slot at the source before anything of it is known here.
    if (channel.mode === 'log') await setLog(db, params.id, { ...NO_LOG, atSource: true })
    const { generation } = await db.one<{ generation: number }>(
      sql`select coalesce(max(generation), 0) + 1 as generation from stream where id = ${params.id}`,
    )
    await db.run(sql`update stream set abandoned = true where id = ${params.id}`)
    await beginStream({ db, now, legalNow, services, wake }, channel, {
      streamId: channel.id,
      generation,
      kind: 'copy',
      keys: null,
      deleteKeys: null,
      subject: { kind: 'channel', id: channel.id },
      applyWorkId: null,
    })
    return channelDetail(db, actor, params.id)
  },
})
