import type { LineageBox, LineageEdge } from '@huitong/contract/lineage'
import { boxOf, carriesValues, type Edge, edgeKey, type Graph, type Spot, spotKey } from './graph.ts'
import type { Direction } from './nearby.ts'

/** The most edges of one answer, and how many are looked at for it: what is hidden counts in no answer, and takes time. */
export const EDGES_MAX = 1000
export const LOOKS_MAX = 200_000

export interface Walked {
  readonly boxes: LineageBox[]
  readonly edges: LineageEdge[]
  /** Boxes that were met and are out of sight. */
  readonly hidden: number
  readonly truncated: boolean
}

/** Where a walk can go from a spot: the ends of edges, and from the choice of rows to that of what is made of them. */
class Ways {
  readonly #out: Map<string, Edge[]>
  readonly #in: Map<string, Edge[]>
  readonly #into: Map<string, Edge[]>
  /** Whether one that is seen leads from a box to another. */
  readonly #flows = new Map<string, Map<string, boolean>>()

  constructor({ edges }: Graph) {
    this.#out = Map.groupBy(edges, (edge) => spotKey(edge.from))
    this.#in = Map.groupBy(edges, (edge) => spotKey(edge.to))
    this.#into = Map.groupBy(edges, (edge) => edge.to.box)
    for (const edge of edges)
      if (carriesValues(edge)) {
        const flows = this.#flows.get(edge.from.box) ?? new Map<string, boolean>()
        this.#flows.set(edge.from.box, flows.set(edge.to.box, edge.seen || flows.get(edge.to.box) === true))
      }
  }

  down(spot: Spot): readonly Edge[] {
    const edges = this.#out.get(spotKey(spot)) ?? []
    const whole = this.#out.get(spotKey({ box: spot.box, column: null })) ?? []
    // Of a step that did not say which column became which, every column may be any.
    if (spot.column !== null) return [...edges, ...whole.filter((edge) => edge.how === 'reported')]
    const rows = [...(this.#flows.get(spot.box) ?? [])].map(([box, seen]): Edge => ({
      from: spot,
      seen,
      to: { box, column: null },
      how: 'rows',
      way: 'FILTER',
      mask: null,
      says: [],
    }))
    return [...edges, ...rows]
  }

  /** What chooses the rows of a box has a part in each of its columns. */
  up(spot: Spot): readonly Edge[] {
    if (spot.column === null) return this.#into.get(spot.box) ?? []
    const rows = this.#in.get(spotKey({ box: spot.box, column: null })) ?? []
    return [...(this.#in.get(spotKey(spot)) ?? []), ...rows]
  }
}

/**
 * Walks from columns of one box up to what they are made from, down to what is made from them, or both, the nearest first.
 * Boxes out of sight are passed through, counted and not named: what lies beyond is joined to what lies before.
 */
export function walk(graph: Graph, starts: readonly Spot[], directions: readonly Direction[]): Walked {
  const ways = new Ways(graph)
  const kept = new Kept()
  const hidden = new Set<string>()
  const looks = new Looks()
  for (const direction of directions) {
    const reached = new Set(starts.map(spotKey))
    const queue = [...starts]
    const farOf = (edge: Edge) => (direction === 'down' ? edge.to : edge.from)
    const next = (spot: Spot) => (looks.isOver ? [] : looks.at(ways[direction](spot)).map(farOf))
    const ends = new Map<string, readonly End[]>()
    const go = (edge: LineageEdge, far: Spot) => {
      if (kept.take(edge) && !reached.has(spotKey(far))) queue.push(far)
      reached.add(spotKey(far))
    }
    const goHidden = ({ from, to }: Edge, { end, through }: End) => {
      const between = direction === 'down' ? { from, to: end } : { from: end, to }
      go({ ...between, how: 'hidden', way: null, mask: null, says: [], through }, end)
    }
    for (let at = 0; at < queue.length && !kept.isFull; at++)
      for (const edge of looks.at(ways[direction](queue[at]!))) {
        const far = farOf(edge)
        if (graph.sees(far) && edge.seen) {
          const { seen: _seen, ...view } = edge
          go({ ...view, through: 0 }, far)
        } else if (graph.sees(far)) {
          // Both are seen, but not what joins them: the box as what it is besides.
          hidden.add(edge.from.box)
          goHidden(edge, { end: far, through: 1 })
        } else {
          const known = ends.get(spotKey(far)) ?? beyond(far, next, { graph, hidden })
          ends.set(spotKey(far), known)
          for (const end of looks.at(known)) goHidden(edge, end)
        }
      }
  }
  const edges = withoutIdleRows(kept.edges)
  return { boxes: boxesOf(graph, starts, edges), edges, hidden: hidden.size, truncated: kept.isFull || looks.isOver }
}

/** Bounds how much one walk looks at. */
class Looks {
  #left = LOOKS_MAX
  /** There was more to look at. */
  isOver = false

  /** As many of these as may still be looked at. */
  at<T>(all: readonly T[]): readonly T[] {
    if (all.length > this.#left) this.isOver = true
    const some = all.length > this.#left ? all.slice(0, this.#left) : all
    this.#left -= some.length
    return some
  }
}

/** Edges in the order in which they were met, each once, up to a bound. */
class Kept {
  readonly #edges = new Map<string, LineageEdge>()
  /** There was one more than are kept. */
  isFull = false

  get edges(): LineageEdge[] {
    return [...this.#edges.values()]
  }
  /** False when there is no room for it. */
  take(edge: LineageEdge): boolean {
    const key = edgeKey(edge)
    if (this.#edges.has(key)) return true
    if (this.#edges.size >= EDGES_MAX) this.isFull = true
    else this.#edges.set(key, edge)
    return !this.isFull
  }
}

interface End {
  readonly end: Spot
  readonly through: number
}

/** What can be seen beyond a spot that cannot, each with the least number of spots that lie before it. */
function beyond(
  first: Spot,
  next: (spot: Spot) => readonly Spot[],
  { graph, hidden }: { readonly graph: Graph; readonly hidden: Set<string> },
): readonly End[] {
  const met = new Set([spotKey(first)])
  const queue = [{ spot: first, through: 1 }]
  const ends: End[] = []
  for (let at = 0; at < queue.length; at++) {
    const { spot: here, through } = queue[at]!
    hidden.add(here.box)
    for (const spot of next(here)) {
      if (met.has(spotKey(spot))) continue
      met.add(spotKey(spot))
      if (graph.sees(spot)) ends.push({ end: spot, through })
      else queue.push({ spot, through: through + 1 })
    }
  }
  return ends
}

/** That rows follow rows is told only where no column says so already. */
function withoutIdleRows(edges: readonly LineageEdge[]): LineageEdge[] {
  const pair = (edge: LineageEdge) => JSON.stringify([edge.from.box, edge.to.box])
  const told = new Set(edges.filter((edge) => edge.from.column !== null).map(pair))
  return edges.filter((edge) => edge.how !== 'rows' || !told.has(pair(edge)))
}

function boxesOf(graph: Graph, starts: readonly Spot[], edges: readonly LineageEdge[]): LineageBox[] {
  const spots = [...starts, ...edges.flatMap((edge) => [edge.from, edge.to])]
  const named = new Map<string, Set<string>>()
  for (const { box, column } of spots) {
    const columns = named.get(box) ?? new Set()
    named.set(box, column === null ? columns : columns.add(column))
  }
  return [...named].map(([id, columns]) => {
    const { seen: _seen, columns: all, ...view } = graph.boxes.get(id)!
    const shown = [...all].filter(([name]) => columns.has(name)).map(([name, { label }]) => ({ name, label }))
    return { ...view, columns: shown }
  })
}

/** Of the boxes of a walk those at which values of the start itself arrive. */
export function directBoxes(starts: readonly Spot[], edges: readonly LineageEdge[]): ReadonlySet<string> {
  const reached = new Set(starts.map(spotKey))
  const carrying = edges.filter(
    (edge) => edge.to.column !== null && (edge.way === null || carriesValues({ ...edge, way: edge.way })),
  )
  for (let size = -1; size !== reached.size;) {
    size = reached.size
    for (const edge of carrying) if (reached.has(spotKey(edge.from))) reached.add(spotKey(edge.to))
  }
  return new Set([...reached].map(boxOf))
}
