import { discoverSource, listSources, listTables } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { discover, discovered } from '../../../../../tests/harness/exchange.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { addSource, enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('a discovery is recorded', () => {
  const platform = usePlatform()
  let node: TestNode
  let id = ''
  const [villages] = discovered.tables
  beforeAll(async () => {
    node = await enrol(platform, platform.departments.civil)
    id = (await addSource(platform, node, 'provide')).id
  })
  const tables = async () => (await (await platform.as('civil-officer')).call(listTables, { params: { id } })).items
  const discovery = async () => (await (await platform.as('civil-officer')).call(listSources)).items[0]!.discovery

  test('tables appear with fields, key and hash, for the source’s department only', async () => {
    await discover(platform, node, id)
    expect(await tables()).toMatchObject([
      { schema: 'public', name: 'villages', key: ['code'], rowEstimate: '620573', suggestedName: '村居委会名录' },
    ])
    expect((await tables())[0]!.fields.map((one) => one.name)).toEqual(['code', 'name', 'province_code', 'phone'])
    const { seen } = await platform.server.services.db.read(
      { scope: 'department', jurisdiction: '330100', departmentId: platform.departments.works },
      (db) => db.one<{ seen: number }>(sql`select count(*)::int as seen from source_table`),
    )
    expect(seen).toBe(0)
  })

  test('a table that changed keeps its identity; one that is gone is marked, and comes back as itself', async () => {
    const [before] = await tables()
    await discover(platform, node, id, { tables: [{ ...villages!, rowEstimate: '7', schemaHash: 'b'.repeat(64) }] })
    await eventually(tables, ([one]) => one?.schemaHash === 'b'.repeat(64))
    expect((await tables())[0]).toMatchObject({ id: before!.id, rowEstimate: '7' })
    await discover(platform, node, id, { tables: [] }).catch(() => undefined)
    expect(await eventually(tables, (list) => list.length === 0)).toEqual([])
    expect((await discover(platform, node, id)).id).toBe(before!.id)
  })

  test('a malformed result is marked as failed and keeps what was known; the next facts go on', async () => {
    const before = await tables()
    for (const bad of [
      {},
      { tables: [{ name: 'x' }] },
      { tables: [{ ...villages!, schemaHash: 'x' }] },
      null,
      { tables: [{ ...villages!, evil: 1 }] },
    ]) {
      await (await platform.as('centre')).call(discoverSource, { params: { id } })
      await node.finish(await node.work('discover'), bad)
      expect(await eventually(discovery, (one) => one?.state === 'failed')).toMatchObject({
        problem: { zh: '节点返回的探查结果不符合约定' },
      })
    }
    expect(await tables()).toEqual(before)
  })

  test('the same table twice in one result is taken as one', async () => {
    await discover(platform, node, id, { tables: [villages!] })
    await (await platform.as('centre')).call(discoverSource, { params: { id } })
    await node.finish(await node.work('discover'), { tables: [villages!, villages!] })
    expect(await eventually(discovery, (one) => one?.state === 'done')).toMatchObject({ tables: 1 })
  })

  test('each recording is an audited act of the platform', async () => {
    const { n } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ n: number }>(
        sql`select count(*)::int as n from audit where action = 'event.discovery_result' and object_id = ${id}`,
      ),
    )
    expect(n).toBeGreaterThanOrEqual(5)
  })
})
