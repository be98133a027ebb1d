import { ConnectorError, type RowStream } from '@huitong/connectors'
import { type ReadInput, REJECT_BOXES_MAX, REJECTS_INFO, type Reject, type Rejected } from '@huitong/contract/work'
import { encodeBox, type RowChunk, sealBox } from '@huitong/segment'
import type { WorkContext } from './context.ts'
import { cut, NAME_CHARACTERS_MAX } from './shape.ts'

/** What is kept of a record, in characters; of the rest it is only said that it was longer. */
const RAW_CHARACTERS_MAX = 4_000
/** What is kept of all of them; later ones are counted and named without their content. */
const RAW_CHARACTERS_ALL_MAX = 6 * 1024 * 1024
/** JSON lines of one box, which takes 64 KiB. */
const BOX_BYTES = 60_000
const COUNT_MAX = 1_000
const PERCENT_MAX = 20

/** The records of one reading that are set aside, up to the ceiling of their source. */
export class Rejects {
  readonly #file: string
  readonly #countMax: number
  readonly #percentMax: number
  readonly #kept: Reject[] = []
  #characters = 0

  private constructor(file: string, countMax: number, percentMax: number) {
    this.#file = file
    this.#countMax = countMax
    this.#percentMax = percentMax
  }

  /** Null where the first bad record ends the reading. */
  static of({ source: { settings }, table }: ReadInput): Rejects | null {
    if (settings['badRecords'] !== 'aside') return null
    const limit = (name: string, usual: number) => Number(settings[name] ?? usual)
    return new Rejects(table.name, limit('badRecordsMax', COUNT_MAX), limit('badRecordsPercent', PERCENT_MAX))
  }

  get rows(): number {
    return this.#kept.length
  }

  /** @throws ConnectorError `too_many_bad` for one more than may be set aside. */
  readonly add = (error: ConnectorError, raw: string): void => {
    const { line, column } = error.place
    if (this.rows >= this.#countMax) throw this.#tooMany(`${this.#countMax}`, line)
    const room = Math.min(RAW_CHARACTERS_MAX, Math.max(0, RAW_CHARACTERS_ALL_MAX - this.#characters))
    const kept = raw.slice(0, room).toWellFormed().replaceAll('\0', '\uFFFD')
    this.#characters += kept.length
    this.#kept.push({
      file: cut(this.#file, NAME_CHARACTERS_MAX)!,
      line: line ?? null,
      column: cut(column ?? null, NAME_CHARACTERS_MAX),
      reason: reasonOf(error),
      raw: kept,
      cut: kept.length < raw.length,
    })
  }

  /** The file was read to its end. @throws ConnectorError `too_many_bad` when the share is above the ceiling. */
  end(goodRows: bigint): void {
    const all = goodRows + BigInt(this.rows)
    if (BigInt(this.rows) * 100n > all * BigInt(this.#percentMax)) throw this.#tooMany(`${this.#percentMax} %`)
  }

  /** All of them, sealed to the platform. */
  async seal({ stream, generation }: ReadInput, publicKey: string): Promise<Rejected> {
    const boxes: Rejected['boxes'][number][] = []
    for (const { first, rows, text } of packed(this.#kept)) {
      const aad = `${stream}/${generation}/${first}`
      const box = await sealBox(publicKey, Buffer.from(text), { info: REJECTS_INFO, aad })
      boxes.push({ first, rows, box: encodeBox(box) })
    }
    if (boxes.length > REJECT_BOXES_MAX) throw this.#tooMany(`${REJECT_BOXES_MAX} boxes`)
    return { rows: String(this.rows), boxes }
  }

  #tooMany(limit: string, line?: number): ConnectorError {
    const place = { file: this.#file, ...(line === undefined ? {} : { line }) }
    return new ConnectorError('too_many_bad', `over ${limit}`, { place })
  }
}

function* packed(rejects: readonly Reject[]): Generator<{ first: number; rows: number; text: string }> {
  let lines: string[] = []
  let bytes = 0
  let first = 0
  const pack = () => ({ first, rows: lines.length, text: lines.join('') })
  for (const [at, reject] of rejects.entries()) {
    const line = `${JSON.stringify(reject)}\n`
    const size = Buffer.byteLength(line)
    if (lines.length > 0 && bytes + size > BOX_BYTES) {
      yield pack()
      lines = []
      bytes = 0
      first = at
    }
    lines.push(line)
    bytes += size
  }
  if (lines.length > 0) yield pack()
}

const TYPES: Readonly<Record<string, string>> = {
  smallint: '整数',
  integer: '整数',
  bigint: '整数',
  numeric: '数值',
  double: '数值',
  boolean: '是或否',
  date: '日期',
  time: '时间',
  timestamp: '日期时间',
}

/** Why a record is bad, in both languages; errors of connectors quote no data. */
function reasonOf({ code, detail }: ConnectorError): Reject['reason'] {
  const type = /^not a (\w+)$/.exec(detail)?.[1]
  if (code === 'bad_value' && type !== undefined)
    return { zh: `不是${TYPES[type] ?? type}`, en: `Not a value of the type ${type}` }
  const width = /^(\d+) fields, the header has (\d+)$/.exec(detail)
  if (width !== null)
    return {
      zh: `有 ${width[1]} 个字段，表头为 ${width[2]} 个`,
      en: `${width[1]} fields, where the header has ${width[2]}`,
    }
  const { words } = new ConnectorError(code, detail)
  return { zh: `${words.zh}：${detail}`, en: `${words.en}: ${detail}` }
}

type Rejecting = RowStream & { readonly rejects: Rejects }

/** Rows whose end is judged by how many records were set aside. */
export function withRejects(rows: RowStream, rejects: Rejects | null): RowStream {
  if (rejects === null) return rows
  async function* all(): AsyncGenerator<RowChunk, void, undefined> {
    yield* rows
    rejects!.end(rows.rows)
  }
  const stream: Rejecting = {
    columns: rows.columns,
    source: rows.source,
    rejects,
    get rows() {
      return rows.rows
    },
    close: () => rows.close(),
    [Symbol.asyncIterator]: all,
  }
  return stream
}

/** What the result of a reading says of records that were set aside: nothing where there are none. */
export async function rejectedOf(
  rows: RowStream,
  input: ReadInput,
  { identity }: Pick<WorkContext, 'identity'>,
): Promise<{ rejected?: Rejected }> {
  const rejects = 'rejects' in rows ? (rows as Rejecting).rejects : null
  if (rejects === null || rejects.rows === 0) return {}
  return { rejected: await rejects.seal(input, identity.platform.sealingKey) }
}
