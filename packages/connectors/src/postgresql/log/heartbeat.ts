import type { Client } from 'pg'
import type { TableName } from '../../connector.ts'
import { ConnectorError } from '../../errors.ts'
import type { LogSlot } from '../../log/types.ts'
import { connect, hangUp } from '../connect.ts'
import type { PostgresqlSettings } from '../settings.ts'
import { canonicalTypeOf } from '../types.ts'
import type { LogColumn } from './pgoutput.ts'

const BEAT_MS = 10_000
const BEAT_SOON_MS = 200

/**
 * Beside the stream: a message of our own in the log from time to time, so that a table where nothing happens does not
 * hold the log of all others; and a look whether the publication still holds the table.
 */
export class Heartbeat {
  readonly #settings: PostgresqlSettings
  readonly #slot: LogSlot
  readonly #table: TableName
  #client: Client | null = null
  #next = 0
  #closed = false

  constructor(settings: PostgresqlSettings, slot: LogSlot, table: TableName) {
    this.#settings = settings
    this.#slot = slot
    this.#table = table
  }

  /**
   * Beats when it is time. A source that is away passes: the stream itself will say so.
   * @param soon several times a second, when a position is waited for.
   * @throws ConnectorError `log_gap` when changes of the table are no longer published.
   */
  async beat(soon: boolean): Promise<void> {
    const now = performance.now()
    if (now < this.#next && !(soon && now >= this.#next - BEAT_MS + BEAT_SOON_MS)) return
    this.#next = now + BEAT_MS
    let published: boolean
    try {
      this.#client ??= await connect(this.#settings, 'source')
      published = await this.#look(this.#client)
    } catch {
      if (this.#client !== null) hangUp(this.#client)
      this.#client = null
      return
    }
    if (this.#closed) return this.close()
    if (!published) {
      throw new ConnectorError('log_gap', `publication ${this.#slot.publication} no longer holds the table`, {
        place: { table: this.#table.name },
      })
    }
  }

  /** Canonical types of columns as the log describes them, now or then. */
  async typesOf(columns: readonly LogColumn[]): Promise<readonly string[]> {
    this.#client ??= await connect(this.#settings, 'source')
    const { rows } = await this.#client.query<{ type: string }>(
      `SELECT format_type(t, m) AS type FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS f(t, m, place) ORDER BY place`,
      [columns.map(({ type }) => type), columns.map(({ modifier }) => modifier)],
    )
    return rows.map(({ type }) => canonicalTypeOf(type))
  }

  /** Closes its connection. */
  close(): void {
    this.#closed = true
    if (this.#client !== null) hangUp(this.#client)
    this.#client = null
  }

  async #look(client: Client): Promise<boolean> {
    // Flushed at once, so that a source without other writers sends it too.
    await client.query(`SELECT pg_logical_emit_message(false, 'huitong', '')`)
    const { rows } = await client.query<{ published: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_publication p JOIN pg_publication_tables t ON t.pubname = p.pubname
         WHERE p.pubname = $1 AND t.schemaname = $2 AND t.tablename = $3
           AND p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate
           AND to_regclass(format('%I.%I', $2, $3)) = $4::oid) AS published`,
      [this.#slot.publication, this.#table.schema, this.#table.name, this.#slot.tableId],
    )
    return rows[0]!.published
  }
}
