import { quoteIdentifier, quoteText } from '@huitong/policy'
import {
  type Column,
  csvLine,
  FROM_COLUMN,
  mysqlTypes,
  OPERATION_COLUMN,
  parseCsvRows,
  SAME_COLUMN,
} from '@huitong/segment'
import type { ChangeCounts, Position, TargetTable } from '../../database.ts'
import type { ConnectorError } from '../../errors.ts'
import {
  appliedOf,
  checkDone,
  checkLogSegment,
  cursorOf,
  isKnown,
  isPart,
  later,
  logFault,
  NOTHING,
  rebased,
  sameColumns,
  sumCounts,
} from '../../log/loading.ts'
import type { LogLoader, LogLoaderOptions, LogSegment } from '../../log/types.ts'
import { mergeChanges } from '../apply-changes.ts'
import { Session } from '../connect.ts'
import { toConnectorError } from '../database-error.ts'
import { loadInto } from '../load-into.ts'
import { movePosition, readPosition } from '../position.ts'
import type { MysqlSettings } from '../settings.ts'
import { quoteTable } from '../sql.ts'
import { columnsSql, exactCollation } from '../target.ts'

const BESIDE = '_huitong_log'
const MOVED = '_huitong_log_moved'
/** The pieces of one large transaction come over the network while ours is open. */
const IDLE_IN_TRANSACTION_S = 600
const IDLE_S = 28_800
const SAME = quoteIdentifier(SAME_COLUMN.name)
const NEW_KEY = 'n'
const OLD_KEY = 'o'

/** Loads the log of one table. */
export class MysqlLogLoader implements LogLoader {
  readonly #session: Session
  readonly #options: LogLoaderOptions
  /** Null outside of a transaction. */
  #open: { position: Position; counts: ChangeCounts; last: LogSegment | null } | null = null
  #position: Position | null = null

  private constructor(session: Session, options: LogLoaderOptions) {
    this.#session = session
    this.#options = options
  }

  /** Connect to the target. @throws ConnectorError. */
  static async open(settings: MysqlSettings, options: LogLoaderOptions): Promise<MysqlLogLoader> {
    const session = await Session.open(settings, 'target')
    try {
      await makeBeside(session, options.table)
      const word = rebased(await readPosition(session, options), options)
      if (word !== null) {
        const set = `"cursor" = ${quoteText(word.cursor)}, applied = ${quoteText(word.applied)}`
        await session.transaction(() => movePosition(session, options, set))
      }
      return new MysqlLogLoader(session, options)
    } catch (error) {
      session.close()
      throw toConnectorError(error, 'target', { table: options.table.name })
    }
  }

  position(): Promise<Position> {
    return this.#guard(async () => (this.#position ??= await readPosition(this.#session, this.#options)))
  }

  async reached(generation: number): Promise<number> {
    const { applied } = await this.position()
    return applied?.stream === this.#options.stream && applied.generation === generation ? applied.sequence : 0
  }

  get isInside(): boolean {
    return isPart(this.#open?.last ?? null)
  }

  get isOpen(): boolean {
    return this.#open !== null
  }

  merge(segment: LogSegment): Promise<void> {
    return this.#guard(async () => {
      const { table } = this.#options
      checkLogSegment(table, segment)
      const position = await this.position()
      const cursor = cursorOf(position, table)
      const taken = later(cursor, this.#open?.last?.to)
      if (segment.from.since > taken.since) {
        throw this.#fault('position_gap', `changes since ${segment.from.since}, applied to ${taken.since}`)
      }
      this.#open ??= await this.#begin(position)
      if (!isKnown(segment, cursor)) await this.#take(segment)
      this.#open.last = segment
    })
  }

  commit(): Promise<Position> {
    return this.#guard(async () => {
      const { table, stream } = this.#options
      const { position, counts, last } = this.#open!
      const reached = JSON.stringify(later(cursorOf(position, table), last!.to))
      const applied = JSON.stringify(appliedOf(position, stream, last!, counts))
      const moved = await movePosition(
        this.#session,
        this.#options,
        `"cursor" = ${quoteText(reached)}, "rows" = "rows" + ${counts.inserted} - ${counts.deleted}, ` +
          `staged = NULL, applied = ${quoteText(applied)}`,
      )
      await this.#session.run('COMMIT')
      await this.#session.run(`SET SESSION wait_timeout = ${IDLE_S}`)
      this.#open = null
      this.#position = moved
      return moved
    })
  }

  drop(): Promise<void> {
    return this.#guard(async () => {
      if (this.#open !== null) await this.#session.run('ROLLBACK')
      this.#open = null
    })
  }

  async close(): Promise<void> {
    this.#session.close()
  }

  async #begin(position: Position) {
    await this.#session.run(`SET SESSION wait_timeout = ${IDLE_IN_TRANSACTION_S}`)
    await this.#session.run('START TRANSACTION')
    return { position, counts: NOTHING, last: null }
  }

  async #take(segment: LogSegment): Promise<void> {
    const { table } = this.#options
    const open = this.#open!
    const session = this.#session
    if (segment.truncates) {
      const { rows } = await session.run(`DELETE FROM ${quoteTable(table)}`)
      open.counts = sumCounts(open.counts, { ...NOTHING, deleted: rows.toString() })
    }
    if (segment.rows === '0') return
    const beside = { schema: table.schema, name: BESIDE }
    await session.run(`DELETE FROM ${quoteTable(beside)}`)
    const rows = await loadInto(session, beside, segment.columns, segment.plain)
    if (rows !== BigInt(segment.rows)) {
      throw this.#fault('row_count_mismatch', `${rows} rows taken, the manifest says ${segment.rows}`)
    }
    await this.#fill(segment)
    const counts = await mergeChanges(session, table, quoteTable(beside))
    checkDone(table, counts, segment.rows)
    open.counts = sumCounts(open.counts, counts)
  }

  /** Fields that the log left out because they did not change are those of the row that is here. */
  async #fill(segment: LogSegment): Promise<void> {
    const { table } = this.#options
    const session = this.#session
    const { csv, words } = movedRows(table, segment)
    if (words.size === 0) return
    const moved = { schema: table.schema, name: MOVED }
    const beside = quoteTable({ schema: table.schema, name: BESIDE })
    await session.run(`DELETE FROM ${quoteTable(moved)}`)
    await loadInto(session, moved, movedColumns(table), csv)
    const sameKey = (left: string, prefix: string) =>
      table.key.map((name, i) => `${left}.${quoteIdentifier(name)} = m.${prefix}${i}`).join(' AND ')
    for (const same of words) {
      const set = sameColumns(table, same).map(({ name }) => `c.${quoteIdentifier(name)} = t.${quoteIdentifier(name)}`)
      await session.run(
        `UPDATE ${beside} c JOIN ${quoteTable(moved)} m ON ${sameKey('c', NEW_KEY)} JOIN ${quoteTable(table)} t
           ON ${sameKey('t', OLD_KEY)} SET ${[...set, `c.${SAME} = NULL`].join(', ')} WHERE c.${SAME} = ${quoteText(same)}`,
      )
    }
    const [left] = await session.rows(`SELECT count(*) AS n FROM ${beside} WHERE ${SAME} IS NOT NULL`)
    if (left!['n'] !== '0') throw this.#fault('log_value', 'a row that was changed in part is not there')
  }

  #fault(code: 'position_gap' | 'row_count_mismatch' | 'log_value', detail: string): ConnectorError {
    return logFault(this.#options.table, code, detail)
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw toConnectorError(error, 'target', { table: this.#options.table.name })
    }
  }
}

/** The key that a row has, and the key of the row that knows its other fields. */
const movedColumns = (table: TargetTable): Column[] =>
  [NEW_KEY, OLD_KEY].flatMap((prefix) =>
    table.key.map((name, i) => ({
      name: `${prefix}${i}`,
      type: table.columns.find((column) => column.name === name)!.type,
    })),
  )

/** Of the rows that came in part: their keys as CSV, and which fields were left out. */
function movedRows(table: TargetTable, { plain }: LogSegment): { csv: Buffer; words: ReadonlySet<string> } {
  const keyAt = table.key.map((name) => 3 + table.columns.findIndex((column) => column.name === name))
  const words = new Set<string>()
  const lines: string[] = []
  for (const row of parseCsvRows(plain)) {
    const text = (at: number) => (row[at] == null ? null : Buffer.from(row[at]).toString())
    const same = text(1)
    if (same === null) continue
    words.add(same)
    const key = keyAt.map(text)
    const from = text(2)
    lines.push(csvLine([...key, ...(from === null ? key : (JSON.parse(from) as string[]))]))
  }
  return { csv: Buffer.from(lines.join('')), words }
}

/** Tables of this connection alone; making them does not end a transaction, and they end with it. */
async function makeBeside(session: Session, table: TargetTable): Promise<void> {
  const collation = await exactCollation(session)
  const make = (name: string, columns: readonly string[], key: readonly string[]) =>
    session.run(
      `CREATE TEMPORARY TABLE ${quoteTable({ schema: table.schema, name })} (${columns.join(', ')},
         PRIMARY KEY (${key.join(', ')})) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`,
    )
  const ours = [
    `${quoteIdentifier(OPERATION_COLUMN.name)} char(1) NOT NULL`,
    `${SAME} longtext NULL`,
    `${quoteIdentifier(FROM_COLUMN.name)} longtext NULL`,
  ]
  await make(BESIDE, [...ours, ...columnsSql(table, true)], table.key.map(quoteIdentifier))
  const types = mysqlTypes(table.columns, table.key)
  const typed = [NEW_KEY, OLD_KEY].flatMap((prefix) =>
    table.key.map((name, i) => `${prefix}${i} ${types[table.columns.findIndex((one) => one.name === name)]} NOT NULL`),
  )
  await make(
    MOVED,
    typed,
    table.key.map((_name, i) => `${NEW_KEY}${i}`),
  )
}
