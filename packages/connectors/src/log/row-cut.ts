import type { FieldText } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { Fold, FoldError } from './fold.ts'
import type { LogRead, LogTuple, LogValue } from './types.ts'

/** A change of one row, as the log has it. */
export type RowChange =
  | { readonly kind: 'insert'; readonly row: LogTuple }
  /** `old`: the old key when it changed, or the whole old row. */
  | { readonly kind: 'update'; readonly row: LogTuple; readonly old: LogTuple | null; readonly oldIsWhole: boolean }
  | { readonly kind: 'delete'; readonly old: LogTuple }

type AsText = (value: string) => string

/** How a log writes values: to what goes out, and to what a filter compares. */
export interface LogTexts {
  /** Of the field that travels at this place among the fields, from the column at this place of the log's. */
  readonly sent?: (field: number, column: number) => AsText | undefined
  readonly filtered?: (column: number) => AsText | undefined
}

/** What of the rows of a log is let out: fields, masks and filter of the grant, by the columns as the log describes them. */
export class RowCut {
  readonly #read: LogRead
  readonly #keyAt: readonly number[]
  /** Place of each field that travels among the log's columns. */
  #places: readonly number[] = []
  #byName: ReadonlyMap<string, number> = new Map()
  #sent: readonly (AsText | undefined)[] = []
  #filtered: LogTexts['filtered']

  constructor(read: LogRead) {
    this.#read = read
    this.#keyAt = read.key.map((name) => read.fields.findIndex(({ as }) => as === name))
    if (read.key.length === 0 || this.#keyAt.includes(-1)) throw new ConnectorError('no_key', read.table.name)
  }

  /** An empty fold of rows. */
  fold(): Fold {
    return new Fold(this.#keyAt, this.#read.fields.length)
  }

  /** Names of the fields that make the key and those of the filter: of an old row the log must tell them. */
  get telling(): readonly string[] {
    return [...this.#keyAt.map((at) => this.#read.fields[at]!.field), ...this.#read.filterFields]
  }

  /** The columns in the order in which rows come from here on. @throws ConnectorError `schema_changed` naming one that is gone. */
  describe(names: readonly string[], { sent, filtered }: LogTexts = {}): void {
    this.#byName = new Map(names.map((name, i) => [name, i]))
    this.#places = this.#read.fields.map(({ field }) => this.placeOf(field))
    for (const field of this.#read.filterFields) this.placeOf(field)
    this.#sent = this.#places.map((place, i) => sent?.(i, place))
    this.#filtered = filtered
  }

  /** Place of a field among the log's columns. @throws ConnectorError `schema_changed`. */
  placeOf(field: string): number {
    const place = this.#byName.get(field)
    if (place !== undefined) return place
    const { name } = this.#read.table
    throw new ConnectorError('schema_changed', `${name}.${field} is gone`, { place: { table: name, column: field } })
  }

  /** Puts a change into a fold, as far as the grant lets it out. @throws FoldError, ConnectorError. */
  take(change: RowChange, fold: Fold): void {
    if (change.kind === 'insert') {
      if (this.#passes(change.row)) fold.insert(this.#values(change.row))
    } else if (change.kind === 'delete') {
      if (this.#passes(change.old)) fold.delete(this.#keyIn(change.old))
    } else this.#update(change, fold)
  }

  #update({ row: sent, old, oldIsWhole }: Extract<RowChange, { kind: 'update' }>, fold: Fold): void {
    // Of a value that did not change the whole old row knows it, and a key that did not change is the new one.
    const row = old !== null && oldIsWhole ? sent.map((value, i) => (value === undefined ? old[i] : value)) : sent
    const was = old === null ? true : this.#passes(old)
    const wasKey = old === null ? null : this.#keyIn(old)
    const passes = this.#passes(row)
    // Without an old row the filter looks at nothing that has changed.
    const before = old === null ? passes : was
    if (!before && !passes) return
    if (!passes) return fold.delete(wasKey ?? this.#keyIn(row))
    const values = this.#values(row)
    if (!before) return fold.insert(values)
    const isMoved = wasKey !== null && wasKey.some((part, i) => part !== values[this.#keyAt[i]!])
    if (isMoved) fold.move(wasKey, values)
    else fold.update(values)
  }

  #passes(row: LogTuple): boolean {
    const { filter } = this.#read
    if (filter === undefined) return true
    return filter((name): FieldText => {
      const place = this.placeOf(name)
      const value = row[place]
      if (value === undefined) throw new FoldError('a field of the filter is not in the log')
      return value === null ? null : (this.#filtered?.(place)?.(value) ?? value)
    })
  }

  #values(row: LogTuple): LogValue[] {
    return this.#places.map((place, i) => this.#value(row[place], i))
  }

  #value(value: LogValue, at: number): LogValue {
    if (value === undefined || value === null) return this.#masked(value, at)
    const text = this.#sent[at]
    return this.#masked(text === undefined ? value : text(value), at)
  }

  #masked(value: LogValue, at: number): LogValue {
    const { mask } = this.#read.fields[at]!
    return mask === undefined || value === undefined ? value : mask(value)
  }

  #keyIn(row: LogTuple): string[] {
    return this.#keyAt.map((at) => {
      const value = this.#value(row[this.#places[at]!], at)
      if (value === null || value === undefined) throw new FoldError('a key field without a value')
      return value
    })
  }
}
