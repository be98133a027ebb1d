import type { AddressInfo } from 'node:net'
import { createNode, createSource, discoverSource, listNodes, listTables } from '@huitong/contract/nodes'
import { type ColumnMapping, createChannel, readChannel, startChannel } from '@huitong/contract/exchange'
import { mountDataset } from '@huitong/contract/curation'
import { afterAll, beforeAll } from 'vitest'
import { AGENT_OPTIONS } from '../../../apps/server/src/supervisor/processes.ts'
import { AgentProcess } from '../../../apps/agent/src/testing/agent-process.ts'
import { run, settingsOf } from '../../../apps/agent/src/testing/exchange.ts'
import { Ledger } from '../../../packages/connectors/src/testing/ledger.ts'
import { completeContent, decide, publish, readAs } from '../../harness/catalogue.ts'
import { createDatabase, type TestDatabase } from '../../harness/database.ts'
import { useEngine } from '../../harness/engine.ts'
import { type Channel, grantTo } from '../../harness/exchange.ts'
import { eventually } from '../../harness/guards.ts'
import { type TestPlatform, usePlatform } from '../../harness/platform.ts'
import { FaultProxy } from './fault-proxy.ts'
import type { OwnCluster } from './own-cluster.ts'

const ITEMS = ['account', 'holder', 'balance', 'moved', 'note', 'step']
let ledgers = 0

/** A real platform, two real agents as processes of their own, and a database of each department. */
export interface LogWorld {
  readonly platform: TestPlatform
  provider: AgentProcess
  consumer: AgentProcess
  source: TestDatabase
  target: TestDatabase
  /** Between the agents and the platform. */
  line: FaultProxy
  /** Between the provider's agent and its database, and the consumer's and its own. */
  sourceLine: FaultProxy
  targetLine: FaultProxy
  sourceId: string
  targetId: string
}

export interface LogWorldOptions {
  /** Makes the database of the provider or of the consumer in a cluster of its own, which a test may kill. */
  readonly source?: () => Promise<OwnCluster>
  readonly target?: () => Promise<OwnCluster>
}

/** Call at the top of a describe. */
export function useLogWorld(options: LogWorldOptions = {}): LogWorld {
  const platform = usePlatform()
  useEngine(platform)
  const world = { platform } as LogWorld
  beforeAll(async () => {
    ;[world.source, world.target] = await Promise.all([databaseOf(options.source), databaseOf(options.target)])
    await platform.server.http.listen({ port: 0, host: '127.0.0.1' })
    const { port } = platform.server.http.server.address() as AddressInfo
    world.line = await FaultProxy.start('127.0.0.1', port)
    const through = (url: string) => FaultProxy.start(new URL(url).hostname, Number(new URL(url).port))
    world.sourceLine = await through(world.source.url)
    world.targetLine = await through(world.target.url)
    world.provider = await agentOf(world, 'civil', '民政前置节点')
    world.consumer = await agentOf(world, 'works', '住建前置节点')
    const nodes = await (await platform.as('centre')).call(listNodes, { query: { limit: '200' } })
    const nodeOf = (name: string) => nodes.items.find((node) => node.name.zh === name)!.id
    world.sourceId = await sourceOf(world, nodeOf('民政前置节点'), world.source, world.sourceLine, 'provide')
    world.targetId = await sourceOf(world, nodeOf('住建前置节点'), world.target, world.targetLine, 'receive')
  })
  afterAll(async () => {
    await Promise.all([world.provider?.dispose(), world.consumer?.dispose()])
    for (const line of [world.line, world.sourceLine, world.targetLine]) await line?.stop()
    await dropSlots(world.source)
    await Promise.all([world.source?.drop(), world.target?.drop()])
  })
  return world
}

async function databaseOf(make?: () => Promise<OwnCluster>): Promise<TestDatabase> {
  if (make === undefined) return createDatabase()
  const cluster = await make()
  return { name: 'department', url: cluster.url, drop: () => cluster.dispose() }
}

/** An enrolled agent of a department, which reaches the platform by that port. */
export async function agentOf(
  { platform, line }: { readonly platform: TestPlatform; readonly line: { readonly port: number } },
  department: 'civil' | 'works',
  name: string,
): Promise<AgentProcess> {
  const centre = await platform.as('centre')
  const body = { name: { zh: name }, departmentId: platform.departments[department] }
  const { node, enrolmentCode } = await centre.call(createNode, { body })
  const env = { HUITONG_PLATFORM_URL: `http://127.0.0.1:${line.port}`, HUITONG_ENROLMENT_CODE: enrolmentCode }
  const agent = new AgentProcess(env, undefined, AGENT_OPTIONS)
  agent.start()
  const list = () => centre.call(listNodes, { query: { limit: '200' } })
  await eventually(list, ({ items }) => items.some(({ id, state }) => id === node.id && state === 'online'), 20_000)
  return agent
}

async function sourceOf(
  { platform }: LogWorld,
  nodeId: string,
  database: TestDatabase,
  line: FaultProxy,
  usage: 'provide' | 'receive',
): Promise<string> {
  const centre = await platform.as('centre')
  const settings = { ...settingsOf(database.url), host: '127.0.0.1', port: line.port }
  const body = { name: { zh: `${usage} 库` }, nodeId, kind: 'postgresql', settings, usage, frontDatabase: true }
  return (await centre.call(createSource, { body })).id
}

/** Slots outlive the database that a test wants to drop. */
async function dropSlots(database: TestDatabase): Promise<void> {
  const free = `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database() AND NOT active`
  await eventually(
    async () => {
      await run(database.url, free)
      return run(
        database.url,
        `SELECT 1 FROM pg_replication_slots WHERE database = current_database() AND NOT temporary`,
      )
    },
    (rows) => rows.length === 0,
    20_000,
  ).catch(() => undefined)
}

export interface LedgerChannel {
  readonly ledger: Ledger
  readonly table: string
  readonly received: string
  readonly grantId: string
  readonly id: string
  channel(): Promise<Channel>
  start(): Promise<void>
  until(holds: (channel: Channel) => boolean, timeoutMs?: number): Promise<Channel>
  sent(where?: string): Promise<string[]>
  gotten(): Promise<string[]>
  /** Waits until both sides hold the same, and fails with what differs otherwise. */
  settle(timeoutMs?: number, where?: string): Promise<void>
}

/** A ledger in the provider's database, and a channel in mode `log` that is ready to start. */
export async function ledgerChannel(
  world: LogWorld,
  options: {
    identity?: 'DEFAULT' | 'FULL'
    accounts?: number
    seed?: number
    answer?: Parameters<typeof grantTo>[3]
    prepare?: string
    mapping?: ColumnMapping[]
    mode?: 'log' | 'diff'
  } = {},
): Promise<LedgerChannel> {
  const { platform, source } = world
  const table = `ledger_${++ledgers}`
  const ledger = await Ledger.open(settingsOf(source.url), table, options)
  if (options.prepare !== undefined) await ledger.query(options.prepare.replaceAll('$table', `public."${table}"`))
  const centre = await platform.as('centre')
  await centre.call(discoverSource, { params: { id: world.sourceId } })
  const list = () => centre.call(listTables, { params: { id: world.sourceId } })
  const { items } = await eventually(list, (page) => page.items.some(({ name }) => name === table), 20_000)
  const mounted = items.find(({ name }) => name === table)!
  const item = (code: string) =>
    ({
      code,
      name: { zh: code },
      type: 'text',
      shareAttribute: 'conditional',
      level: 'general_2',
      nullable: true,
    }) as const
  const content = completeContent({
    items: [{ ...item('account'), key: true, nullable: false }, ...ITEMS.slice(1).map((code) => item(code))],
  })
  const dataset = await publish(platform, content)
  const mapping = ITEMS.map((code) => ({ item: code, field: code }))
  const officer = await platform.as('civil-officer')
  await officer.call(mountDataset, { params: { id: dataset.id }, body: { tableId: mounted.id, mapping } })
  const request = await grantTo(platform, dataset, { items: ITEMS }, options.answer ?? {})
  const received = `received_${ledgers}`
  const { id } = await centre.call(createChannel, {
    body: {
      grantId: request.grantId!,
      targetSourceId: world.targetId,
      targetTable: received,
      mode: options.mode ?? 'log',
      ...(options.mapping === undefined ? {} : { mapping: options.mapping }),
    },
  })
  await eventually(
    () => readAs(platform, 'works-officer', request.id),
    (one) => one.step === 'applicant_confirm',
  )
  await decide(platform, request.id, 'applicant_confirm')
  const channel = () => centre.call(readChannel, { params: { id } })
  await eventually(channel, ({ state }) => state === 'ready')
  const rowsOf = async (url: string, name: string, where: string) =>
    (await run(url, `SELECT t::text AS row FROM public."${name}" t WHERE ${where} ORDER BY account`)).map(
      ({ row }) => row as string,
    )
  const sent = (where = 'true') => rowsOf(world.source.url, table, where)
  const gotten = () => rowsOf(world.target.url, received, 'true')
  return {
    ledger,
    table,
    received,
    grantId: request.grantId!,
    id,
    channel,
    sent,
    gotten,
    async start() {
      const { version } = await channel()
      await centre.call(startChannel, { params: { id } }, { match: version })
    },
    until: (holds, timeoutMs = 30_000) => eventually(channel, holds, timeoutMs),
    async settle(timeoutMs = 30_000, where = 'true') {
      await eventually(
        async () => [await sent(where), await gotten()] as const,
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
