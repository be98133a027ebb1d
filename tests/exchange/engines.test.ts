import type { AddressInfo } from 'node:net'
import { mountDataset } from '@huitong/contract/curation'
import { createChannel, readChannel, startChannel, startReconciliation } from '@huitong/contract/exchange'
import { createSource, discoverSource, listNodes, listTables } from '@huitong/contract/nodes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AgentProcess } from '../../apps/agent/src/testing/agent-process.ts'
import { run, settingsOf } from '../../apps/agent/src/testing/exchange.ts'
import { mysql, postgresql } from '../../packages/connectors/src/index.ts'
import { runMysql, startMariadb, type TestMariadb } from '../../packages/connectors/src/testing/mariadb.ts'
import { csvOf, fieldsOf } from '../../packages/connectors/src/testing/transfer.ts'
import { agentOf } from '../faults/exchange/log-world.ts'
import { completeContent, decide, publish, readAs } from '../harness/catalogue.ts'
import { createDatabase, type TestDatabase } from '../harness/database.ts'
import { useEngine } from '../harness/engine.ts'
import { grantTo } from '../harness/exchange.ts'
import { eventually } from '../harness/guards.ts'
import { usePlatform } from '../harness/platform.ts'

// The whole way through the real server and two real agents, with MariaDB at one end and PostgreSQL at the other.

type Settings = ReturnType<typeof settingsOf>
const PATIENCE_MS = 20_000
const ROWS = 2_000
const ITEMS = ['id', 'name', 'amount', 'born', 'seen', 'note']

const IN_MARIADB = `
  CREATE TABLE person (id bigint unsigned PRIMARY KEY, name varchar(40) CHARACTER SET gbk, amount decimal(30,10), born date,
    seen datetime(6), note longtext) CHARACTER SET utf8mb4 COMMENT '低保对象';
  INSERT INTO person SELECT 18446744073709540000 + seq, elt(1 + seq % 5, '张三', '', '李 四 ', 'a?b'),
    cast(seq as decimal(20)) * 123456789 / 10000000000, date '1900-01-31' + interval seq day,
    timestamp '2024-02-29 08:00:00.000001' + interval seq hour, elt(1 + seq % 4, '𠮷\ue000龘', 'a"b,c\nd', '\\\\N')
  FROM seq_1_to_${ROWS}`
const IN_POSTGRESQL = `
  CREATE TABLE person (id numeric(20,0) PRIMARY KEY, name varchar(40), amount numeric(30,10), born date, seen timestamptz,
    note text);
  INSERT INTO person SELECT 18446744073709540000 + n, (ARRAY['张三', '', '李 四 ', NULL, 'a?b'])[1 + n % 5],
    n::numeric * 123456789 / 10000000000, date '1900-01-31' + n, timestamptz '2024-02-29 08:00:00.000001+08' + n * interval '1 hour',
    (ARRAY[E'𠮷\ue000龘', E'a"b,c\\nd', '\\N', NULL])[1 + n % 4] FROM generate_series(1, ${ROWS}) n`

describe('through the whole platform', () => {
  const platform = usePlatform()
  useEngine(platform)
  let mariadb: TestMariadb
  const databases: TestDatabase[] = []
  const agents: AgentProcess[] = []
  const nodes = { civil: '', works: '' }
  const ends = {} as Record<'mysql' | 'postgresql', { source: Settings; target: Settings }>

  beforeAll(async () => {
    ;[mariadb] = await Promise.all([startMariadb(), platform.server.http.listen({ port: 0, host: '127.0.0.1' })])
    databases.push(await createDatabase(), await createDatabase())
    const [source, target] = databases.map(({ url }) => settingsOf(url))
    ends.postgresql = { source: source!, target: target! }
    ends.mysql = { source: await mariadb.database(), target: await mariadb.database() }
    const line = platform.server.http.server.address() as AddressInfo
    agents.push(await agentOf({ platform, line }, 'civil', '民政前置节点'))
    agents.push(await agentOf({ platform, line }, 'works', '住建前置节点'))
    const { items } = await (await platform.as('centre')).call(listNodes, { query: { limit: '200' } })
    nodes.civil = items.find(({ name }) => name.zh === '民政前置节点')!.id
    nodes.works = items.find(({ name }) => name.zh === '住建前置节点')!.id
  })
  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.dispose()))
    await Promise.all([mariadb?.stop(), ...databases.map((database) => database.drop())])
  })

  const sourceOf = async (kind: 'mysql' | 'postgresql', usage: 'provide' | 'receive') => {
    const settings = ends[kind][usage === 'provide' ? 'source' : 'target']
    const nodeId = usage === 'provide' ? nodes.civil : nodes.works
    const body = {
      name: { zh: `${kind} ${usage}` },
      nodeId,
      kind,
      settings: { ...settings },
      usage,
      frontDatabase: true,
    }
    return (await (await platform.as('centre')).call(createSource, { body })).id
  }

  /** A published dataset on the table that the provider's agent finds in the source. */
  async function mounted(sourceId: string) {
    const centre = await platform.as('centre')
    await centre.call(discoverSource, { params: { id: sourceId } })
    const list = () => centre.call(listTables, { params: { id: sourceId } })
    const { items } = await eventually(list, (page) => page.items.length > 0, PATIENCE_MS)
    const table = items.find(({ name }) => name === 'person')!
    expect(table.key).toEqual(['id'])
    const item = (code: string) => {
      const isKey = code === 'id'
      return {
        code,
        name: { zh: code },
        type: 'text',
        shareAttribute: 'conditional',
        level: 'general_2',
        key: isKey,
        nullable: !isKey,
      } as const
    }
    const dataset = await publish(platform, completeContent({ items: ITEMS.map(item) }))
    const mapping = ITEMS.map((code) => ({ item: code, field: code }))
    const officer = await platform.as('civil-officer')
    await officer.call(mountDataset, { params: { id: dataset.id }, body: { tableId: table.id, mapping } })
    return { dataset, fields: table.fields.map(({ name, canonicalType }) => ({ name, type: canonicalType })) }
  }

  test.each([
    ['mysql', 'postgresql', IN_MARIADB],
    ['postgresql', 'mysql', IN_POSTGRESQL],
  ] as const)(
    'from %s to %s: found, mounted, granted, copied whole, and both ends reconcile as equal',
    async (from, into, made) => {
      await (from === 'mysql' ? runMysql(ends.mysql.source, made) : run(databases[0]!.url, made))
      const { dataset, fields } = await mounted(await sourceOf(from, 'provide'))
      const request = await grantTo(platform, dataset, { items: ITEMS })
      const centre = await platform.as('centre')
      const targetSourceId = await sourceOf(into, 'receive')
      const body = { grantId: request.grantId!, targetSourceId, targetTable: 'received' }
      const { id } = await centre.call(createChannel, { body })
      const params = { id }
      const channel = () => centre.call(readChannel, { params })
      await eventually(
        () => readAs(platform, 'works-officer', request.id),
        ({ step }) => step === 'applicant_confirm',
      )
      await decide(platform, request.id, 'applicant_confirm')
      const { version } = await eventually(channel, ({ state }) => state === 'ready')
      await centre.call(startChannel, { params }, { match: version })
      const done = await eventually(channel, ({ state }) => state === 'completed' || state === 'failed', PATIENCE_MS)
      expect(done.problem).toBeNull()
      expect(done.progress).toMatchObject({ rowsSealed: String(ROWS), rowsApplied: String(ROWS) })
      await centre.call(startReconciliation, { params })
      const compared = await eventually(channel, ({ reconciliations: [last] }) => last?.finishedAt != null, PATIENCE_MS)
      expect(compared.reconciliations[0]).toMatchObject({
        state: 'equal',
        bucketsDifferent: 0,
        sourceRows: String(ROWS),
        targetRows: String(ROWS),
      })
      const rowsOf = async (kind: 'mysql' | 'postgresql', side: 'source' | 'target', name: string) => {
        const settings = ends[kind][side]
        const schema = kind === 'mysql' ? settings.database : 'public'
        const database = (kind === 'mysql' ? mysql : postgresql).open(settings)
        return fieldsOf((await csvOf(database, { schema, name }, fields)).csv, fields).sort()
      }
      const sent = await rowsOf(from, 'source', 'person')
      expect(sent.length).toBe(ROWS)
      expect(await rowsOf(into, 'target', 'received')).toEqual(sent)
    },
    60_000,
  )
})
