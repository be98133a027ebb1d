import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Graph } from './graph.ts'
import { EDGES_MAX, LOOKS_MAX, walk } from './walk.ts'

const COPIED = { how: 'copied', way: 'IDENTITY', seen: true } as const
const FILTER = { how: 'filter', way: 'FILTER', seen: true } as const

/** Boxes by their names, those with a `-` out of sight, and edges as `a.x>b.y`; `*` stands for the rows. */
function graphOf(boxes: string, edges: string): Graph {
  const graph = new Graph()
  for (const id of boxes.split(' '))
    graph.add(
      {
        id: id.replace('-', ''),
        kind: 'dataset',
        name: { zh: id },
        code: null,
        departmentId: null,
        departmentName: null,
        objectId: null,
        seen: !id.startsWith('-'),
      },
      [],
    )
  const spot = (text: string) => {
    const [box, column] = text.split('.')
    return { box: box!, column: column === '*' ? null : column! }
  }
  for (const edge of edges.split(' ')) {
    const [from, to] = edge.split('>')
    graph.lead(spot(from!), spot(to!), to!.endsWith('*') ? FILTER : COPIED)
  }
  return graph
}
const lines = (graph: Graph, start: string, direction: 'up' | 'down') => {
  const [box, column] = start.split('.')
  const walked = walk(graph, [{ box: box!, column: column! }], [direction])
  const spot = (one: { box: string; column: string | null }) => `${one.box}.${one.column ?? '*'}`
  return {
    ...walked,
    lines: walked.edges.map((one) => `${spot(one.from)} ${one.how}${one.through || ''} ${spot(one.to)}`),
  }
}

describe('a walk through lineage', () => {
  test('a ring of tables ends', () => {
    const ring = graphOf('a b c', 'a.x>b.x b.x>c.x c.x>a.x')
    for (const direction of ['up', 'down'] as const) expect(lines(ring, 'a.x', direction).edges.length).toBe(3)
  })

  test('what chooses the rows of a table has a part in all that is made of it, and in every column that is looked up', () => {
    const graph = graphOf('a b c', 'a.x>b.x a.y>b.* b.x>c.x')
    expect(lines(graph, 'a.y', 'down').lines).toEqual(['a.y filter b.*', 'b.* rows c.*'])
    expect(lines(graph, 'c.x', 'up').lines).toEqual(['b.x copied c.x', 'a.x copied b.x', 'a.y filter b.*'])
  })

  test('that rows follow rows is not told where columns say it', () => {
    const graph = graphOf('a b c', 'a.x>b.x a.x>b.* b.x>c.x')
    expect(lines(graph, 'a.x', 'down').lines).toEqual(['a.x copied b.x', 'a.x filter b.*', 'b.x copied c.x'])
  })

  test('boxes out of sight are passed and counted, by the shortest way, and never named', () => {
    const graph = graphOf('a -h -i -j d', 'a.x>h.x h.x>i.x i.x>d.x h.x>j.x a.x>d.y')
    const walked = lines(graph, 'a.x', 'down')
    expect(walked.lines.sort()).toEqual(['a.x copied d.y', 'a.x hidden2 d.x'])
    expect(walked.hidden).toBe(3)
    expect(walked.boxes.map((one) => one.id)).toEqual(['a', 'd'])
    expect(lines(graph, 'd.x', 'up').lines).toEqual(['a.x hidden2 d.x'])
  })

  test('a box that is seen as one thing is not hidden as another', () => {
    const graph = graphOf('-t t', 't.x>t.y')
    expect(graph.boxes.get('t')!.seen).toBe(true)
    const other = graphOf('t -t', 't.x>t.y')
    expect(other.boxes.get('t')!.seen).toBe(true)
  })

  test('a box that is seen as one thing tells nothing of what else it is', () => {
    const graph = graphOf('p d k', 'p.x>t.x')
    const view = { kind: 'source', name: { zh: 't' }, code: null, departmentId: null, departmentName: null } as const
    const label = { zh: 'its own' }
    // As the table of its owner it is out of sight, as the receiving table of the reader's task it is not.
    graph.add(
      { ...view, id: 't', objectId: null, seen: false },
      [...'xno'].map((one) => [one, label]),
    )
    graph.add({ ...view, id: 't', objectId: null, seen: true }, [['x', null]])
    graph.lead({ box: 'p', column: 'x' }, { box: 't', column: 'x' }, COPIED)
    const unseen = (from: string, box: string, column: string | null, given: typeof COPIED | typeof FILTER) =>
      graph.lead({ box: 't', column: from }, { box, column }, { ...given, seen: false })
    unseen('x', 'd', 'x', COPIED)
    unseen('n', 'd', 'n', COPIED)
    unseen('updated', 'k', null, FILTER)
    graph.lead({ box: 'd', column: 'x' }, { box: 'k', column: 'x' }, COPIED)
    const up = lines(graph, 'k.x', 'up')
    expect(up.lines).toEqual(['d.x copied k.x', 't.x hidden1 d.x', 'p.x copied t.x'])
    expect(up.hidden).toBe(1)
    expect(up.boxes.find((one) => one.id === 't')!.columns).toEqual([{ name: 'x', label: null }])
    expect(graph.sees({ box: 't', column: 'n' })).toBe(false)
    // What the owner alone maps to is no column of the dataset for others.
    expect(graph.sees({ box: 'd', column: 'n' })).toBe(false)
    expect(Object.keys(up.edges[0]!)).not.toContain('seen')
  })

  test('what is hidden is looked at once for all that lead there, and not without end', () => {
    const columns = Array.from({ length: 1000 }, (_, at) => at)
    const starts = columns.map((at) => ({ box: 'a', column: `c${at}` }))
    const into = columns.map((at) => `a.c${at}>h.x`).join(' ')
    const dead = columns.map((at) => `h.x>i.c${at}`).join(' ')
    const once = walk(graphOf('a -h -i', `${into} ${dead}`), starts, ['down'])
    expect(once).toMatchObject({ edges: [], hidden: 2, truncated: false })
    // Each has a way of its own into the same hidden place, and would look at all of it again.
    const own = columns.map((at) => `a.c${at}>h.c${at} h.c${at}>i.x`).join(' ')
    const behind = columns.map((at) => `i.x>j.c${at}`).join(' ')
    expect(columns.length ** 2).toBeGreaterThan(LOOKS_MAX)
    const all = walk(graphOf('a -h -i -j', `${own} ${behind}`), starts, ['down'])
    expect(all).toMatchObject({ edges: [], hidden: 3, truncated: true })
  })

  test('an answer is bounded, the nearest first, and says so', () => {
    const wide = Array.from({ length: 2 * EDGES_MAX }, (_, at) => `a.x>b.c${at}`).join(' ')
    const walked = lines(graphOf('a b', wide), 'a.x', 'down')
    expect(walked.edges.length).toBe(EDGES_MAX)
    expect(walked.truncated).toBe(true)
    expect(walked.boxes[1]!.columns.length).toBe(EDGES_MAX)
  })

  test('whatever is hidden, the answer names what can be seen and reached, and nothing else', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    const spot = fc.tuple(fc.constantFrom(...ids), fc.constantFrom('x', 'y')).map(([box, column]) => `${box}.${column}`)
    const edge = fc
      .tuple(spot, fc.oneof(spot, fc.constantFrom(...ids.map((id) => `${id}.*`))))
      .map((two) => two.join('>'))
    fc.assert(
      fc.property(fc.uniqueArray(edge, { minLength: 1, maxLength: 14 }), fc.subarray(ids.slice(1)), (edges, hidden) => {
        const boxes = ids.map((id) => (hidden.includes(id) ? `-${id}` : id))
        const [graph, open] = [graphOf(boxes.join(' '), edges.join(' ')), graphOf(ids.join(' '), edges.join(' '))]
        for (const direction of ['up', 'down'] as const) {
          const [walked, all] = [lines(graph, 'a.x', direction), lines(open, 'a.x', direction)]
          const names = walked.boxes.map((one) => one.id)
          expect(names.filter((id) => hidden.includes(id))).toEqual([])
          expect(JSON.stringify(walked.edges)).not.toMatch(new RegExp(`"box":"(${[...hidden, 'none'].join('|')})"`))
          // Hiding boxes takes away nothing that lies beyond them.
          expect(names.toSorted()).toEqual(
            all.boxes
              .map((one) => one.id)
              .filter((id) => !hidden.includes(id))
              .toSorted(),
          )
          expect(walked.hidden).toBe(all.boxes.length - names.length)
        }
      }),
      { numRuns: 500 },
    )
  })
})
