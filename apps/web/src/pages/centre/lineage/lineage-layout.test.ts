import type { LineageBox, LineageEdge } from '@huitong/contract/lineage'
import { describe, expect, test } from 'vitest'
import { BOX_WIDTH, layersOf, layoutOf, spotKey, wayOf } from './lineage-layout.ts'

const box = (id: string, ...columns: string[]): LineageBox => ({
  id,
  kind: 'dataset',
  name: { zh: id },
  code: null,
  departmentId: null,
  departmentName: null,
  objectId: null,
  columns: columns.map((name) => ({ name, label: null })),
})
const spot = (text: string) => {
  const [id, column] = text.split('.')
  return { box: id!, column: column === '*' ? null : column! }
}
/** `a.x>b.y`; `*` stands for the rows. */
const edge = (text: string): LineageEdge => {
  const [from, to] = text.split('>').map(spot)
  const isRows = to!.column === null
  return {
    from: from!,
    to: to!,
    how: isRows ? 'filter' : 'copied',
    way: isRows ? 'FILTER' : 'IDENTITY',
    mask: null,
    says: [],
    through: 0,
  }
}

describe('the picture of a lineage', () => {
  test('each box stands to the right of all that leads to it, and a first one just before what it leads to', () => {
    const boxes = ['a', 'b', 'c', 'd', 'e'].map((id) => box(id, 'x'))
    const layers = layersOf(boxes, ['a.x>b.x', 'b.x>c.x', 'a.x>c.x', 'c.x>d.x', 'e.x>d.x'].map(edge))
    expect(Object.fromEntries(layers)).toEqual({ a: 0, b: 1, c: 2, d: 3, e: 2 })
  })

  test('a ring has an end', () => {
    const boxes = [box('a', 'x'), box('b', 'x')]
    const { boxes: placed } = layoutOf(boxes, ['a.x>b.x', 'b.x>a.x'].map(edge))
    expect(placed.length).toBe(2)
    expect(layoutOf([], [])).toMatchObject({ width: 0, height: 0 })
  })

  test('boxes of a layer do not overlap, and lines end at their columns', () => {
    const boxes = [box('a', 'x', 'y'), box('b', 'x'), box('c', 'y')]
    const { boxes: placed, curves } = layoutOf(boxes, ['a.x>c.y', 'a.y>b.x', 'a.x>b.*'].map(edge))
    const [b, c] = ['b', 'c'].map((id) => placed.find((one) => one.box.id === id)!)
    const [upper, lower] = b!.y < c!.y ? [b!, c!] : [c!, b!]
    expect(lower.y).toBeGreaterThan(upper.y + upper.height)
    expect(curves[0]!.path.startsWith(`M${BOX_WIDTH} 58 `)).toBe(true)
    expect(curves[0]!.path.endsWith(` ${c!.x} ${c!.y + 58}`)).toBe(true)
    expect(curves.map((one) => one.indirect)).toEqual([false, false, true])
  })

  test('the way of a column goes up and down, and through what chooses rows', () => {
    const edges = ['a.x>b.x', 'a.y>b.*', 'b.x>c.x', 'b.z>c.z', 'c.x>d.*'].map(edge)
    const { spots, edges: met } = wayOf(edges, { box: 'b', column: 'x' })
    expect([...met].sort()).toEqual([0, 1, 2, 4])
    const keys = ['a.x', 'a.y', 'b.x', 'c.x', 'd.*'].map((one) => spotKey(spot(one)))
    expect([...spots].sort()).toEqual(keys.sort())
    // Down from what chooses rows no column is reached, and up from one the other columns are not.
    expect([...wayOf(edges, { box: 'a', column: 'y' }).edges]).toEqual([1])
  })
})
