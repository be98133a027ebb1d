import { quoteIdentifier } from '@huitong/policy'
import type { Client } from 'pg'
import type { Applied, FullCopyOptions, FullCopyTarget, LoadSegment, Position, TargetTable } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { checkLoadSegment, checkTaken, isDue, stagingName } from '../target-rules.ts'
import { connect, hangUp, inTransaction } from './connect.ts'
import { copyIn } from './copy-in.ts'
import { toConnectorError } from './database-error.ts'
import { type FullPosition, movePosition, readPosition } from './position.ts'
import { publish } from './publish.ts'
import { quoteTable } from './read-rows.ts'
import type { PostgresqlSettings } from './settings.ts'
import { columnsSql } from './target.ts'

/** Full copies by COPY into a plain table that becomes the receiving table's partition. */
export class Loader implements FullCopyTarget {
  readonly #client: Client
  readonly #options: FullCopyOptions
  /** The position as this loader's last commit left it; nobody else moves it without raising the token. */
  #left: FullPosition | null = null

  private constructor(client: Client, options: FullCopyOptions) {
    this.#client = client
    this.#options = options
  }

  /** Connect to the target. The table must have been made by `ensureTable`. @throws ConnectorError. */
  static async open(settings: PostgresqlSettings, options: FullCopyOptions): Promise<Loader> {
    return new Loader(await connect(settings, 'target'), options)
  }

  position(): Promise<Position> {
    return this.#guard(() => this.#read())
  }

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
    const outcome = isDue(this.#options.table.name, before, segment) ? 'applied' : 'skipped'
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

  async close(): Promise<void> {
    hangUp(this.#client)
  }

  #read(): Promise<FullPosition> {
    const { channel, table, fence } = this.#options
    return readPosition(this.#client, channel, table, fence)
  }

  async #load(before: Position, segment: LoadSegment): Promise<FullPosition> {
    const { channel, table, fence } = this.#options
    // Checked before a byte is sent; the server's own count is checked before COMMIT.
    checkLoadSegment(table, segment)
    const client = this.#client
    return inTransaction(client, 'BEGIN', async () => {
      const staging = quoteTable({ schema: table.schema, name: stagingName(table.name, segment.generation) })
      if (segment.generation > before.generation) {
        await dropAbandoned(client, table)
        await client.query(`CREATE TABLE ${staging} (${columnsSql(table)})`)
      }
      const names = segment.columns.map((column) => quoteIdentifier(column.name)).join(', ')
      const rows = await copyIn(client, `COPY ${staging} (${names}) FROM STDIN (FORMAT csv)`, segment.plain)
      checkTaken(table.name, rows, segment.rows)
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
