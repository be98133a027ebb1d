import { createHash } from 'node:crypto'

/** A stream of choices that depends on its name alone: the same seed makes the same city on every machine. */
export interface Random {
  /** A whole number from 0 to `below` − 1; `below` at most 2^32. */
  integer(below: number): number
  pick<T>(from: readonly T[]): T
  /** `count` different elements, in the order of the list. */
  sample<T>(from: readonly T[], count: number): T[]
  /** An independent stream: what it is used for does not disturb the others. */
  fork(name: string): Random
}

/** Opens a stream by name. */
export function randomOf(name: string): Random {
  let block = Buffer.alloc(0)
  let at = 0
  let counter = 0
  const next = (): number => {
    if (at + 4 > block.length) {
      block = createHash('sha256').update(`${name}/${counter++}`).digest()
      at = 0
    }
    at += 4
    return block.readUInt32BE(at - 4)
  }
  const integer = (below: number): number => {
    if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) throw new RangeError(`no choice among ${below}`)
    const fair = 2 ** 32 - (2 ** 32 % below)
    for (;;) {
      const value = next()
      if (value < fair) return value % below
    }
  }
  const pick = <T>(from: readonly T[]): T => from[integer(from.length)]!
  return {
    integer,
    pick,
    sample(from, count) {
      const left = from.map((_one, index) => index)
      const taken = Array.from({ length: Math.min(count, left.length) }, () => left.splice(integer(left.length), 1)[0]!)
      return taken.sort((a, b) => a - b).map((index) => from[index]!)
    },
    fork: (part) => randomOf(`${name}/${part}`),
  }
}

/** Choices for rows by the hundred thousand: quick, repeatable, not fit for secrets. */
export interface BulkRandom {
  /** A whole number from 0 to `below` − 1; `below` at most 2^32. */
  integer(below: number): number
  pick<T>(from: readonly T[]): T
  /** True once in `n` times on average. */
  oneIn(n: number): boolean
}

/** Opens a quick stream by name (sfc32, seeded by SHA-256). */
export function bulkRandomOf(name: string): BulkRandom {
  const seed = createHash('sha256').update(name).digest()
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => seed.readInt32BE(at)) as [number, number, number, number]
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  const integer = (below: number): number => Math.floor((next() / 2 ** 32) * below)
  return { integer, pick: (from) => from[integer(from.length)]!, oneIn: (n) => integer(n) === 0 }
}
