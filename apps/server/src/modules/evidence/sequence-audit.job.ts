import { sql } from 'kysely'
import { job, type Job } from '../../kernel/jobs.ts'
import { LEDGER_CURSOR, type AuditRow, type Ledger } from './ledger.ts'

const BATCH_ROWS_MAX = 5_000
/** One row costs as much as a hundred: its tiles, a signed checkpoint, their way to the disk. */
const GATHER_MS = 200

/**
 * Puts audit rows into the evidence log, in commit order and below every open transaction, so that none is ever
 * passed over. At least once a second.
 */
export const sequenceAuditJob = (ledger: Ledger): Job =>
  job({
    name: 'sequence-audit',
    everyMs: 1_000,
    topics: ['audit'],
    restMs: GATHER_MS,
    async run(services) {
      const rows = await services.db.tick((db) =>
        db.many<AuditRow>(sql`
          select a.id, a.xid::text, a.content, a.salt from audit a
          where (a.xid, a.id) > (
              coalesce((select xid from event_cursor where subscriber = ${LEDGER_CURSOR}), '0'),
              coalesce((select id from event_cursor where subscriber = ${LEDGER_CURSOR}), 0))
            and a.xid < pg_snapshot_xmin(pg_current_snapshot())
          order by a.xid, a.id limit ${BATCH_ROWS_MAX}`),
      )
      if (rows.length === 0) return false
      services.metrics.ledgerSize.set(await ledger.append(rows))
      return rows.length === BATCH_ROWS_MAX
    },
  })
