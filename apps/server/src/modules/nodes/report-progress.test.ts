import { reportProgress } from '@huitong/contract/nodes'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { queueWork } from './work.ts'

describe('a node reports progress', () => {
  let ahead = 0
  const platform = usePlatform({ jobs: false, clock: { now: () => new Date(Date.now() + ahead) } })
  let node: TestNode
  let id = ''
  let fence = ''
  const progress = { rowsSealed: '10', segmentsSealed: 1, segmentsUploaded: 0, complete: false }
  beforeAll(async () => {
    node = await enrol(platform, platform.departments.civil)
    const tools = { now: new Date(), wake: async () => undefined }
    id = await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      queueWork(
        { ...tools, db },
        { nodeId: node.id, kind: 'read', subjectKind: 'channel', subjectId: randomUUID(), input: {} },
      ),
    )
    fence = (await node.poll()).work[0]!.fence
  })
  const report = (by: TestNode, body: { fence: string; progress: unknown }, workId = id) =>
    by.call(reportProgress, { params: { id: workId }, body })
  const kept = () =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) => db.one(sql`select progress from node_work where id = ${id}`))

  test('200: it is kept, and renews the lease', async () => {
    ahead = 50_000
    await report(node, { fence, progress })
    expect(await kept()).toEqual({ progress })
    ahead = 100_000
    expect((await node.poll()).work).toEqual([])
    ahead = 0
  })

  test('400: a progress of another shape is refused, so that no page trips over it', async () => {
    for (const bad of [
      { ...progress, rowsSealed: 'many' },
      { ...progress, extra: 1 },
      null,
      '10',
      { ...progress, rowsSealed: 10 },
    ])
      expect(pathsOf(await refused(report(node, { fence, progress: bad }), 'request.invalid'))).toEqual(['/progress'])
    expect(await kept()).toEqual({ progress })
  })

  test('401 without a signature, 404 for another node’s work, 409 for a stale fence', async () => {
    await refused(
      clientOf(platform.server).call(reportProgress, { params: { id }, body: { fence, progress } }),
      'signature.invalid',
    )
    const other = await enrol(platform, platform.departments.civil)
    await refused(report(other, { fence, progress }), 'object.not_found')
    await refused(report(node, { fence, progress }, NOBODY), 'object.not_found')
    await refused(report(node, { fence: '0', progress }), 'node.fenced')
    await node.poll({ boot: randomUUID() })
    await refused(report(node, { fence, progress }), 'node.fenced')
  })
})
