import { quoteText } from '@huitong/policy'
import { ConnectorError } from '../../errors.ts'
import type { Fold } from '../../log/fold.ts'
import { RowCut } from '../../log/row-cut.ts'
import type { LoggedColumn, LogRead } from '../../log/types.ts'
import { Session } from '../connect.ts'
import type { MysqlSettings } from '../settings.ts'
import { Charsets } from './charsets.ts'
import { canonicalTypeOf, type LogColumn } from './column.ts'
import type { RowsEvent } from './event.ts'
import { ImageError, RowReader } from './rows.ts'
import { decodeColumns, NoMetadataError, TYPE } from './table-map.ts'
import { REFUSED } from './values.ts'

/** MariaDB's types that the log calls bytes. */
const HIDDEN = ['uuid', 'inet4', 'inet6']
/** Canonical types whose text in a mask or a code map is the server's own, and not that of a segment. */
const NO_PLAIN_TEXT = /^(double|boolean|bytea|numeric\(20,0\))$/

/** How the log describes the table now, and what of its rows is let out. */
export class BinlogShape {
  readonly #settings: MysqlSettings
  readonly #read: LogRead
  readonly #cut: RowCut
  readonly #charsets = new Charsets()
  #known: Buffer | null = null
  #rows: RowReader | null = null

  constructor(settings: MysqlSettings, read: LogRead) {
    this.#settings = settings
    this.#read = read
    this.#cut = new RowCut(read)
  }

  /** An empty fold of rows of this shape. */
  fold(): Fold {
    return this.#cut.fold()
  }

  /**
   * Takes a description of the table; null when it is as before.
   * @throws ConnectorError `schema_changed`, `not_supported`, `binlog_off` when the log does not name the columns.
   */
  async describe(body: Buffer): Promise<readonly LoggedColumn[] | null> {
    // Its number changes whenever the server opens the table.
    const description = body.subarray(8)
    if (this.#known?.equals(description) === true) return null
    const columns = await this.#columnsOf(body)
    const needed = new Set([...this.#read.fields.map(({ field }) => field), ...this.#read.filterFields])
    this.#cut.describe(
      columns.map(({ name }) => name),
      {
        sent: (field, place) => this.#sent(field, columns[place]!),
        filtered: (place) => filtered(columns[place]!),
      },
    )
    for (const column of columns) if (needed.has(column.name)) this.#requireKnown(column)
    this.#rows = new RowReader(columns, needed, this.#settings.zeroDates ?? 'refuse')
    this.#known = Buffer.from(description)
    return columns.map((column) => ({
      name: column.name,
      canonicalType: needed.has(column.name) ? canonicalTypeOf(column) : typeOrNone(column),
    }))
  }

  /** What was known of the table counts no more. */
  forget(): void {
    this.#known = null
  }

  /** Puts the changes of an event into a fold, as far as the grant lets them out. @throws FoldError, ConnectorError. */
  *take(event: RowsEvent, fold: () => Fold): Generator<void, void, undefined> {
    try {
      for (const change of this.#rows!.changes(event)) {
        this.#cut.take(change, fold())
        yield
      }
    } catch (error) {
      if (!(error instanceof ImageError)) throw error
      const place = { table: this.#read.table.name, column: error.column, setting: 'binlog_row_image = FULL' }
      throw new ConnectorError('binlog_off', error.message, { place })
    }
  }

  async #columnsOf(body: Buffer): Promise<LogColumn[]> {
    let mapped
    try {
      mapped = decodeColumns(body)
    } catch (error) {
      if (!(error instanceof NoMetadataError)) throw error
      const place = { table: this.#read.table.name, setting: 'binlog_row_metadata = FULL' }
      throw new ConnectorError('binlog_off', error.message, { place })
    }
    const session = await Session.open(this.#settings, 'source')
    try {
      const columns: LogColumn[] = []
      for (const column of mapped) {
        const charset = column.collation === null ? null : await this.#charsetOf(session, column.collation, column.name)
        columns.push({ ...column, charset })
      }
      await this.#refuseHidden(session)
      return columns
    } finally {
      session.close()
    }
  }

  async #charsetOf(session: Session, collation: number, column: string) {
    try {
      return await this.#charsets.of(session, collation)
    } catch (error) {
      // Of a field that does not travel nobody needs it.
      if (!(error instanceof ConnectorError) || error.code !== 'not_supported') throw error
      if (!this.#read.fields.some(({ field }) => field === column) && !this.#read.filterFields.includes(column))
        return null
      throw new ConnectorError('not_supported', error.detail, { place: { table: this.#read.table.name, column } })
    }
  }

  async #refuseHidden(session: Session): Promise<void> {
    const { schema, name } = this.#read.table
    const rows = await session.rows(
      `SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = ${quoteText(schema)}
       AND table_name = ${quoteText(name)} AND data_type IN (${HIDDEN.map(quoteText).join(', ')})`,
    )
    for (const { name: column, type } of rows) {
      const isNeeded =
        this.#read.fields.some(({ field }) => field === column) || this.#read.filterFields.includes(column!)
      if (isNeeded)
        throw new ConnectorError('not_supported', `type ${type}`, { place: { table: name, column: column! } })
    }
  }

  #requireKnown(column: LogColumn): void {
    if (column.type !== TYPE.json) return
    const place = { table: this.#read.table.name, column: column.name }
    throw new ConnectorError('not_supported', 'JSON of MySQL, which the log holds in a form of its own', { place })
  }

  #sent(field: number, column: LogColumn): ((value: string) => string) | undefined {
    const { type, mask } = this.#read.fields[field]!
    const own = canonicalTypeOf(column)
    const place = { table: this.#read.table.name, column: column.name }
    const isText = type === undefined || type === 'text'
    if (isText && mask !== undefined && NO_PLAIN_TEXT.test(own) && !isBlind(mask)) {
      throw new ConnectorError('not_supported', `a mask or a code map over ${own}`, { place })
    }
    const plain = isText && own.startsWith('timestamptz') ? withoutZone : (value: string) => value
    return (value) => {
      if (!value.includes(REFUSED)) return plain(value)
      const why = value.startsWith(REFUSED) && value.length > 1 ? value.slice(1) : 'holds NUL'
      throw new ConnectorError('bad_value', why, { place })
    }
  }
}

const withoutZone = (value: string) => value.replace(/\+00$/, '')

/** Whether a mask lets out nothing of its value. */
function isBlind(mask: (value: string | null) => string | null): boolean {
  try {
    return mask('0') === mask('1')
  } catch {
    return false
  }
}

/** Values as the literals of a filter are written; the session's zone is UTC. */
function filtered(column: LogColumn): ((value: string) => string) | undefined {
  if (column.type === TYPE.bit && column.size === 1) return (value) => (value === 't' ? 'true' : 'false')
  return column.type === TYPE.timestamp2 ? withoutZone : undefined
}

/** Of a field that nobody needs any word does. */
function typeOrNone(column: LogColumn): string {
  try {
    return canonicalTypeOf(column)
  } catch {
    return 'text'
  }
}
