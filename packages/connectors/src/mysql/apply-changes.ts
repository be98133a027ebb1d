import { quoteIdentifier, quoteText } from '@huitong/policy'
import { OPERATION_COLUMN } from '@huitong/segment'
import type { TableName } from '../connector.ts'
import type {
  AppliedChanges,
  ChangeCounts,
  ChangeOptions,
  ChangeSegment,
  ChangeTarget,
  Position,
  Staged,
  TargetTable,
} from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { checkChangeSegment, checkTaken, isApplied, isNextChange, nameBeside, placeOf } from '../target-rules.ts'
import { Session } from './connect.ts'
import { toConnectorError } from './database-error.ts'
import { loadInto } from './load-into.ts'
import { writeRows } from './merge.ts'
import { movePosition, readPosition } from './position.ts'
import type { MysqlSettings } from './settings.ts'
import { quoteTable } from './sql.ts'
import { columnsSql, exactCollation } from './target.ts'

/** Where changes are gathered: the table has a name of its holder's own, because making it commits at once. */
type Gathered = Staged & { readonly table: string }

/** Changes gathered in a plain table beside the receiving one. */
export class MysqlChanges implements ChangeTarget {
  readonly #session: Session
  readonly #options: ChangeOptions

  private constructor(session: Session, options: ChangeOptions) {
    this.#session = session
    this.#options = options
  }

  /** Connect to the target. @throws ConnectorError. */
  static async open(settings: MysqlSettings, options: ChangeOptions): Promise<MysqlChanges> {
    return new MysqlChanges(await Session.open(settings, 'target'), options)
  }

  async reached(generation: number): Promise<number> {
    return placeOf(await this.position(), this.#options.stream, generation)
  }

  position(): Promise<Position> {
    return this.#guard(() => readPosition(this.#session, this.#options))
  }

  take(segment: ChangeSegment): Promise<AppliedChanges | null> {
    return this.#guard(async () => {
      const { table, stream } = this.#options
      const position = await readPosition(this.#session, this.#options)
      if (isApplied(position, stream, segment.generation)) return position.applied
      if (isNextChange(table.name, position, stream, segment)) await this.#gather(position, segment)
      return segment.final ? this.#apply(segment) : null
    })
  }

  async close(): Promise<void> {
    this.#session.close()
  }

  async #gather(position: Position, segment: ChangeSegment): Promise<void> {
    const { table, fence, stream } = this.#options
    const { generation, sequence, final } = segment
    checkChangeSegment(table, segment)
    const session = this.#session
    const isFirst = sequence === 1
    const name = isFirst ? nameBeside(table.name, `changes_${fence}`) : (position.staged as Gathered).table
    const beside = { schema: table.schema, name }
    if (isFirst) {
      await dropGathered(session, table, fence)
      await makeBeside(session, table, beside)
    }
    await session.transaction(async () => {
      await readPosition(session, this.#options, true)
      const columns = [OPERATION_COLUMN, ...table.columns]
      checkTaken(table.name, await loadInto(session, beside, columns, segment.plain), segment.rows)
      const rows = (BigInt(isFirst ? '0' : position.staged!.rows) + BigInt(segment.rows)).toString()
      const staged: Gathered = { stream, generation, sequence, complete: final, rows, table: name }
      await movePosition(session, this.#options, `staged = ${quoteText(JSON.stringify(staged))}`)
    })
  }

  async #apply(segment: ChangeSegment): Promise<AppliedChanges> {
    const { table, stream } = this.#options
    const { generation, sequence } = segment
    const session = this.#session
    const { beside, applied } = await session.transaction(async () => {
      const position = await readPosition(session, this.#options, true)
      const staged = position.staged as Gathered
      const beside = quoteTable({ schema: table.schema, name: staged.table })
      const counts = await mergeChanges(session, table, beside)
      const done = Object.values(counts).reduce((sum, count) => sum + BigInt(count), 0n)
      if (done !== BigInt(staged.rows)) {
        throw new ConnectorError('row_count_mismatch', `${done} rows applied of ${staged.rows}`, {
          hop: 'target',
          place: { table: table.name },
        })
      }
      const applied = { stream, generation, sequence, counts }
      await movePosition(
        session,
        this.#options,
        `"cursor" = ${quoteText(JSON.stringify(segment.to))}, "rows" = "rows" + ${counts.inserted} - ${counts.deleted}, ` +
          `staged = NULL, applied = ${quoteText(JSON.stringify(applied))}`,
      )
      return { beside, applied }
    })
    // Whoever is killed before this leaves a table that the next changes drop.
    await session.run(`DROP TABLE IF EXISTS ${beside}`)
    return applied
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw toConnectorError(error, 'target', { table: this.#options.table.name })
    }
  }
}

/** Tables of changes that this holder or earlier ones gathered and did not apply. */
async function dropGathered(session: Session, table: TargetTable, fence: string): Promise<void> {
  const head = nameBeside(table.name, 'changes_')
  const rows = await session.rows(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = ${quoteText(table.schema)} AND left(table_name, ${[...head].length}) = ${quoteText(head)}`,
  )
  for (const { name } of rows) {
    const made = name!.slice(head.length)
    if (!/^\d+$/.test(made) || BigInt(made) > BigInt(fence)) continue
    await session.run(`DROP TABLE IF EXISTS ${quoteTable({ schema: table.schema, name: name! })}`)
  }
}

/** Everything but key and operation may be NULL here: of a row that is gone only the key came. */
async function makeBeside(session: Session, table: TargetTable, beside: TableName): Promise<void> {
  const columns = [`${quoteIdentifier(OPERATION_COLUMN.name)} char(1) NOT NULL`, ...columnsSql(table, true)]
  // A key that occurs twice is found before anything is changed.
  const primary = `PRIMARY KEY (${table.key.map(quoteIdentifier).join(', ')})`
  await session.run(
    `CREATE TABLE ${quoteTable(beside)} (${columns.join(', ')}, ${primary}) ENGINE = InnoDB ` +
      `DEFAULT CHARACTER SET utf8mb4 COLLATE ${await exactCollation(session)}`,
  )
}

/** Brings what a table beside holds into the receiving table, in the caller’s transaction. */
export async function mergeChanges(session: Session, table: TargetTable, beside: string): Promise<ChangeCounts> {
  const operation = `c.${quoteIdentifier(OPERATION_COLUMN.name)}`
  const sameKey = table.key.map((name) => `t.${quoteIdentifier(name)} = c.${quoteIdentifier(name)}`).join(' AND ')
  const [counted] = await session.rows(`SELECT count(*) AS n FROM ${beside} c WHERE ${operation} = 'D'`)
  const { rows: deleted } = await session.run(
    `DELETE t FROM ${quoteTable(table)} t JOIN ${beside} c ON ${sameKey} WHERE ${operation} = 'D'`,
  )
  const written = await writeRows(session, table, beside, `${operation} <> 'D'`)
  return {
    inserted: written.inserted.toString(),
    updated: written.updated.toString(),
    deleted: deleted.toString(),
    unchanged: written.unchanged.toString(),
    absent: (BigInt(counted!['n']!) - deleted).toString(),
  }
}
