import { readFrontTable } from '@huitong/contract/curation'
import { draftFromTable } from '@huitong/contract/curation'
import type { DiscoverResult } from '@huitong/contract/work'
import { postgresql } from '@huitong/connectors'
import { beforeAll, describe, expect, test } from 'vitest'
import { run, startCluster } from '../../../../../packages/connectors/src/testing/cluster.ts'
import { completeContent, createDraft, publish, type Dataset } from '../../../../../tests/harness/catalogue.ts'
import { discover } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { addSource, enrol } from '../../../../../tests/harness/node.ts'
import { usePlatform, type Account } from '../../../../../tests/harness/platform.ts'

describe('script of a front table', () => {
  const platform = usePlatform()
  let dataset: Dataset
  beforeAll(async () => void (dataset = await publish(platform, completeContent())))
  const read = async (id = dataset.id, table = 'villages_push', account: Account = 'civil-officer') =>
    (await platform.as(account)).call(readFrontTable, { params: { id }, query: { kind: 'postgresql', table } })
  guards(platform, readFrontTable, {
    input: () => ({ params: { id: dataset.id }, query: { kind: 'postgresql' as const, table: 'x' } }),
    denied: ['civil-head', 'operator', 'works-developer'],
  })

  test('200: what the script makes is found with its key, items and convention, ready to be mounted', async () => {
    const { script } = await read()
    const cluster = await startCluster()
    const db = await cluster.database()
    await run(db, script)
    const found = await postgresql.discover(db, { tablesMax: 10, columnsMax: 100 })
    await cluster.stop()
    const tables: DiscoverResult['tables'] = found.tables.map(
      ({ schema, name, comment, suggestedName, columns, primaryKey }) => ({
        schema,
        name,
        comment,
        suggestedName,
        rowEstimate: '0',
        key: [...primaryKey],
        schemaHash: 'c'.repeat(64),
        fields: columns.map(({ precision: _precision, scale: _scale, ...field }) => field),
      }),
    )
    const node = await enrol(platform, platform.departments.civil, '民政前置节点')
    const source = await addSource(platform, node, 'provide')
    const table = await discover(platform, node, source.id, { tables })
    const officer = await platform.as('civil-officer')
    const suggested = await officer.call(draftFromTable, { body: { tableId: table.id } })
    expect(suggested.convention).toEqual({ operation: 'op', updatedAt: 'updated_at', batch: 'batch_no' })
    const items = dataset.content.items!
    expect(suggested.mapping.map(({ item }) => item)).toEqual(items.map(({ code }) => code))
    expect(suggested.content.items!.map(({ name, key }) => [name.zh, key])).toEqual(
      items.map(({ name, key }) => [name.zh, key ?? false]),
    )
  })

  test('400: a table name that is none; 404: no such dataset; 409: without items, or with a technical field’s name', async () => {
    await refused(read(dataset.id, 'a"; drop'), 'request.invalid')
    await refused(read(NOBODY), 'object.not_found')
    const empty = await createDraft(platform, { name: { zh: '空目录' } })
    await refused(read(empty.id), 'object.state')
    const items = [{ code: 'updated_at', name: { zh: '更新时间' } }]
    const clashing = await createDraft(platform, { name: { zh: '同名目录' }, items })
    const error = await refused(read(clashing.id), 'object.state')
    expect(error.places.map((one) => one.path)).toEqual(['/items/0/code'])
  })
})
