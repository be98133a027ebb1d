import { isUtf8 } from 'node:buffer'
import { quoteText } from '@huitong/policy'
import { ConnectorError } from '../../errors.ts'
import type { Session } from '../connect.ts'

/** Bytes of a column's character set as text; null for bytes that are no character of it, or one that Unicode has not. */
export type Decode = (bytes: Buffer) => string | null

/** A character set, and bytes of its longest character. */
export interface Charset {
  readonly name: string
  readonly bytesMax: number
  readonly decode: Decode
}

const UTF8: ReadonlySet<string> = new Set(['utf8', 'utf8mb3', 'utf8mb4'])
/** First byte from which a character may have two. */
const LEAD_FROM = 0x80

/** The character sets of a server, learnt from itself: what its own conversion gives is what a copy has. */
export class Charsets {
  readonly #byCollation = new Map<number, Charset>()
  readonly #byName = new Map<string, Charset>()

  /** @throws ConnectorError `not_supported` for a set of three or more bytes that is no Unicode. */
  async of(session: Session, collation: number): Promise<Charset> {
    const known = this.#byCollation.get(collation)
    if (known !== undefined) return known
    const { name, bytesMax } = await nameOf(session, collation)
    const charset = this.#byName.get(name) ?? { name, bytesMax, decode: await decoderOf(session, name, bytesMax) }
    this.#byName.set(name, charset)
    this.#byCollation.set(collation, charset)
    return charset
  }
}

async function nameOf(session: Session, collation: number): Promise<{ name: string; bytesMax: number }> {
  const applied = `SELECT s.character_set_name AS name, cast(s.maxlen as char) AS bytes
    FROM information_schema.character_sets s JOIN`
  const on = `ON c.character_set_name = s.character_set_name WHERE c.id = ${collation}`
  // Newer MariaDB has collations that serve several sets; they have their numbers there only.
  const rows = await session
    .rows(`${applied} information_schema.collation_character_set_applicability c ${on}`)
    .catch(() => session.rows(`${applied} information_schema.collations c ${on}`))
  const [row] = rows
  if (row === undefined) throw new ConnectorError('not_supported', `collation ${collation}`)
  return { name: row['name']!.toLowerCase(), bytesMax: Number(row['bytes']) }
}

async function decoderOf(session: Session, name: string, bytesMax: number): Promise<Decode> {
  if (UTF8.has(name)) return (bytes) => (isUtf8(bytes) ? bytes.toString() : null)
  if (name === 'utf16') return wide(2, (bytes, at) => bytes.readUInt16BE(at), true)
  if (name === 'utf16le') return wide(2, (bytes, at) => bytes.readUInt16LE(at), true)
  if (name === 'ucs2') return wide(2, (bytes, at) => bytes.readUInt16BE(at), false)
  if (name === 'utf32') return wide(4, (bytes, at) => bytes.readUInt32BE(at), false)
  if (bytesMax > 2) throw new ConnectorError('not_supported', `character set ${name}`)
  const single = await tableOf(session, name, 1)
  return bytewise(single, bytesMax === 1 ? null : await tableOf(session, name, 2))
}

/** Units of a fixed width; halves of a character are none. */
function wide(width: 2 | 4, unitAt: (bytes: Buffer, at: number) => number, hasPairs: boolean): Decode {
  return (bytes) => {
    if (bytes.length % width !== 0) return null
    let text = ''
    for (let at = 0; at < bytes.length; at += width) {
      const unit = unitAt(bytes, at)
      if (unit > 0x10ffff || (!hasPairs && unit >= 0xd800 && unit <= 0xdfff)) return null
      text += hasPairs ? String.fromCharCode(unit) : String.fromCodePoint(unit)
    }
    return text.isWellFormed() ? text : null
  }
}

function bytewise(single: readonly (string | null)[], double: readonly (string | null)[] | null): Decode {
  return (bytes) => {
    let text = ''
    for (let at = 0; at < bytes.length; at++) {
      const first = bytes[at]!
      let found = single[first] ?? null
      if (found === null && double !== null && at + 1 < bytes.length) {
        found = double[((first - LEAD_FROM) << 8) | bytes[++at]!] ?? null
      }
      if (found === null) return null
      text += found
    }
    return text
  }
}

/** What the server makes of every one or every two bytes; it writes a question mark for what is no character. */
async function tableOf(session: Session, name: string, bytes: 1 | 2): Promise<(string | null)[]> {
  const digits = Array.from({ length: 16 }, (_, i) => `SELECT ${i} AS n`).join(' UNION ALL ')
  const byte = `(SELECT a.n * 16 + b.n AS n FROM (${digits}) a CROSS JOIN (${digits}) b)`
  const number = bytes === 1 ? 'x.n' : 'x.n * 256 + y.n'
  const from = bytes === 1 ? `${byte} x` : `${byte} x CROSS JOIN ${byte} y WHERE x.n >= ${LEAD_FROM}`
  const code = `unhex(lpad(hex(${number}), ${2 * bytes}, '0'))`
  const charset = /^\w+$/.exec(name)?.[0] ?? 'latin1'
  const rows = await session.rows(
    `SELECT cast(${number} as char) AS code, convert(convert(${code} using ${charset}) using utf8mb4) AS text FROM ${from}`,
  )
  const table: (string | null)[] = Array.from({ length: bytes === 1 ? 256 : LEAD_FROM << 8 }, () => null)
  for (const { code: at, text } of rows) {
    const number = Number(at)
    const isNone =
      text == null || (bytes === 1 ? text === '?' && number !== 0x3f : [...text].length !== 1 || text === '?')
    if (!isNone) table[bytes === 1 ? number : number - (LEAD_FROM << 8)] = text
  }
  if (rows.length !== table.length) throw new ConnectorError('database_error', `character set ${quoteText(name)}`)
  return table
}
