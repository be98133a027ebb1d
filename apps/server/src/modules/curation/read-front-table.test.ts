import { readFrontTable } from '@huitong/contract/curation'
import { draftFromTable, mountDataset } from '@huitong/contract/curation'
import type { DiscoverResult } from '@huitong/contract/work'
import { type Discovery, mysql, postgresql } from '@huitong/connectors'
import { beforeAll, describe, expect, test } from 'vitest'
import { run, startCluster } from '../../../../../packages/connectors/src/testing/cluster.ts'
import { runMysql, startMariadb } from '../../../../../packages/connectors/src/testing/mariadb.ts'
import { completeContent, createDraft, publish, type Dataset } from '../../../../../tests/harness/catalogue.ts'
import { discover } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { addSource, enrol } from '../../../../../tests/harness/node.ts'
import { usePlatform, type Account } from '../../../../../tests/harness/platform.ts'

/** What a connector finds in a fresh database in which the script was run. */
async function discovered(kind: 'postgresql' | 'mysql', script: string): Promise<Discovery> {
  const limits = { tablesMax: 10, columnsMax: 100 }
  const server = await (kind === 'mysql' ? startMariadb() : startCluster())
  try {
    const settings = await server.database()
    await (kind === 'mysql' ? runMysql(settings, script) : run(settings, script))
    return await (kind === 'mysql' ? mysql : postgresql).discover(settings, limits)
  } finally {
    await server.stop()
  }
}

describe('script of a front table', () => {
  const platform = usePlatform()
  let dataset: Dataset
  beforeAll(async () => void (dataset = await publish(platform, completeContent())))
  const read = async (
    id = dataset.id,
    table = 'villages_push',
    account: Account = 'civil-officer',
    kind: 'postgresql' | 'mysql' = 'postgresql',
  ) => (await platform.as(account)).call(readFrontTable, { params: { id }, query: { kind, table } })
  guards(platform, readFrontTable, {
    input: () => ({ params: { id: dataset.id }, query: { kind: 'postgresql' as const, table: 'x' } }),
    denied: ['civil-head', 'operator', 'works-developer'],
  })

  test.each(['postgresql', 'mysql'] as const)(
    '200 %s: what the script makes is found with its key, items and convention, and is mounted',
    async (kind) => {
      const fresh = await publish(platform, completeContent())
      const { script, kind: given } = await read(fresh.id, 'villages_push', 'civil-officer', kind)
      expect(given).toBe(kind)
      const found = await discovered(kind, script)
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
      const node = await enrol(platform, platform.departments.civil, `民政前置节点 ${kind}`)
      const source = await addSource(platform, node, 'provide', kind)
      const table = await discover(platform, node, source.id, { tables })
      const officer = await platform.as('civil-officer')
      const suggested = await officer.call(draftFromTable, { body: { tableId: table.id } })
      expect(suggested.convention).toEqual({
        operation: 'op',
        updatedAt: 'updated_at',
        batch: 'batch_no',
        mark: 'exchanged_at',
      })
      const items = fresh.content.items!
      expect(suggested.mapping.map(({ item }) => item)).toEqual(items.map(({ code }) => code))
      expect(suggested.content.items!.map(({ name, key }) => [name.zh, key])).toEqual(
        items.map(({ name, key }) => [name.zh, key ?? false]),
      )
      const { mapping, convention } = suggested
      const body = { tableId: table.id, mapping, convention }
      const mounted = await officer.call(mountDataset, { params: { id: fresh.id }, body })
      expect(mounted.distributions.map(({ kind: by }) => by)).toContain('table')
    },
  )

  test('409 mysql: a key that its tables cannot have', async () => {
    const items = ['a', 'b', 'c', 'd'].map((code) => ({ code, name: { zh: code }, length: 400, key: true }))
    const wide = await createDraft(platform, { name: { zh: '长主键' }, items })
    const error = await refused(read(wide.id, 'x', 'civil-officer', 'mysql'), 'object.state')
    expect(error.places.map((one) => one.path)).toEqual(['/items'])
    expect((await read(wide.id, 'x')).script).toContain('primary key')
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
