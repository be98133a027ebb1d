import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { queueWork, cancelWork } from './work.ts'
import { notify } from '../../kernel/wake.ts'

describe('a node asks for work', () => {
  let ahead = 0
  const platform = usePlatform({ jobs: false, clock: { now: () => new Date(Date.now() + ahead) } })
  let node: TestNode
  let other: TestNode
  beforeAll(async () => {
    node = await enrol(platform, platform.departments.civil)
    other = await enrol(platform, platform.departments.civil)
  })
  beforeEach(async () => {
    ahead = 0
    await platform.server.services.db.write(SYSTEM_ROWS, (db) => db.run(sql`update node_work set state = 'cancelled'`))
  })
  const write = <T>(
    work: (tools: {
      db: Parameters<Parameters<typeof platform.server.services.db.write>[1]>[0]
      now: Date
      wake: (topic: string) => Promise<void>
    }) => Promise<T>,
  ) =>
    platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      work({ db, now: new Date(), wake: (topic) => notify(db, topic) }),
    )
  const queue = (nodeId = node.id) =>
    write((tools) =>
      queueWork(tools, { nodeId, kind: 'discover', subjectKind: 'data_source', subjectId: randomUUID(), input: {} }),
    )
  const ids = (reply: { work: { id: string }[] }) => reply.work.map((one) => one.id)

  test('work goes to its own node, in the order in which it was queued, eight at once', async () => {
    const queued: string[] = []
    for (let n = 0; n < 10; n++) queued.push(await queue())
    const foreign = await queue(other.id)
    const first = ids(await node.poll())
    expect(first.sort()).toEqual(queued.slice(0, 8).sort())
    expect(ids(await node.poll({ running: first })).sort()).toEqual(queued.slice(8).sort())
    expect(ids(await other.poll())).toEqual([foreign])
  })

  test('a waiting poll answers as soon as work is queued', async () => {
    const begun = performance.now()
    const waiting = node.poll({ waitSeconds: 20 })
    await new Promise((resolve) => setTimeout(resolve, 150))
    const id = await queue()
    expect(ids(await waiting)).toEqual([id])
    expect(performance.now() - begun).toBeLessThan(1_100)
  })

  test('two polls of one boot at the same time do not both get it', async () => {
    await queue()
    const replies = await Promise.all([node.poll(), node.poll(), node.poll()])
    expect(replies.flatMap(ids)).toHaveLength(1)
  })

  test('running work keeps its lease; silent work is given out again with a larger fence', async () => {
    const id = await queue()
    const [leased] = (await node.poll()).work
    expect(leased).toMatchObject({ id, fence: '1', leaseSeconds: 60 })
    for (let n = 0; n < 3; n++) {
      ahead += 50_000
      expect(await node.poll({ running: [id] })).toEqual({ work: [], revoked: [] })
    }
    ahead += 61_000
    expect((await node.poll()).work).toMatchObject([{ id, fence: '2' }])
  })

  test('work whose reply got lost is given to the next poll of the same boot, and only then', async () => {
    const id = await queue()
    expect((await node.poll({ poll: 1 })).work).toMatchObject([{ id, fence: '1' }])
    // Two replies on their way at the same time do not both bring it.
    expect(ids(await node.poll({ poll: 1 }))).toEqual([])
    const again = await Promise.all([node.poll({ poll: 2 }), node.poll({ poll: 2 })])
    expect(again.flatMap((reply) => reply.work)).toMatchObject([{ id, fence: '2' }])
    expect(await node.poll({ poll: 3, running: [id] })).toEqual({ work: [], revoked: [] })
  })

  test('what never arrived does not keep new work waiting', async () => {
    for (let n = 0; n < 8; n++) await queue()
    await node.poll({ poll: 1 })
    const fresh = await queue()
    expect(ids(await node.poll({ poll: 2 }))).toContain(fresh)
  })

  test('a new boot takes over at once, and the old one is told to drop it', async () => {
    const id = await queue()
    await node.poll()
    const boot = randomUUID()
    expect((await node.poll({ boot })).work).toMatchObject([{ id, fence: '2' }])
    expect(await node.poll({ running: [id] })).toEqual(expect.objectContaining({ revoked: [id] }))
  })

  test('cancelled work is named as revoked, also while the poll waits', async () => {
    const id = await queue()
    await node.poll()
    const waiting = node.poll({ running: [id], waitSeconds: 20 })
    await new Promise((resolve) => setTimeout(resolve, 100))
    const begun = performance.now()
    await write((tools) => cancelWork(tools, [id]))
    expect(await waiting).toEqual({ work: [], revoked: [id] })
    expect(performance.now() - begun).toBeLessThan(1_100)
  })

  test('a node cannot keep another node’s work by naming it as running', async () => {
    const id = await queue(other.id)
    await other.poll()
    expect(await node.poll({ running: [id] })).toEqual({ work: [], revoked: [id] })
  })
})
