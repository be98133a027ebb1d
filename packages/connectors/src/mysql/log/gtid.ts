import { BinlogFormatError, Bytes } from './bytes.ts'
import { type BinlogEvent, EVENT } from './event.ts'

/** Which transactions of a history there were: each server that has them goes on from here. */
export interface GtidPlace {
  /** In the server's own words. */
  readonly text: string
  /** Grows with every transaction, and is the same on every server of the history. */
  readonly count: bigint
  /** Takes one more. @throws GtidOrderError when it was there before. */
  add(gtid: Gtid): void
}

/** A transaction's own number. */
export interface Gtid {
  /** The history that it belongs to: MariaDB's domain, or MySQL's server. */
  readonly source: string
  readonly server: string
  readonly number: bigint
  /** The group is one statement, which commits by itself; null where only its first statement tells. */
  readonly isAlone: boolean | null
}

/** Numbers do not go up: the source writes them in no order that can be followed. */
export class GtidOrderError extends Error {}

const STANDALONE = 1

/** The number of the transaction that begins, null for other events. @throws BinlogFormatError. */
export function decodeGtid({ type, body, serverId }: BinlogEvent): Gtid | null {
  const bytes = new Bytes(body)
  if (type === EVENT.mariadbGtid) {
    const number = bytes.uint64()
    const source = String(bytes.uint(4))
    const isAlone = (bytes.uint(1) & STANDALONE) !== 0
    return { source, server: String(serverId), number, isAlone }
  }
  if (type !== EVENT.gtid) return null
  bytes.skip(1)
  const id = bytes.take(16).toString('hex')
  const source = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return { source, server: source, number: bytes.int64(), isAlone: null }
}

/** Reads a place. @throws BinlogFormatError. */
export function parsePlace(flavour: 'mariadb' | 'mysql', text: string): GtidPlace {
  return flavour === 'mariadb' ? new MariadbPlace(text) : new MysqlPlace(text)
}

/** Of each domain the last transaction. Numbers go up within a domain, so that their sum does too. */
class MariadbPlace implements GtidPlace {
  readonly #last = new Map<string, { server: string; number: bigint }>()
  #count = 0n

  constructor(text: string) {
    for (const one of text.split(',').filter((part) => part.trim() !== '')) {
      const found = /^\s*(\d{1,10})-(\d{1,10})-(\d{1,20})\s*$/.exec(one)
      if (found === null) throw new BinlogFormatError('not a GTID position')
      const [, source, server, number] = found as unknown as [string, string, string, string]
      this.add({ source, server, number: BigInt(number), isAlone: false })
    }
  }

  get text(): string {
    const parts = [...this.#last].sort(([a], [b]) => Number(a) - Number(b))
    return parts.map(([source, { server, number }]) => `${source}-${server}-${number}`).join(',')
  }

  get count(): bigint {
    return this.#count
  }

  add({ source, server, number }: Gtid): void {
    const before = this.#last.get(source)?.number ?? 0n
    if (number <= before) throw new GtidOrderError(`${source}-${server}-${number} after number ${before}`)
    this.#count += number - before
    this.#last.set(source, { server, number })
  }
}

/** Of each server the intervals of its transactions. */
class MysqlPlace implements GtidPlace {
  /** First and last, ascending, never touching. */
  readonly #sets = new Map<string, [bigint, bigint][]>()
  #count = 0n

  constructor(text: string) {
    for (const one of text.split(',').filter((part) => part.trim() !== '')) {
      const [id = '', ...intervals] = one.trim().split(':')
      if (!/^[0-9a-f-]{36}$/i.test(id)) throw new BinlogFormatError('not a GTID set')
      const set = intervals.map((interval): [bigint, bigint] => {
        const found = /^(\d{1,19})(?:-(\d{1,19}))?$/.exec(interval)
        if (found === null) throw new BinlogFormatError('a GTID set with tags')
        return [BigInt(found[1]!), BigInt(found[2] ?? found[1]!)]
      })
      this.#sets.set(id.toLowerCase(), set)
      for (const [first, last] of set) this.#count += last - first + 1n
    }
  }

  get text(): string {
    const parts = [...this.#sets].sort(([a], [b]) => (a < b ? -1 : 1))
    const shown = ([first, last]: [bigint, bigint]) => (first === last ? String(first) : `${first}-${last}`)
    return parts.map(([id, set]) => `${id}:${set.map(shown).join(':')}`).join(',')
  }

  get count(): bigint {
    return this.#count
  }

  /** As `COM_BINLOG_DUMP_GTID` takes it. */
  encode(): Buffer {
    const parts: Buffer[] = [number64(BigInt(this.#sets.size))]
    for (const [id, set] of this.#sets) {
      parts.push(Buffer.from(id.replaceAll('-', ''), 'hex'), number64(BigInt(set.length)))
      for (const [first, last] of set) parts.push(number64(first), number64(last + 1n))
    }
    return Buffer.concat(parts)
  }

  add({ source, number }: Gtid): void {
    const set = this.#sets.get(source) ?? []
    const at = set.findIndex(([first]) => first > number)
    const i = at < 0 ? set.length : at
    const before = set[i - 1]
    if (before !== undefined && before[1] >= number) throw new GtidOrderError(`${source}:${number} comes again`)
    this.#sets.set(source, set)
    this.#count++
    const after = set[i]
    const joinsBefore = before?.[1] === number - 1n
    const joinsAfter = after?.[0] === number + 1n
    if (joinsBefore && joinsAfter) set.splice(i - 1, 2, [before![0], after![1]])
    else if (joinsBefore) before![1] = number
    else if (joinsAfter) after![0] = number
    else set.splice(i, 0, [number, number])
  }
}

/** A set of MySQL for the server that is asked to go on from it. @throws BinlogFormatError. */
export const encodeGtidSet = (text: string): Buffer => new MysqlPlace(text).encode()

function number64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}
