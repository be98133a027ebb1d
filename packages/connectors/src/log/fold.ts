import { csvLine } from '@huitong/segment'
import type { LogValue } from './types.ts'

/** What became of one key: its last state, with the fields that the log does not carry left undefined. */
interface Entry {
  op: 'I' | 'U' | 'D'
  values: LogValue[]
  /** Undefined fields are those of the row that had this key before; null: of the same key. */
  from: readonly string[] | null
}

const ENTRY_BYTES = 32
/** Keys hold no NUL, so it can part them. */
const keyOf = (key: readonly string[]): string => (key.length === 1 ? key[0]! : key.join('\0'))

/** A change asks for a value that was never there: the log and what was received do not fit. */
export class FoldError extends Error {}

/**
 * Changes of one table folded by key, in the order of the log: what is left is the last state of each key, and each key
 * occurs once. A changed key is a delete and an insert.
 */
export class Fold {
  readonly #entries = new Map<string, Entry>()
  readonly #keyAt: readonly number[]
  readonly #width: number
  #bytes = 0
  #changes = 0

  /** @param keyAt places of the key among the values. @param width how many values a row has. */
  constructor(keyAt: readonly number[], width: number) {
    this.#keyAt = keyAt
    this.#width = width
  }

  /** Keys that changed. */
  get rows(): number {
    return this.#entries.size
  }

  /** Rough size as text. */
  get bytes(): number {
    return this.#bytes
  }

  /** Changes as the log had them, before they were folded. */
  get changes(): number {
    return this.#changes
  }

  /** A row that is new. */
  insert(values: LogValue[]): void {
    const key = this.#key(values)
    const before = this.#entries.get(keyOf(key))
    this.#put(key, { op: before === undefined ? 'I' : 'U', values, from: null })
  }

  /** A row that has changed under the same key. */
  update(values: LogValue[]): void {
    const key = this.#key(values)
    const before = this.#entries.get(keyOf(key))
    const from = fill(values, before)
    this.#put(key, { op: before?.op === 'I' ? 'I' : 'U', values, from })
  }

  /** A row that changed its key. */
  move(old: readonly string[], values: LogValue[]): void {
    const before = this.#entries.get(keyOf(old))
    const left = fill(values, before)
    const isPartial = values.includes(undefined)
    this.#delete(old)
    const key = this.#key(values)
    const there = this.#entries.get(keyOf(key))
    this.#put(key, { op: there === undefined ? 'I' : 'U', values, from: isPartial ? (left ?? old) : null })
  }

  /** A row that is gone. */
  delete(key: readonly string[]): void {
    this.#changes++
    this.#delete(key)
  }

  /** Whatever was there before is gone. */
  clear(): void {
    this.#entries.clear()
    this.#bytes = 0
  }

  /** Takes over what came after, key by key. */
  append(later: Fold): void {
    this.#changes += later.#changes
    // First what the later rows lack, from how things stood before any of them.
    for (const [text, entry] of later.#entries) {
      if (entry.op === 'D' || !entry.values.includes(undefined)) continue
      const before = this.#entries.get(entry.from === null ? text : keyOf(entry.from))
      const left = fill(entry.values, before)
      entry.from = entry.values.includes(undefined) ? (left ?? entry.from) : null
    }
    for (const [text, entry] of later.#entries) {
      const before = this.#entries.get(text)
      if (before !== undefined && entry.op !== 'D') entry.op = before.op === 'I' ? 'I' : 'U'
      this.#set(text, entry)
    }
  }

  /** Lines of CSV: operation, places of the fields that stay as they are, key of the row that has them, the values. */
  toCsv(): Buffer {
    const lines: string[] = []
    for (const { op, values, from } of this.#entries.values()) {
      const same = op === 'D' || !values.includes(undefined) ? null : placesOf(values)
      const moved = same === null || from === null ? null : JSON.stringify(from)
      lines.push(csvLine([op, same, moved, ...values.map((value) => value ?? null)]))
    }
    return Buffer.from(lines.join(''))
  }

  #key(values: readonly LogValue[]): string[] {
    return this.#keyAt.map((at) => {
      const value = values[at]
      if (value === null || value === undefined) throw new FoldError('a key field without a value')
      return value
    })
  }

  #delete(key: readonly string[]): void {
    const values: LogValue[] = Array.from({ length: this.#width }, () => null)
    this.#keyAt.forEach((at, i) => {
      values[at] = key[i]!
    })
    this.#set(keyOf(key), { op: 'D', values, from: null })
  }

  #put(key: readonly string[], entry: Entry): void {
    this.#changes++
    this.#set(keyOf(key), entry)
  }

  #set(text: string, entry: Entry): void {
    const before = this.#entries.get(text)
    if (before !== undefined) this.#bytes -= sizeOf(before)
    this.#entries.set(text, entry)
    this.#bytes += sizeOf(entry)
  }
}

/** Takes fields that did not change from what is known of the row; answers where those are that are still missing. */
function fill(values: LogValue[], before: Entry | undefined): readonly string[] | null {
  if (before === undefined || !values.includes(undefined)) return null
  if (before.op === 'D') throw new FoldError('a row that is gone was changed')
  for (let i = 0; i < values.length; i++) if (values[i] === undefined) values[i] = before.values[i]
  return values.includes(undefined) ? before.from : null
}

function placesOf(values: readonly LogValue[]): string {
  const places: number[] = []
  values.forEach((value, i) => {
    if (value === undefined) places.push(i + 1)
  })
  return places.join(',')
}

function sizeOf({ values }: Entry): number {
  let bytes = ENTRY_BYTES
  for (const value of values) bytes += (value?.length ?? 0) + 3
  return bytes
}
