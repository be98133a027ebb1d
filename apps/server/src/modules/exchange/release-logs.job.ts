import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { Refusal } from '../../kernel/errors.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import { queueWork, sourceAccess } from '../nodes/index.ts'
import type { LoggedChannel } from './begin-log.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'
import { setLog } from './log-position.ts'

/** How long the source keeps its log for a channel that nobody follows. */
export const RELEASE_AFTER_MS = 24 * 3_600_000

/** Channels that do not follow now and have something at their source, whose dropping is not under way. */
const CANDIDATES = sql.raw(`c.mode = 'log' and c.state not in ('running', 'following') and (c.log->>'atSource')::boolean
  and not exists (select from node_work w where w.id = (c.log->>'releaseWorkId')::uuid
    and (w.state in ('queued', 'leased') or w.finished_at > now() - interval '10 minutes'))
  and not exists (select from reconciliation r where r.channel_id = c.id and r.state in ('running', 'repairing'))`)

/**
 * Has slot and publication dropped of channels whose grant is over, or that have stood still for a day: a slot that nobody
 * reads fills the source's disk. The work waits for a node that is away.
 */
export const releaseLogsJob = job({
  name: 'release-logs',
  everyMs: 10_000,
  async run(services) {
    const channels = await services.db.read(SYSTEM_ROWS, (db) =>
      db.many<Candidate>(sql`select c.* from channel c where ${CANDIDATES} order by c.id limit 200`),
    )
    for (const { id } of channels) {
      await act(services, systemActor('release-logs'), 'job.release_log', async ({ db, now, legalNow, wake }) => {
        const channel = await db.maybe<Candidate>(
          sql`select c.* from channel c where c.id = ${id} and ${CANDIDATES} for update of c`,
        )
        if (channel === null || !(await isOver(db, channel, { now, legalNow }))) return { value: null, audit: null }
        const { access, nodeId } = await sourceAccess(db, channel.source_id)
        const workId = await queueWork(
          { db, now, wake },
          { nodeId, kind: 'release', subjectKind: 'channel', subjectId: id, input: { channel: id, source: access } },
        )
        await setLog(db, id, { releaseWorkId: workId })
        return {
          value: null,
          audit: { objectKind: 'channel', objectId: id, detail: { released: channel.log?.slot?.slot ?? null } },
        }
      })
    }
    return false
  },
})

type Candidate = LoggedChannel & { finished_at: Date | null }
type Db = Parameters<typeof findGrantRow>[0]

async function isOver(db: Db, channel: Candidate, times: { now: Date; legalNow: Date }): Promise<boolean> {
  const stopped = channel.log?.stoppedAt ?? channel.finished_at?.toISOString() ?? null
  // Where the log has places of its own nothing was made at the source, and it may go on as long as the log is there.
  const isKept = channel.log?.slot?.place === undefined
  if (isKept && stopped !== null && Date.parse(stopped) + RELEASE_AFTER_MS <= times.now.getTime()) return true
  try {
    activePlan(await findGrantRow(db, channel.grant_id), times)
    return false
  } catch (error) {
    if (error instanceof Refusal && error.code === 'grant.inactive') return true
    throw error
  }
}
