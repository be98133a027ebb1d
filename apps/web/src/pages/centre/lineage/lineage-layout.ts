import { isDirect, type LineageBox, type LineageEdge } from '@huitong/contract/lineage'

/** Pixels. */
export const BOX_WIDTH = 204
export const HEAD_HEIGHT = 46
export const ROW_HEIGHT = 24
const LAYER_GAP = 68
const BOX_GAP = 18

export interface Spot {
  readonly box: string
  readonly column: string | null
}
export interface Placed {
  readonly box: LineageBox
  readonly layer: number
  readonly x: number
  readonly y: number
  readonly height: number
}
export interface Curve {
  /** Place in the edges. */
  readonly edge: number
  readonly path: string
  /** Only decides which rows or values there are. */
  readonly indirect: boolean
}
export interface Layout {
  readonly boxes: readonly Placed[]
  readonly curves: readonly Curve[]
  readonly width: number
  readonly height: number
}

/** Values may arrive; across what is out of sight nobody says that they do not. */
const carriesValues = ({ way, to }: LineageEdge): boolean => (way === null || isDirect(way)) && to.column !== null

/** Boxes in layers from left to right, each to the right of all that leads to it; a ring is cut where it closes. */
export function layersOf(boxes: readonly LineageBox[], edges: readonly LineageEdge[]): Map<string, number> {
  const before = new Map<string, Set<string>>(boxes.map((one) => [one.id, new Set()]))
  const after = new Map<string, Set<string>>(boxes.map((one) => [one.id, new Set()]))
  for (const { from, to } of edges)
    if (from.box !== to.box) {
      before.get(to.box)?.add(from.box)
      after.get(from.box)?.add(to.box)
    }
  const layers = new Map<string, number>()
  const layerOf = (id: string, path: ReadonlySet<string>): number => {
    const known = layers.get(id)
    if (known !== undefined) return known
    const earlier = [...before.get(id)!].filter((one) => !path.has(one))
    const layer = Math.max(-1, ...earlier.map((one) => layerOf(one, new Set([...path, id])))) + 1
    layers.set(id, layer)
    return layer
  }
  for (const { id } of boxes) layerOf(id, new Set([id]))
  // What nothing leads to stands just before what it leads to.
  for (const { id } of boxes) {
    const next = [...after.get(id)!].map((one) => layers.get(one)!)
    if (before.get(id)!.size === 0 && next.length > 0) layers.set(id, Math.max(0, Math.min(...next) - 1))
  }
  return layers
}

export function layoutOf(boxes: readonly LineageBox[], edges: readonly LineageEdge[]): Layout {
  const layers = layersOf(boxes, edges)
  const heightOf = (box: LineageBox) => HEAD_HEIGHT + box.columns.length * ROW_HEIGHT + 4
  const placed = new Map<string, Placed>()
  const count = Math.max(-1, ...layers.values()) + 1
  for (let layer = 0; layer < count; layer++) {
    const here = boxes.filter((one) => layers.get(one.id) === layer)
    // Beside what leads to them, so that lines cross little.
    const wish = new Map(here.map((one, at) => [one.id, middle(one.id, edges, placed) ?? at * 1e-3]))
    let y = 0
    for (const box of [...here].sort((a, b) => wish.get(a.id)! - wish.get(b.id)!)) {
      const height = heightOf(box)
      placed.set(box.id, { box, layer, x: layer * (BOX_WIDTH + LAYER_GAP), y, height })
      y += height + BOX_GAP
    }
  }
  const all = [...placed.values()]
  return {
    boxes: all,
    curves: edges.map((edge, at) => ({ edge: at, path: curve(edge, placed), indirect: !carriesValues(edge) })),
    width: Math.max(0, ...all.map((one) => one.x + BOX_WIDTH)),
    height: Math.max(0, ...all.map((one) => one.y + one.height)),
  }
}

/** The mean height of what leads to a box and is placed already. */
function middle(id: string, edges: readonly LineageEdge[], placed: ReadonlyMap<string, Placed>): number | null {
  const heights = edges.flatMap(({ from, to }) => {
    const at = to.box === id ? placed.get(from.box) : undefined
    return at === undefined ? [] : [rowOf(at, from.column)]
  })
  return heights.length === 0 ? null : heights.reduce((sum, one) => sum + one, 0) / heights.length
}

function rowOf({ box, y }: Placed, column: string | null): number {
  const at = column === null ? -1 : box.columns.findIndex((one) => one.name === column)
  return at < 0 ? y + HEAD_HEIGHT / 2 : y + HEAD_HEIGHT + (at + 0.5) * ROW_HEIGHT
}

function curve({ from, to }: LineageEdge, placed: ReadonlyMap<string, Placed>): string {
  const [a, b] = [placed.get(from.box)!, placed.get(to.box)!]
  const [x1, y1, x2, y2] = [a.x + BOX_WIDTH, rowOf(a, from.column), b.x, rowOf(b, to.column)]
  const bend = Math.max(40, Math.abs(x2 - x1) / 2)
  return `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
}

export const spotKey = ({ box, column }: Spot): string => JSON.stringify([box, column])

/** What lies on the way of a column: the spots up and down from it, itself among them, and the edges between. */
export function wayOf(edges: readonly LineageEdge[], start: Spot): { spots: Set<string>; edges: Set<number> } {
  const spots = new Set([spotKey(start)])
  const met = new Set<number>()
  for (const isDown of [true, false]) {
    const reached = new Set([spotKey(start)])
    const queue: Spot[] = [start]
    for (let spot = queue.shift(); spot !== undefined; spot = queue.shift())
      edges.forEach((edge, at) => {
        const [near, far] = isDown ? [edge.from, edge.to] : [edge.to, edge.from]
        if (!leads(near, spot!, { isDown, how: edge.how })) return
        met.add(at)
        if (reached.has(spotKey(far))) return
        reached.add(spotKey(far))
        queue.push(far)
      })
    for (const one of reached) spots.add(one)
  }
  return { spots, edges: met }
}

/** What chooses the rows of a box has a part in each column; what was reported as a whole may be of any. */
function leads(near: Spot, spot: Spot, { isDown, how }: { isDown: boolean; how: LineageEdge['how'] }): boolean {
  if (near.box !== spot.box) return false
  if (near.column === spot.column) return true
  if (isDown) return near.column === null && how === 'reported'
  return near.column === null || spot.column === null
}

/** How each column comes about where it is not simply copied: the kinds of what leads to it. */
export function changesOf(edges: readonly LineageEdge[]): Map<string, Set<LineageEdge['how']>> {
  const changes = new Map<string, Set<LineageEdge['how']>>()
  for (const { to, how } of edges)
    if (how !== 'copied') changes.set(spotKey(to), (changes.get(spotKey(to)) ?? new Set()).add(how))
  return changes
}
