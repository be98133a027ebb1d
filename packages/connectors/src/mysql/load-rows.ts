import { quoteText } from '@huitong/policy'
import type { Applied, FullCopyOptions, FullCopyTarget, LoadSegment, Position, TargetTable } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { checkLoadSegment, checkTaken, isDue, nameBeside } from '../target-rules.ts'
import { Session } from './connect.ts'
import { toConnectorError } from './database-error.ts'
import { loadInto } from './load-into.ts'
import { type FullPosition, movePosition, readPosition } from './position.ts'
import { publish } from './publish.ts'
import type { MysqlSettings } from './settings.ts'
import { quoteTable } from './sql.ts'

/** Texts as literals of a statement. */
const orNull = (text: string | null) => (text === null ? 'NULL' : quoteText(text))

/**
 * Full copies by `LOAD DATA` into a table beside, made like the receiving one, which then takes its name. Making and
 * dropping tables commits at once here, so each holder of the token has tables of its own names: whoever was taken over
 * can neither fill nor drop nor rename what his successor fills.
 */
export class MysqlLoader implements FullCopyTarget {
  readonly #session: Session
  readonly #options: FullCopyOptions

  private constructor(session: Session, options: FullCopyOptions) {
    this.#session = session
    this.#options = options
  }

  /** Connect to the target. The table must have been made by `ensureTable`. @throws ConnectorError. */
  static async open(settings: MysqlSettings, options: FullCopyOptions): Promise<MysqlLoader> {
    return new MysqlLoader(await Session.open(settings, 'target'), options)
  }

  position(): Promise<Position> {
    return this.#guard(() => readPosition(this.#session, this.#options))
  }

  apply(segment: LoadSegment): Promise<Applied> {
    return this.#guard(async () => {
      try {
        return await this.#apply(segment)
      } catch (error) {
        await this.#stillOurs()
        throw error
      }
    })
  }

  async close(): Promise<void> {
    this.#session.close()
  }

  async #apply(segment: LoadSegment): Promise<Applied> {
    const before = await readPosition(this.#session, this.#options)
    const isNew = isDue(this.#options.table.name, before, segment)
    let position = isNew ? await this.#load(before, segment) : before
    if (position.complete && position.visible < position.generation) {
      position = await publish(this.#session, this.#options, position)
    }
    return { outcome: isNew ? 'applied' : 'skipped', position }
  }

  /** Who has taken over may change anything under us: then that is the reason, whatever the error said. @throws `fenced`. */
  async #stillOurs(): Promise<void> {
    await readPosition(this.#session, this.#options).catch((error: unknown) => {
      if (error instanceof ConnectorError && error.code === 'fenced') throw error
    })
  }

  async #load(before: FullPosition, segment: LoadSegment): Promise<FullPosition> {
    const { table, fence } = this.#options
    const { generation, sequence, rows, final } = segment
    checkLoadSegment(table, segment)
    const session = this.#session
    const isFirst = generation > before.generation
    // A table that an earlier holder filled goes on to be filled; only a new generation has a new one.
    const staging = isFirst ? nameBeside(table.name, `g${generation}_${fence}`) : before.staging!
    const beside = { schema: table.schema, name: staging }
    if (isFirst) {
      await dropAbandoned(session, table, fence)
      await session.run(`CREATE TABLE ${quoteTable(beside)} LIKE ${quoteTable(table)}`)
    }
    return session.transaction(async () => {
      // Taken first, so that two holders never wait for each other's rows.
      await readPosition(session, this.#options, true)
      checkTaken(table.name, await loadInto(session, beside, segment.columns, segment.plain), rows)
      return movePosition(
        session,
        this.#options,
        `generation = ${generation}, sequence = ${sequence}, "rows" = ${isFirst ? '' : '"rows" + '}${BigInt(rows)}, ` +
          `complete = ${final}, staging = ${quoteText(staging)}, next_cursor = ${orNull(segment.cursor ?? null)}`,
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

/** Tables of generations that this holder or earlier ones began and that never became visible, or were replaced. */
async function dropAbandoned(session: Session, table: TargetTable, fence: string): Promise<void> {
  const head = nameBeside(table.name, 'g')
  const rows = await session.rows(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = ${quoteText(table.schema)} AND left(table_name, ${[...head].length}) = ${quoteText(head)}`,
  )
  for (const { name } of rows) {
    const made = /^\d+_(\d+)(?:_old)?$/.exec(name!.slice(head.length))?.[1]
    if (made === undefined || BigInt(made) > BigInt(fence)) continue
    await session.run(`DROP TABLE IF EXISTS ${quoteTable({ schema: table.schema, name: name! })}`)
  }
}
