import { quoteIdentifier } from '@huitong/policy'
import type { TargetTable } from '../database.ts'
import type { Session } from './connect.ts'
import { quoteTable } from './sql.ts'

/** What writing rows did. */
export interface Written {
  readonly inserted: bigint
  readonly updated: bigint
  /** Rows that were so already. */
  readonly unchanged: bigint
}

/**
 * Writes the rows of a table beside into the receiving table by key, in the caller's transaction: what differs is
 * updated, what is not there is inserted. Never `ON DUPLICATE KEY` or `REPLACE`, which take any unique key for this one
 * and would change another row; a clash with one is `duplicate_key` and changes nothing.
 * @param beside SQL name of the table beside, one row per key.
 */
export async function writeRows(
  session: Session,
  table: TargetTable,
  beside: string,
  where = 'true',
): Promise<Written> {
  const target = quoteTable(table)
  const sameKey = table.key.map((name) => `t.${quoteIdentifier(name)} = c.${quoteIdentifier(name)}`).join(' AND ')
  const names = table.columns.map(({ name }) => quoteIdentifier(name))
  const rest = table.columns.filter(({ name }) => !table.key.includes(name)).map(({ name }) => quoteIdentifier(name))
  const [counted] = await session.rows(`SELECT count(*) AS n FROM ${beside} c WHERE ${where}`)
  const all = BigInt(counted!['n']!)
  const set = rest.map((name) => `t.${name} = c.${name}`).join(', ')
  // By bytes: a collation would take texts that differ for the same.
  const differs = rest.map((name) => `NOT (cast(t.${name} as binary) <=> cast(c.${name} as binary))`).join(' OR ')
  const { rows: updated } =
    rest.length === 0
      ? { rows: 0n }
      : await session.run(
          `UPDATE ${target} t JOIN ${beside} c ON ${sameKey} SET ${set} WHERE (${where}) AND (${differs})`,
        )
  const first = `t.${quoteIdentifier(table.key[0]!)}`
  const { rows: inserted } = await session.run(
    `INSERT INTO ${target} (${names.join(', ')}) SELECT ${names.map((name) => `c.${name}`).join(', ')}
     FROM ${beside} c LEFT JOIN ${target} t ON ${sameKey} WHERE (${where}) AND ${first} IS NULL`,
  )
  return { inserted, updated, unchanged: all - updated - inserted }
}
