import { finishWork } from '@huitong/contract/nodes'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { cancelWork, queueWork } from './work.ts'

describe('a node ends its work', () => {
  const platform = usePlatform({ jobs: false })
  let node: TestNode
  let work: { id: string; fence: string }
  const tools = { now: new Date(), wake: async () => undefined }
  beforeAll(async () => {
    node = await enrol(platform, platform.departments.civil)
  })
  beforeEach(async () => {
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      queueWork(
        { ...tools, db },
        { nodeId: node.id, kind: 'discover', subjectKind: 'data_source', subjectId: randomUUID(), input: {} },
      ),
    )
    work = (await node.poll()).work.at(-1)!
  })
  const row = () =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ state: string; result: unknown; problem: unknown; events: number }>(sql`select state, result, problem,
        (select count(*)::int from event where payload->>'workId' = ${work.id}) as events from node_work where id = ${work.id}`),
    )

  test('201: result and fact are kept together; the same report again is harmless', async () => {
    await node.finish(work, { tables: [] })
    expect(await row()).toMatchObject({ state: 'done', result: { tables: [] }, events: 1 })
    await node.finish(work, { tables: ['other'] })
    expect(await row()).toMatchObject({ state: 'done', result: { tables: [] }, events: 1 })
  })

  test('a failure keeps its code and words', async () => {
    await node.fail(work, 'source.unreachable')
    expect(await row()).toMatchObject({
      state: 'failed',
      problem: { code: 'source.unreachable', message: { zh: '失败' } },
    })
  })

  test('409: done is done: it does not fail afterwards, nor the other way round', async () => {
    await node.finish(work, {})
    await refused(node.fail(work, 'x'), 'object.state')
  })

  test('409: a holder of an earlier lease is fenced off, and a cancelled one too', async () => {
    await refused(node.finish({ ...work, fence: '0' }, {}), 'node.fenced')
    await platform.server.services.db.write(SYSTEM_ROWS, (db) => cancelWork({ ...tools, db }, [work.id]))
    await refused(node.finish(work, {}), 'node.fenced')
    expect(await row()).toMatchObject({ state: 'cancelled', events: 0 })
  })

  test('404: another node’s work by its true id; 401 without a signature', async () => {
    const other = await enrol(platform, platform.departments.works)
    await refused(other.finish(work, {}), 'object.not_found')
    await refused(node.finish({ ...work, id: NOBODY }, {}), 'object.not_found')
    const body = { fence: work.fence, state: 'done' as const }
    await refused(clientOf(platform.server).call(finishWork, { params: { id: work.id }, body }), 'signature.invalid')
  })

  test('400: a NUL or a lone surrogate anywhere in the result', async () => {
    await refused(node.finish(work, { tables: [{ name: 'a\0b' }] }), 'request.encoding')
    await refused(node.finish(work, { '\ud800': 1 }), 'request.encoding')
  })

  test('a result of several megabytes is taken', async () => {
    const rows = Array.from({ length: 40_000 }, (_, n) => ({
      key: [String(n).padStart(40, '0')],
      digest: 'x'.repeat(40),
    }))
    await node.finish(work, { rows })
    expect(await row()).toMatchObject({ state: 'done' })
  })
})
