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
