import type { FieldText, TableName } from '../../connector.ts'
import { ConnectorError } from '../../errors.ts'
import { Fold, FoldError } from './fold.ts'
import type { LogMessage, LogTuple, LogValue } from './pgoutput.ts'
import type { LogRead } from './read-log.ts'

const BOOLEAN = 16
const INET = 869
const BPCHAR = 1042
const TIMESTAMPTZ = 1184

type Relation = Extract<LogMessage, { kind: 'relation' }>
type Change = Extract<LogMessage, { kind: 'insert' | 'update' | 'delete' }>

/** How the log describes the table now, and what of its rows is let out. */
export class LogShape {
  readonly #read: LogRead
  readonly #keyAt: readonly number[]
  #relation: Relation | null = null
  /** Place of each field that travels among the relation's columns. */
  #places: readonly number[] = []
  #byName: ReadonlyMap<string, number> = new Map()
  #texts: ReadonlyMap<number, (value: string) => string> = new Map()

  constructor(read: LogRead) {
    this.#read = read
    this.#keyAt = read.key.map((name) => read.fields.findIndex(({ as }) => as === name))
    if (read.key.length === 0 || this.#keyAt.includes(-1)) throw new ConnectorError('no_key', read.table.name)
  }

  /** An empty fold of rows of this shape. */
  fold(): Fold {
    return new Fold(this.#keyAt, this.#read.fields.length)
  }

  /** Whether a change is of our table. */
  isOurs(relation: number): boolean {
    return this.#relation?.id === relation
  }

  /**
   * Takes a description of a table; false when it is of another one.
   * @throws ConnectorError `schema_changed`, `log_identity`, `log_gap` when it is another table of the same name.
   */
  describe(relation: Relation, table: TableName, tableId: string): boolean {
    const place = { table: table.name }
    const isNamed = relation.schema === table.schema && relation.name === table.name
    if (String(relation.id) !== tableId) {
      if (!isNamed) return false
      throw new ConnectorError('log_gap', `table ${table.name} was made anew`, { place })
    }
    if (!isNamed) {
      throw new ConnectorError('schema_changed', `is now ${relation.schema}.${relation.name}`, { place })
    }
    this.#byName = new Map(relation.columns.map(({ name }, i) => [name, i]))
    this.#places = this.#read.fields.map(({ field }) => this.#placeOf(field))
    for (const field of this.#read.filterFields) this.#placeOf(field)
    this.#requireIdentity(relation)
    this.#texts = new Map(
      this.#read.fields.flatMap(({ type }, i) => {
        const as = type === undefined || type === 'text' ? TEXT_OF[relation.columns[this.#places[i]!]!.type] : undefined
        return as === undefined ? [] : [[i, as] as const]
      }),
    )
    this.#relation = relation
    return true
  }

  /** Puts a change into a fold, as far as the grant lets it out. @throws FoldError, ConnectorError. */
  take(change: Change, fold: Fold): void {
    if (change.kind === 'insert') {
      if (this.#passes(change.row)) fold.insert(this.#values(change.row))
    } else if (change.kind === 'delete') {
      if (this.#passes(change.old)) fold.delete(this.#keyIn(change.old))
    } else this.#update(change, fold)
  }

  #update({ row: sent, old, oldIsWhole }: Extract<Change, { kind: 'update' }>, fold: Fold): void {
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
      const place = this.#placeOf(name)
      const value = row[place]
      if (value === undefined) throw new FoldError('a field of the filter is not in the log')
      return value === null ? null : (FILTERED[this.#relation!.columns[place]!.type]?.(value) ?? value)
    })
  }

  #values(row: LogTuple): LogValue[] {
    return this.#places.map((place, i) => this.#value(row[place], i))
  }

  #value(value: LogValue, at: number): LogValue {
    if (value === undefined || value === null) return this.#masked(value, at)
    const text = this.#texts.get(at)
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

  #placeOf(field: string): number {
    const place = this.#byName.get(field)
    if (place !== undefined) return place
    const { name } = this.#read.table
    throw new ConnectorError('schema_changed', `${name}.${field} is gone`, { place: { table: name, column: field } })
  }

  /** The old row must tell its key, and whether the filter let it out. */
  #requireIdentity({ identity, columns }: Relation): void {
    if (identity === 'f') return
    const keys = this.#keyAt.map((at) => this.#read.fields[at]!.field)
    for (const field of [...keys, ...this.#read.filterFields]) {
      if (identity !== 'n' && columns[this.#placeOf(field)]!.key) continue
      throw new ConnectorError('log_identity', `identity ${identity} does not tell ${field}`, {
        place: { table: this.#read.table.name, column: field },
      })
    }
  }
}

/** Where a cast to text and the type's own output differ: the copy casts whatever travels as text. */
const TEXT_OF: Readonly<Record<number, (value: string) => string>> = {
  [BOOLEAN]: (value) => (value === 't' ? 'true' : 'false'),
  [INET]: (value) => (value.includes('/') ? value : `${value}/${value.includes(':') ? 128 : 32}`),
  [BPCHAR]: (value) => value.replace(/ +$/, ''),
}

/** Values as the literals of a filter are written; the session's zone is UTC. */
const FILTERED: Readonly<Record<number, (value: string) => string>> = {
  ...TEXT_OF,
  [TIMESTAMPTZ]: (value) => value.replace(/\+00$/, ''),
}
