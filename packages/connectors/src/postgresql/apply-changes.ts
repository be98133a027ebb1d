import { quoteIdentifier } from '@huitong/policy'
import { OPERATION_COLUMN, postgresType } from '@huitong/segment'
import type { Client } from 'pg'
import type {
  AppliedChanges,
  ChangeCounts,
  ChangeOptions,
  ChangeSegment,
  ChangeTarget,
  Position,
  TargetTable,
} from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { changesName, checkChangeSegment, checkTaken, isApplied, isNextChange, placeOf } from '../target-rules.ts'
import { connect, hangUp, inTransaction } from './connect.ts'
import { copyIn } from './copy-in.ts'
import { toConnectorError } from './database-error.ts'
import { movePosition, readPosition } from './position.ts'
import { quoteTable } from './read-rows.ts'
import type { PostgresqlSettings } from './settings.ts'

/** Changes gathered in a plain table beside the receiving one. */
export class ChangeLoader implements ChangeTarget {
  readonly #client: Client
  readonly #options: ChangeOptions

  private constructor(client: Client, options: ChangeOptions) {
    this.#client = client
    this.#options = options
  }

  /** Connect to the target. @throws ConnectorError. */
  static async open(settings: PostgresqlSettings, options: ChangeOptions): Promise<ChangeLoader> {
    return new ChangeLoader(await connect(settings, 'target'), options)
  }

  async reached(generation: number): Promise<number> {
    const position = await this.position()
    return placeOf(position, this.#options.stream, generation)
  }

  position(): Promise<Position> {
    const { channel, table, fence } = this.#options
    return this.#guard(() => readPosition(this.#client, channel, table, fence))
  }

  take(segment: ChangeSegment): Promise<AppliedChanges | null> {
    return this.#guard(async () => {
      const { channel, table, fence, stream } = this.#options
      const position = await readPosition(this.#client, channel, table, fence)
      if (isApplied(position, stream, segment.generation)) return position.applied
      if (isNextChange(table.name, position, stream, segment)) await this.#gather(segment)
      return segment.final ? this.#apply(segment) : null
    })
  }

  async close(): Promise<void> {
    hangUp(this.#client)
  }

  async #gather(segment: ChangeSegment): Promise<void> {
    const { channel, table, fence, stream } = this.#options
    checkChangeSegment(table, segment)
    const client = this.#client
    const beside = besideOf(table)
    await inTransaction(client, 'BEGIN', async () => {
      if (segment.sequence === 1) await makeBeside(client, table)
      const names = segment.columns.map(({ name }) => quoteIdentifier(name)).join(', ')
      const rows = await copyIn(client, `COPY ${beside} (${names}) FROM STDIN (FORMAT csv)`, segment.plain)
      checkTaken(table.name, rows, segment.rows)
      const { generation, sequence, final } = segment
      const staged = { stream, generation, sequence, complete: final }
      await movePosition(
        client,
        channel,
        table,
        fence,
        `staged = ($3::jsonb || jsonb_build_object('rows',
           (coalesce(CASE WHEN $4 > 1 THEN staged->>'rows' END, '0')::numeric + $5::numeric)::text))::json`,
        [JSON.stringify(staged), sequence, segment.rows],
      )
    })
  }

  async #apply(segment: ChangeSegment): Promise<AppliedChanges> {
    const { channel, table, fence, stream } = this.#options
    const client = this.#client
    const { generation, sequence } = segment
    await prepare(client, table)
    return inTransaction(client, 'BEGIN', async () => {
      const position = await readPosition(client, channel, table, fence)
      const rows = BigInt(position.staged?.rows ?? '0')
      const counts = await merge(client, table)
      const done = Object.values(counts).reduce((sum, count) => sum + BigInt(count), 0n)
      if (done !== rows) throw this.#fault('row_count_mismatch', `${done} rows applied of ${rows}`)
      const applied = { stream, generation, sequence, counts }
      await movePosition(
        client,
        channel,
        table,
        fence,
        'cursor = $3, rows = rows + $4::numeric - $5::numeric, staged = null, applied = $6::json',
        [JSON.stringify(segment.to), counts.inserted, counts.deleted, JSON.stringify(applied)],
      )
      await client.query(`DROP TABLE ${besideOf(table)}`)
      return applied
    })
  }

  #fault(code: 'row_count_mismatch', detail: string): ConnectorError {
    return new ConnectorError(code, detail, { hop: 'target', place: { table: this.#options.table.name } })
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw toConnectorError(error, 'target', { table: this.#options.table.name })
    }
  }
}

const besideOf = (table: TargetTable) => quoteTable({ schema: table.schema, name: changesName(table.name) })

/** Everything but key and operation may be NULL here: of a row that is gone only the key came. */
async function makeBeside(client: Client, table: TargetTable): Promise<void> {
  const beside = besideOf(table)
  await client.query(`DROP TABLE IF EXISTS ${beside}`)
  const columns = [OPERATION_COLUMN, ...table.columns].map(({ name, type }) => {
    const required = name === OPERATION_COLUMN.name || table.key.includes(name) ? ' NOT NULL' : ''
    return `${quoteIdentifier(name)} ${postgresType(type)}${required}`
  })
  await client.query(`CREATE TABLE ${beside} (${columns.join(', ')})`)
}

/** A key that occurs twice is found before anything is changed, and the planner learns how much there is. */
async function prepare(client: Client, table: TargetTable): Promise<void> {
  const beside = besideOf(table)
  await inTransaction(client, 'BEGIN', async () => {
    const { rows } = await client.query<{ built: boolean }>(
      'SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = to_regclass($1) AND indisprimary) AS built',
      [beside],
    )
    if (!rows[0]!.built) {
      await client.query(`SET LOCAL maintenance_work_mem = '128MB'`)
      await client.query(`ALTER TABLE ${beside} ADD PRIMARY KEY (${table.key.map(quoteIdentifier).join(', ')})`)
    }
    await client.query(`ANALYZE ${beside}`)
  })
}

/** Writes the changes of a table beside, in which each key occurs once, over the rows that readers see. */
export async function merge(client: Client, table: TargetTable, beside = besideOf(table)): Promise<ChangeCounts> {
  const target = quoteTable(table)
  const gone = `c.${quoteIdentifier(OPERATION_COLUMN.name)} = 'D'`
  const sameKey = table.key.map((name) => `t.${quoteIdentifier(name)} = c.${quoteIdentifier(name)}`).join(' AND ')
  const names = table.columns.map(({ name }) => quoteIdentifier(name))
  const rest = table.columns.filter(({ name }) => !table.key.includes(name))
  const side = (of: string) => rest.map(({ name }) => `${of}.${quoteIdentifier(name)}`).join(', ')
  const count = async (sql: string) => BigInt((await client.query(sql)).rowCount ?? 0)
  const { rows } = await client.query<{ deletes: string; writes: string }>(
    `SELECT count(*) FILTER (WHERE ${gone}) AS deletes, count(*) FILTER (WHERE NOT ${gone}) AS writes FROM ${beside} c`,
  )
  const deletes = BigInt(rows[0]!.deletes)
  const writes = BigInt(rows[0]!.writes)
  const deleted = await count(`DELETE FROM ${target} t USING ${beside} c WHERE ${gone} AND ${sameKey}`)
  const set = rest.map(({ name }) => `${quoteIdentifier(name)} = c.${quoteIdentifier(name)}`).join(', ')
  // By image: 1.0 and 1.00 are equal and not the same, and json has no equality at all.
  const updated =
    rest.length === 0
      ? 0n
      : await count(`UPDATE ${target} t SET ${set} FROM ${beside} c
          WHERE NOT ${gone} AND ${sameKey} AND record_image_ne(ROW(${side('t')}), ROW(${side('c')}))`)
  const inserted = await count(`INSERT INTO ${target} (${names.join(', ')})
    SELECT ${names.map((name) => `c.${name}`).join(', ')} FROM ${beside} c
    WHERE NOT ${gone} AND NOT EXISTS (SELECT FROM ${target} t WHERE ${sameKey})`)
  return {
    inserted: inserted.toString(),
    updated: updated.toString(),
    deleted: deleted.toString(),
    unchanged: (writes - updated - inserted).toString(),
    absent: (deletes - deleted).toString(),
  }
}
