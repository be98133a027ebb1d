import { quoteText } from '@huitong/policy'
import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import type { Services } from '../../kernel/services.ts'
import { eventTopic } from '../../kernel/wake.ts'
import { isMissingTable, selectLanded, tableOf, type LandedRow } from '../exchange/index.ts'

/** A table that changes all the time is counted again only after so long. */
const RECOUNT_AFTER_MS = 30_000

interface Position {
  generation: number
  sequence: number
  at: string
}

/** Counts each landed table in the centre's own database when its position moved: one table a turn. */
export const countLandingsJob = job({
  name: 'landing-count',
  everyMs: 5_000,
  topics: [eventTopic('channel.completed'), eventTopic('channel.changed'), eventTopic('reconciliation.finished')],
  async run(services) {
    const landed = await services.db.read(SYSTEM_ROWS, (db) =>
      db.many<
        LandedRow & { position_at: string | null; counted_at: Date | null }
      >(sql`select l.*, n.position_at, n.counted_at
        from (${selectLanded(services.centre.database)} where c.state not in ('configured', 'ready')) l
          left join lateral (select * from landing_count where channel_id = l.id order by counted_at desc limit 1) n on true
        order by n.counted_at nulls first`),
    )
    const now = services.clock.now().getTime()
    const known = new Map<string, Map<string, Position>>()
    for (const row of landed) {
      const moves = row.state === 'running' || row.state === 'following'
      if (row.counted_at !== null && moves && now - row.counted_at.getTime() < RECOUNT_AFTER_MS) continue
      const positions = known.get(row.target_schema) ?? (await positionsOf(services, row.target_schema))
      known.set(row.target_schema, positions)
      const position = positions.get(row.target_table)
      if (position !== undefined && position.at !== row.position_at) {
        await count(services, row, position)
        return true
      }
    }
    return false
  },
})

/** Where each table of a schema stands, from the loader's own bookkeeping; only what readers can see counts. */
async function positionsOf(services: Services, schema: string): Promise<Map<string, Position>> {
  const table = tableOf({ target_schema: schema, target_table: 'huitong_position' })
  try {
    const rows = await services.centre.rows(
      `select table_name, visible, sequence, updated_at::text from ${table} where visible > 0`,
    )
    return new Map(
      rows.map(([name, visible, sequence, at]) => [
        name!,
        { generation: Number(visible), sequence: Number(sequence), at: at! },
      ]),
    )
  } catch (error) {
    if (isMissingTable(error)) return new Map()
    throw error
  }
}

async function count(services: Services, row: LandedRow, position: Position): Promise<void> {
  const table = tableOf(row)
  // A partitioned table holds no bytes of its own; its parts do.
  const [counted] = await services.centre.rows(`select (select count(*) from ${table}),
    (select coalesce(sum(pg_total_relation_size(relid)), 0) from pg_partition_tree(${quoteText(table)}::regclass))`)
  const [rows, bytes] = counted!
  await act(services, systemActor('landing-count'), 'job.landing_count', async ({ db, now }) => {
    await db.run(sql`insert into landing_count (channel_id, counted_at, generation, sequence, position_at, rows, bytes)
      values (${row.id}, ${now}, ${position.generation}, ${position.sequence}, ${position.at}, ${rows}, ${bytes})`)
    return {
      value: undefined,
      audit: { objectKind: 'channel', objectId: row.id, detail: { rows: rows!, bytes: bytes! } },
    }
  })
}
