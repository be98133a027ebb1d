import { quoteIdentifier } from '@huitong/policy'
import type { Column } from '@huitong/segment'
import type { Client } from 'pg'
import { ConnectorError } from '../errors.ts'
import { connect, hangUp, inTransaction } from './connect.ts'
import { copyIn } from './copy-in.ts'
import { toConnectorError } from './database-error.ts'
import { type FullPosition, movePosition, type Position, readPosition } from './position.ts'
import { publish, type PublishOptions } from './publish.ts'
import { quoteTable } from './read-rows.ts'
import type { PostgresqlSettings } from './settings.ts'
import { columnsSql, stagingName, type TargetTable } from './target.ts'

const LF = 0x0a

/** An opened segment of a full copy: its verified manifest's figures and its plain CSV text. */
export interface LoadSegment {
  readonly generation: number
  readonly sequence: number
  readonly final: boolean
  readonly columns: readonly Column[]
  /** Rows by the manifest, decimal text. */
  readonly rows: string
  /** Opened from its segment, which has compared it with the manifest's digest. */
  readonly plain: Uint8Array
  /** Where the cursor stands with this full copy; it is written in the transaction that makes the copy visible. */
  readonly cursor?: string | null
}

/** Settings of a loader. `fence` comes from `claimChannel`. */
export interface LoaderOptions {
  readonly channel: string
  readonly table: TargetTable
  readonly fence: string
  readonly publish?: PublishOptions
}

/** Result of applying one segment; `skipped` when it was applied before. */
export interface Applied {
  readonly outcome: 'applied' | 'skipped'
  readonly position: Position
}

/**
 * Loads full copies, generation by generation. Each segment is one transaction that also moves the channel's position
 * under the fencing token; the final one makes the generation visible. Calls must not overlap.
 */
export class Loader {
  readonly #client: Client
  readonly #options: LoaderOptions
  /** The position as this loader's last commit left it; nobody else moves it without raising the token. */
  #left: FullPosition | null = null

  private constructor(client: Client, options: LoaderOptions) {
    this.#client = client
    this.#options = options
  }

  /** Connect to the target. The table must have been made by `ensureTable`. @throws ConnectorError. */
  static async open(settings: PostgresqlSettings, options: LoaderOptions): Promise<Loader> {
    return new Loader(await connect(settings, 'target'), options)
  }

  /** Where the channel stands. @throws ConnectorError `fenced`. */
  position(): Promise<Position> {
    return this.#guard(() => this.#read())
  }

  /**
   * Apply one segment: once, however often it is called. A final segment that was applied but not yet made visible is
   * made visible.
   * @throws ConnectorError `fenced`, `stale_generation`, `sequence_gap`, `schema_changed`,
   *   `row_count_mismatch`, `bad_value`, `null_value`, `duplicate_key`, `target_busy`, …
   */
  apply(segment: LoadSegment): Promise<Applied> {
    return this.#guard(async () => {
      const known = this.#left?.generation === segment.generation ? this.#left : null
      this.#left = null
      try {
        const outcome = await this.#applyFrom(known ?? (await this.#read()), segment)
        this.#left = outcome.position
        return outcome
      } catch (error) {
        if (known !== null) await this.#stillOurs()
        throw error
      }
    })
  }

  async #applyFrom(before: FullPosition, segment: LoadSegment): Promise<Applied & { position: FullPosition }> {
    const outcome = this.#due(before, segment) ? 'applied' : 'skipped'
    let position = outcome === 'applied' ? await this.#load(before, segment) : before
    if (position.complete && position.visible < position.generation) {
      await publish(this.#client, this.#options, position)
      position = await this.#read()
    }
    return { outcome, position }
  }

  /** Who has taken over may change anything under us: then that is the reason, whatever the error said. @throws `fenced`. */
  async #stillOurs(): Promise<void> {
    await this.#read().catch((error: unknown) => {
      if (error instanceof ConnectorError && error.code === 'fenced') throw error
    })
  }

  /** Close the connection. */
  async close(): Promise<void> {
    hangUp(this.#client)
  }

  #read(): Promise<FullPosition> {
    const { channel, table, fence } = this.#options
    return readPosition(this.#client, channel, table, fence)
  }

  #due(position: Position, segment: LoadSegment): boolean {
    const place = { table: this.#options.table.name }
    const { generation, sequence } = segment
    if (generation < position.generation) {
      throw new ConnectorError('stale_generation', `${generation} after ${position.generation}`, {
        hop: 'target',
        place,
      })
    }
    const applied = generation === position.generation ? position.sequence : 0
    if (sequence <= applied) return false
    if (sequence > applied + 1) {
      throw new ConnectorError('sequence_gap', `${sequence} after ${applied}`, { hop: 'target', place })
    }
    if (generation === position.generation && position.complete) {
      throw new ConnectorError('sequence_gap', `${sequence} after the final ${applied}`, { hop: 'target', place })
    }
    return true
  }

  async #load(before: Position, segment: LoadSegment): Promise<FullPosition> {
    const { channel, table, fence } = this.#options
    // Checked before a byte is sent; the server's own count is checked before COMMIT.
    checkSegment(table, segment)
    const client = this.#client
    return inTransaction(client, 'BEGIN', async () => {
      const staging = quoteTable({ schema: table.schema, name: stagingName(table.name, segment.generation) })
      if (segment.generation > before.generation) {
        await dropAbandoned(client, table)
        await client.query(`CREATE TABLE ${staging} (${columnsSql(table)})`)
      }
      const names = segment.columns.map((column) => quoteIdentifier(column.name)).join(', ')
      const rows = await copyIn(client, `COPY ${staging} (${names}) FROM STDIN (FORMAT csv)`, segment.plain)
      if (rows !== BigInt(segment.rows)) {
        throw new ConnectorError('row_count_mismatch', `${rows} rows taken, the manifest says ${segment.rows}`, {
          hop: 'target',
          place: { table: table.name },
        })
      }
      const first = segment.generation > before.generation
      return movePosition(
        client,
        channel,
        table,
        fence,
        `generation = $3, sequence = $4, rows = ${first ? '' : 'rows + '}$5::numeric, complete = $6,
         complete_xid = CASE WHEN $6 THEN pg_current_xact_id() END, next_cursor = $7`,
        [segment.generation, segment.sequence, segment.rows, segment.final, segment.cursor ?? null],
      )
    })
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw toConnectorError(error, 'target', { table: this.#options.table.name })
    }
  }
}

function checkSegment(table: TargetTable, segment: LoadSegment): void {
  const fault = (column: string, detail: string) =>
    new ConnectorError('schema_changed', `${table.name}.${column} ${detail}`, {
      place: { table: table.name, column },
    })
  for (const { name, type } of segment.columns) {
    const wanted = table.columns.find((column) => column.name === name)
    if (wanted === undefined) throw fault(name, 'is not in the receiving table')
    if (wanted.type !== type) throw fault(name, `is ${type}, the receiving table has ${wanted.type}`)
  }
  const missing = table.columns.find((column) => !segment.columns.some(({ name }) => name === column.name))
  if (missing !== undefined) throw fault(missing.name, 'is not in the segment')
  // COPY takes a last line without its end as a row, which would hide a cut inside the last field.
  if (segment.plain.length > 0 && segment.plain.at(-1) !== LF) {
    throw new ConnectorError('row_count_mismatch', 'the text does not end at the end of a row', { hop: 'target' })
  }
}

/** Staging tables of generations that never became visible; the visible one is a partition and is not touched. */
async function dropAbandoned(client: Client, table: TargetTable): Promise<void> {
  const pattern = stagingName(table.name, 0).replace(/0$/, '')
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind = 'r' AND NOT c.relispartition
       AND starts_with(c.relname, $2) AND substr(c.relname, length($2) + 1) ~ '^[0-9]+$'`,
    [table.schema, pattern],
  )
  for (const { name } of rows) await client.query(`DROP TABLE ${quoteTable({ schema: table.schema, name })}`)
}
