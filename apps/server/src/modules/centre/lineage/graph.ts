import { isDirect, type LineageBox, type LineageEdge } from '@huitong/contract/lineage'
import type { Names } from '../../exchange/index.ts'

/** A column of a box, or (null) which rows it has. */
export interface Spot {
  readonly box: string
  readonly column: string | null
}
type View = Omit<LineageBox, 'columns'>
interface Column {
  readonly label: Names | null
  /** The reader may see what names it. */
  readonly seen: boolean
}
export interface Box extends View {
  /** All columns, in their order. */
  readonly columns: Map<string, Column>
  /** The reader may see it. */
  readonly seen: boolean
}
/** One column acts on another, or on which rows there are. */
export type Edge = Omit<LineageEdge, 'through' | 'way'> & {
  readonly way: NonNullable<LineageEdge['way']>
  /** The reader may see what says so: both ends may be seen by another way. */
  readonly seen: boolean
}

type Given = Pick<Edge, 'how' | 'way' | 'seen'> & Partial<Pick<Edge, 'mask' | 'says'>>
type Columns = Iterable<readonly [name: string, label: Names | null]>

/** No name of the database holds a NUL. */
export const spotKey = ({ box, column }: Spot): string => (column === null ? box : `${box}\0${column}`)
export const boxOf = (key: string): string => key.split('\0', 1)[0]!
export const edgeKey = ({ from, to, how, way, mask }: Omit<LineageEdge, 'says' | 'through'>): string =>
  `${spotKey(from)}\0\0${spotKey(to)}\0\0${how} ${way} ${mask}`

/** Boxes and what leads from column to column; what is said twice is kept once. */
export class Graph {
  readonly boxes = new Map<string, Box>()
  readonly #edges = new Map<string, Edge>()

  get edges(): Edge[] {
    return [...this.#edges.values()]
  }

  /**
   * A table that one task fills and another reads is one box: shown as what is added last, seen by whoever sees it as either.
   * Each of its columns is seen only by whoever sees it as what has this column.
   */
  add(box: View & { readonly seen: boolean }, columns: Columns): void {
    const before = this.boxes.get(box.id)
    const all = new Map(before?.columns)
    for (const [name, label] of columns) all.set(name, either(all.get(name), { label, seen: box.seen }))
    const kept = before?.seen === true && !box.seen ? before : box
    this.boxes.set(box.id, { ...kept, columns: all })
  }

  /** Leads from a column to another; a column that its box did not name yet (a former version had it) is added there. */
  lead(from: Spot, to: Spot, { how, way, seen, mask = null, says = [] }: Given): void {
    const key = edgeKey({ from, to, how, way, mask })
    const known = this.#edges.get(key)
    if (known?.seen || (known && !seen) || !this.boxes.has(from.box) || !this.boxes.has(to.box)) return
    for (const { box, column } of [from, to]) {
      const columns = this.boxes.get(box)?.columns
      if (column !== null) columns?.set(column, either(columns.get(column), { label: null, seen }))
    }
    this.#edges.set(key, { from, to, how, way, seen, mask, says: [...says] })
  }

  sees({ box, column }: Spot): boolean {
    const { seen, columns } = this.boxes.get(box)!
    return seen && (column === null || columns.get(column)?.seen === true)
  }
}

/** Of what is said twice of a column the one that is seen counts, else both together. */
function either(before: Column | undefined, now: Column): Column {
  if (before === undefined) return now
  if (before.seen !== now.seen) return before.seen ? before : now
  return { label: now.label ?? before.label, seen: now.seen }
}

/** Values arrive; otherwise they only decide which rows or values do. */
export const carriesValues = (edge: Pick<Edge, 'way' | 'to'>): boolean => isDirect(edge.way) && edge.to.column !== null
