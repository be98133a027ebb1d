import type { TableName } from '../../connector.ts'
import { ConnectorError } from '../../errors.ts'
import { type RowChange, RowCut } from '../../log/row-cut.ts'
import type { Fold } from '../../log/fold.ts'
import type { LogRead } from '../../log/types.ts'
import type { LogMessage } from './pgoutput.ts'

const BOOLEAN = 16
const INET = 869
const BPCHAR = 1042
const TIMESTAMPTZ = 1184

type Relation = Extract<LogMessage, { kind: 'relation' }>

/** How the log describes the table now, and what of its rows is let out. */
export class LogShape {
  readonly #read: LogRead
  readonly #cut: RowCut
  #relation: Relation | null = null

  constructor(read: LogRead) {
    this.#read = read
    this.#cut = new RowCut(read)
  }

  /** An empty fold of rows of this shape. */
  fold(): Fold {
    return this.#cut.fold()
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
    const { columns } = relation
    this.#cut.describe(
      columns.map(({ name }) => name),
      {
        sent: (field, column) => {
          const { type } = this.#read.fields[field]!
          return type === undefined || type === 'text' ? TEXT_OF[columns[column]!.type] : undefined
        },
        filtered: (column) => FILTERED[columns[column]!.type],
      },
    )
    this.#requireIdentity(relation)
    this.#relation = relation
    return true
  }

  /** Puts a change into a fold, as far as the grant lets it out. @throws FoldError, ConnectorError. */
  take(change: RowChange, fold: Fold): void {
    this.#cut.take(change, fold)
  }

  /** The old row must tell its key, and whether the filter let it out. */
  #requireIdentity({ identity, columns }: Relation): void {
    if (identity === 'f') return
    for (const field of this.#cut.telling) {
      if (identity !== 'n' && columns[this.#cut.placeOf(field)]!.key) continue
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
