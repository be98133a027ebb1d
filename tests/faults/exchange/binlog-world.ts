import type { AddressInfo } from 'node:net'
import { mountDataset } from '@huitong/contract/curation'
import { createChannel, readChannel, startChannel } from '@huitong/contract/exchange'
import { createSource, discoverSource, listNodes, listTables } from '@huitong/contract/nodes'
import { afterAll, beforeAll } from 'vitest'
import type { AgentProcess } from '../../../apps/agent/src/testing/agent-process.ts'
import { settingsOf } from '../../../apps/agent/src/testing/exchange.ts'
import { type Database, mysql, postgresql } from '../../../packages/connectors/src/index.ts'
import { startMariadb, type TestMariadb } from '../../../packages/connectors/src/testing/mariadb.ts'
import {
  LOG_OPTIONS,
  MYSQL_LEDGER_COLUMNS,
  MysqlLedger,
} from '../../../packages/connectors/src/testing/mysql-ledger.ts'
import { csvOf, fieldsOf } from '../../../packages/connectors/src/testing/transfer.ts'
import { completeContent, decide, publish, readAs } from '../../harness/catalogue.ts'
import { createDatabase, type TestDatabase } from '../../harness/database.ts'
import { useEngine } from '../../harness/engine.ts'
import { type Channel, grantTo } from '../../harness/exchange.ts'
import { eventually } from '../../harness/guards.ts'
import { type TestPlatform, usePlatform } from '../../harness/platform.ts'
import { FaultProxy } from './fault-proxy.ts'
import { agentOf } from './log-world.ts'

type MysqlSettings = Awaited<ReturnType<TestMariadb['database']>>
export type Into = 'postgresql' | 'mysql'

/** A real platform, two real agents as processes of their own, a MariaDB as the source, and a target of either kind. */
export interface BinlogWorld {
  readonly platform: TestPlatform
  mariadb: TestMariadb
  provider: AgentProcess
  consumer: AgentProcess
  /** The source as it is, without the proxy. */
  source: MysqlSettings
  received: TestDatabase
  /** Between the agents and the platform, and the provider's agent and its database. */
  line: FaultProxy
  sourceLine: FaultProxy
  targetLine: FaultProxy
  sourceId: string
  targets: Readonly<Record<Into, { readonly id: string; readonly database: Database; readonly schema: string }>>
}

/** Call at the top of a describe. @param options of the MariaDB besides its log. */
export function useBinlogWorld(options: readonly string[] = []): BinlogWorld {
  const platform = usePlatform()
  useEngine(platform)
  const world = { platform } as BinlogWorld
  beforeAll(async () => {
    ;[world.mariadb, world.received] = await Promise.all([startMariadb([...LOG_OPTIONS, ...options]), createDatabase()])
    world.source = await world.mariadb.database()
    const target = await world.mariadb.database()
    await platform.server.http.listen({ port: 0, host: '127.0.0.1' })
    const { port } = platform.server.http.server.address() as AddressInfo
    const lines = await Promise.all([port, world.mariadb.port].map((to) => FaultProxy.start('127.0.0.1', to)))
    ;[world.line, world.sourceLine] = lines as [FaultProxy, FaultProxy]
    world.targetLine = await FaultProxy.start('127.0.0.1', world.mariadb.port)
    world.provider = await agentOf(world, 'civil', '民政前置节点')
    world.consumer = await agentOf(world, 'works', '住建前置节点')
    const centre = await platform.as('centre')
    const { items } = await centre.call(listNodes, { query: { limit: '200' } })
    const nodeOf = (zh: string) => items.find(({ name }) => name.zh === zh)!.id
    const make = async (node: string, kind: Into, settings: object, usage: 'provide' | 'receive') => {
      const name = { zh: `${usage} ${kind}` }
      const body = { name, nodeId: nodeOf(node), kind, settings: { ...settings }, usage, frontDatabase: true }
      return (await centre.call(createSource, { body })).id
    }
    const through = { ...world.source, host: '127.0.0.1', port: world.sourceLine.port }
    world.sourceId = await make('民政前置节点', 'mysql', through, 'provide')
    const [pg, my] = [settingsOf(world.received.url), { ...target, port: world.targetLine.port }]
    world.targets = {
      postgresql: {
        id: await make('住建前置节点', 'postgresql', pg, 'receive'),
        database: postgresql.open(pg),
        schema: 'public',
      },
      mysql: {
        id: await make('住建前置节点', 'mysql', my, 'receive'),
        database: mysql.open(target),
        schema: target.database,
      },
    }
  })
  afterAll(async () => {
    await Promise.all([world.provider?.dispose(), world.consumer?.dispose()])
    for (const line of [world.line, world.sourceLine, world.targetLine]) await line?.stop()
    await Promise.all([world.mariadb?.stop(), world.received?.drop()])
  })
  return world
}

export interface BinlogChannel {
  readonly ledger: MysqlLedger
  readonly table: string
  readonly id: string
  channel(): Promise<Channel>
  start(): Promise<void>
  until(holds: (channel: Channel) => boolean, timeoutMs?: number): Promise<Channel>
  /** Rows of both ends as canonical texts. */
  sent(): Promise<string[]>
  gotten(): Promise<string[]>
  /** Waits until both sides hold the same, and fails with what differs otherwise. */
  settle(timeoutMs?: number): Promise<void>
}

let ledgers = 0
const ITEMS = MYSQL_LEDGER_COLUMNS.map(({ name }) => name)

/** A ledger in the source, and a channel in mode `log` that is ready to start. */
export async function binlogChannel(
  world: BinlogWorld,
  { into, ...options }: { into: Into; accounts?: number; seed?: number; answer?: Parameters<typeof grantTo>[3] },
): Promise<BinlogChannel> {
  const { platform } = world
  const table = `ledger_${++ledgers}`
  const ledger = await MysqlLedger.open(world.source, table, options)
  const centre = await platform.as('centre')
  await centre.call(discoverSource, { params: { id: world.sourceId } })
  const list = () => centre.call(listTables, { params: { id: world.sourceId } })
  const { items } = await eventually(list, (page) => page.items.some(({ name }) => name === table), 20_000)
  const item = (code: string) => {
    const key = code === 'account'
    const open = { shareAttribute: 'conditional', level: 'general_2', type: 'text' } as const
    return { code, name: { zh: code }, ...open, key, nullable: !key }
  }
  const dataset = await publish(platform, completeContent({ items: ITEMS.map(item) }))
  const mounted = {
    tableId: items.find(({ name }) => name === table)!.id,
    mapping: ITEMS.map((one) => ({ item: one, field: one })),
  }
  const officer = await platform.as('civil-officer')
  await officer.call(mountDataset, { params: { id: dataset.id }, body: mounted })
  const request = await grantTo(platform, dataset, { items: ITEMS }, options.answer ?? {})
  const target = world.targets[into]
  const received = `received_${ledgers}`
  const body = { grantId: request.grantId!, targetSourceId: target.id, targetTable: received, mode: 'log' as const }
  const { id } = await centre.call(createChannel, { body })
  await eventually(
    () => readAs(platform, 'works-officer', request.id),
    (one) => one.step === 'applicant_confirm',
  )
  await decide(platform, request.id, 'applicant_confirm')
  const channel = () => centre.call(readChannel, { params: { id } })
  await eventually(channel, ({ state }) => state === 'ready')
  const rowsOf = async (database: Database, schema: string, name: string) => {
    const { csv } = await csvOf(database, { schema, name }, MYSQL_LEDGER_COLUMNS)
    return fieldsOf(csv, MYSQL_LEDGER_COLUMNS)
      .map((row) => row.join('|'))
      .sort()
  }
  const sent = () => rowsOf(mysql.open(world.source), world.source.database, table)
  const gotten = () => rowsOf(target.database, target.schema, received)
  return {
    ledger,
    table,
    id,
    channel,
    sent,
    gotten,
    async start() {
      const { version } = await channel()
      await centre.call(startChannel, { params: { id } }, { match: version })
    },
    until: (holds, timeoutMs = 30_000) => eventually(channel, holds, timeoutMs),
    async settle(timeoutMs = 30_000) {
      await eventually(
        async () => [await sent(), await gotten()] as const,
        ([left, right]) => left.join('\n') === right.join('\n'),
        timeoutMs,
      ).catch(async (cause: Error) => {
        // Where it stands says more than the rows that differ.
        const { state, problem, log } = await channel()
        throw new Error(`not settled: ${JSON.stringify({ state, problem, log })}`, { cause })
      })
    },
  }
}
