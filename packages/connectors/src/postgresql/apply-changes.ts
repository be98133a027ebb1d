import { quoteIdentifier } from '@huitong/policy'
import { type Column, OPERATION_COLUMN, postgresType, sha256Hex } from '@huitong/segment'
import type { Client } from 'pg'
import type { Cursor } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { connect, hangUp, inTransaction } from './connect.ts'
import { copyIn } from './copy-in.ts'
import { toConnectorError } from './database-error.ts'
import { type AppliedChanges, type ChangeCounts, movePosition, type Position, readPosition } from './position.ts'
import { quoteTable } from './read-rows.ts'
import type { PostgresqlSettings } from './settings.ts'
import { changesName, type TargetTable } from './target.ts'

/** An opened segment of changes: its verified manifest's figures and its plain CSV text, the operation first. */
export interface ChangeSegment {
  readonly generation: number
  readonly sequence: number
  readonly final: boolean
  readonly columns: readonly Column[]
  /** Lines by the manifest, decimal text. */
  readonly rows: string
  readonly plainDigest: string
  readonly plain: Uint8Array
  /** Cursor before and after the whole stream. */
  readonly from: Cursor
  readonly to: Cursor
}

/** What a loader of changes works on. `fence` comes from `claimTable`. */
export interface ChangeLoaderOptions {
  readonly channel: string
  readonly stream: string
  readonly table: TargetTable
  readonly fence: string
}

/**
 * Brings the changes of one stream into a table that a full copy has filled. Segments are gathered beside, each in a
 * transaction with its place; with the final one all take effect in one transaction, which also moves the cursor under
 * the fencing token. Calls must not overlap.
 */
export class ChangeLoader {
  readonly #client: Client
  readonly #options: ChangeLoaderOptions

  private constructor(client: Client, options: ChangeLoaderOptions) {
    this.#client = client
    this.#options = options
  }

  /** Connect to the target. @throws ConnectorError. */
  static async open(settings: PostgresqlSettings, options: ChangeLoaderOptions): Promise<ChangeLoader> {
    return new ChangeLoader(await connect(settings, 'target'), options)
  }

  /** Last segment of a generation of this stream that is kept here or applied; 0 for none. */
  async reached(generation: number): Promise<number> {
    const position = await this.position()
    return placeOf(position, this.#options.stream, generation)
  }

  /** Where the channel stands. @throws ConnectorError `fenced`. */
  position(): Promise<Position> {
    const { channel, table, fence } = this.#options
    return this.#guard(() => readPosition(this.#client, channel, table, fence))
  }

  /**
   * Take one segment, once, however often it is given; with the final one, apply all.
   * @returns what was applied, null before the final segment.
   * @throws ConnectorError `fenced`, `position_gap`, `sequence_gap`, `schema_changed`, `digest_mismatch`,
   *   `row_count_mismatch`, `bad_value`, `null_value`, `duplicate_key`, …
   */
  take(segment: ChangeSegment): Promise<AppliedChanges | null> {
    return this.#guard(async () => {
      const { channel, table, fence, stream } = this.#options
      const position = await readPosition(this.#client, channel, table, fence)
      if (isApplied(position, stream, segment.generation)) return position.applied
      checkOrder(table, position, segment)
      const reached = placeOf(position, stream, segment.generation)
      if (segment.sequence > reached + 1) throw this.#fault('sequence_gap', `${segment.sequence} after ${reached}`)
      if (segment.sequence === reached + 1) await this.#gather(segment)
      return segment.final ? this.#apply(segment) : null
    })
  }

  /** Close the connection. */
  async close(): Promise<void> {
    hangUp(this.#client)
  }

  async #gather(segment: ChangeSegment): Promise<void> {
    const { channel, table, fence, stream } = this.#options
    checkSegment(table, segment)
    const client = this.#client
    const beside = besideOf(table)
    await inTransaction(client, 'BEGIN', async () => {
      if (segment.sequence === 1) await makeBeside(client, table)
      const names = segment.columns.map(({ name }) => quoteIdentifier(name)).join(', ')
      const rows = await copyIn(client, `COPY ${beside} (${names}) FROM STDIN (FORMAT csv)`, segment.plain)
      if (rows !== BigInt(segment.rows)) {
        throw this.#fault('row_count_mismatch', `${rows} rows taken, the manifest says ${segment.rows}`)
      }
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

  #fault(code: 'sequence_gap' | 'row_count_mismatch', detail: string): ConnectorError {
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

const isApplied = ({ applied }: Position, stream: string, generation: number) =>
  applied?.stream === stream && applied.generation === generation

function placeOf(position: Position, stream: string, generation: number): number {
  if (isApplied(position, stream, generation)) return position.applied!.sequence
  const { staged } = position
  return staged?.stream === stream && staged.generation === generation ? staged.sequence : 0
}

/**
 * Changes may overlap what was applied, which only finds rows unchanged; they may not begin after it (changes between
 * would be lost), and not end before it (newer rows would be overwritten by older ones).
 */
function checkOrder(table: TargetTable, position: Position, segment: ChangeSegment): void {
  const fault = (detail: string) =>
    new ConnectorError('position_gap', detail, { hop: 'target', place: { table: table.name } })
  if (position.cursor === null) throw fault('no full copy has set a position')
  const cursor = JSON.parse(position.cursor) as Cursor
  if (segment.from.since > cursor.since) throw fault(`changes since ${segment.from.since}, applied to ${cursor.since}`)
  if (segment.to.since < cursor.since) throw fault(`changes up to ${segment.to.since}, applied to ${cursor.since}`)
}

function checkSegment(table: TargetTable, segment: ChangeSegment): void {
  const wanted = [OPERATION_COLUMN, ...table.columns]
  const at = wanted.findIndex(({ name, type }, i) => {
    const column = segment.columns[i]
    return column?.name !== name || column.type !== type
  })
  if (at >= 0 || segment.columns.length !== wanted.length) {
    const column = wanted[Math.max(0, at)]!.name
    throw new ConnectorError('schema_changed', `${table.name}.${column} is not so in the segment`, {
      place: { table: table.name, column },
    })
  }
  if (sha256Hex(segment.plain) !== segment.plainDigest) {
    throw new ConnectorError('digest_mismatch', `sequence ${segment.sequence}`, { hop: 'target' })
  }
}

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

async function merge(client: Client, table: TargetTable): Promise<ChangeCounts> {
  const target = quoteTable(table)
  const beside = besideOf(table)
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
