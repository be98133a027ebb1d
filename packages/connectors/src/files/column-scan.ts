import { columnNames, FILE_COLUMNS_MAX, type TableScan } from './tabular.ts'
import { ConnectorError } from '../errors.ts'
import { TypeInference } from './infer-type.ts'

/** What a value was written as, in files that say so. */
export type Kind = 'text' | 'number' | 'boolean' | 'nested'

interface Seen {
  readonly types: TypeInference
  readonly kinds: Set<Kind>
  values: bigint
}

/**
 * The columns of a file whose records name their fields: all names that occur in any record, in the order of their
 * characters, so that neither the order of the fields nor one that a record leaves out changes the table.
 */
export class ColumnScan {
  readonly #seen = new Map<string, Seen>()
  #rows = 0n

  /** The next record. */
  row(): void {
    this.#rows++
  }

  /** A value of the record; null is none. @throws ConnectorError `bad_file` for too many names. */
  push(name: string, value: string | null, kind: Kind, line: number): void {
    let seen = this.#seen.get(name)
    if (seen === undefined) {
      if (this.#seen.size >= FILE_COLUMNS_MAX) {
        throw new ConnectorError('bad_file', `over ${FILE_COLUMNS_MAX} names of fields`, { place: { line } })
      }
      seen = { types: new TypeInference(name), kinds: new Set(), values: 0n }
      this.#seen.set(name, seen)
    }
    if (value === null) return
    seen.values++
    seen.kinds.add(kind)
    if (kind !== 'nested') seen.types.push(value)
  }

  /** The names as the file has them. */
  get keys(): string[] {
    return [...this.#seen.keys()].sort()
  }

  /** Names, types and rows. `nested`: the type of what has fields of its own. */
  result(nested: string): {
    readonly keys: readonly string[]
    readonly header: readonly string[]
    readonly scan: TableScan
  } {
    const { keys } = this
    const columns = keys.map((key) => this.#seen.get(key)!)
    return {
      keys,
      header: columnNames(keys),
      scan: {
        types: columns.map((seen) => typeOf(seen, nested)),
        nullable: columns.map(({ values }) => values < this.#rows),
        rows: this.#rows,
      },
    }
  }
}

/** A number that the file writes as a text is a text; what is written in several ways is one too. */
function typeOf({ types, kinds }: Seen, nested: string): string {
  const [kind, more] = kinds
  if (kind === undefined || more !== undefined) return 'text'
  if (kind === 'nested') return nested
  const found = types.result()
  if (kind === 'text') return ['date', 'timestamp', 'time'].includes(found) ? found : 'text'
  return found
}
