import type { LineageBox, LineageEdge } from '@huitong/contract/lineage'
import type { Names } from '../../exchange/index.ts'

/** A column of a box, or (null) which rows it has. */
export interface Spot {
  readonly box: string
  readonly column: string | null
}
type View = Omit<LineageBox, 'columns'>
export interface Box extends View {
  /** All columns with their labels, in their order. */
  readonly columns: Map<string, Names | null>
  /** The reader may see it. */
  readonly seen: boolean
}
/** One column acts on another, or on which rows there are. */
export type Edge = Omit<LineageEdge, 'through' | 'way'> & { readonly way: NonNullable<LineageEdge['way']> }

type Given = Pick<Edge, 'how' | 'way'> & Partial<Pick<Edge, 'mask' | 'says'>>
type Columns = Iterable<readonly [name: string, label: Names | null]>

/** No name of the database holds a NUL. */
export const spotKey = ({ box, column }: Spot): string => (column === null ? box : `${box}\0${column}`)
export const boxOf = (key: string): string => key.split('\0', 1)[0]!
export const edgeKey = ({ from, to, how, way, mask }: Omit<LineageEdge, 'says' | 'through'>): string =>
  `${spotKey(from)}\0\0${spotKey(to)}\0\0${how} ${way} ${mask}`

/** Boxes and what leads from column to column; what is said twice is kept once. */
export class Graph {
  readonly boxes = new Map<string, Box>()
  readonly edges: Edge[] = []
  readonly #known = new Set<string>()

  /** A table that one task fills and another reads is one box: shown as what is added last, seen by whoever sees it as either. */
  add(box: View & { readonly seen: boolean }, columns: Columns): void {
    const before = this.boxes.get(box.id)
    const all = new Map(before?.columns)
    for (const [name, label] of columns) all.set(name, label ?? all.get(name) ?? null)
    const kept = before?.seen === true && !box.seen ? before : box
    this.boxes.set(box.id, { ...kept, columns: all })
  }

  /** Leads from a column to another; a column that its box did not name yet (a former version had it) is added there. */
  lead(from: Spot, to: Spot, { how, way, mask = null, says = [] }: Given): void {
    const key = edgeKey({ from, to, how, way, mask })
    if (this.#known.has(key) || !this.boxes.has(from.box) || !this.boxes.has(to.box)) return
    this.#known.add(key)
    for (const { box, column } of [from, to])
      if (column !== null && !this.boxes.get(box)!.columns.has(column)) this.boxes.get(box)!.columns.set(column, null)
    this.edges.push({ from, to, how, way, mask, says: [...says] })
  }
}

const VALUES: ReadonlySet<Edge['way']> = new Set(['IDENTITY', 'TRANSFORMATION', 'AGGREGATION'])
/** Values arrive; otherwise they only decide which rows or values do. */
export const carriesValues = (edge: Pick<Edge, 'way' | 'to'>): boolean =>
  VALUES.has(edge.way) && edge.to.column !== null
