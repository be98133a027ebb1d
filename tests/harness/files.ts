import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { mountDataset } from '@huitong/contract/curation'
import { createChannel, readChannel, startChannel } from '@huitong/contract/exchange'
import { createSource, discoverSource, listNodes, listTables } from '@huitong/contract/nodes'
import { afterAll, beforeAll } from 'vitest'
import type { AgentProcess } from '../../apps/agent/src/testing/agent-process.ts'
import { agentOf } from '../faults/exchange/log-world.ts'
import { FaultProxy } from '../faults/exchange/fault-proxy.ts'
import { completeContent, type Dataset, decide, publish, readAs } from './catalogue.ts'
import { useEngine } from './engine.ts'
import { type Channel, grantTo } from './exchange.ts'
import { eventually } from './guards.ts'
import { type TestPlatform, usePlatform } from './platform.ts'

/** Columns of a folder, which its dataset names as items. */
export const FOLDER_ITEMS = ['path', 'bytes', 'modified_at', 'content']
/** How long a file must lie still in tests. */
export const SETTLE_SECONDS = 1
const INTERVAL_SECONDS = 5

/** A real platform, two real agents, and a folder of each department. */
export interface FileWorld {
  readonly platform: TestPlatform
  provider: AgentProcess
  consumer: AgentProcess
  /** Between the agents and the platform. */
  line: FaultProxy
  /** Folder of the provider, and the one into which the consumer's agent writes. */
  source: string
  target: string
  sourceId: string
  targetId: string
}

/** Call at the top of a describe. @param settings more of the provider's source. */
export function useFileWorld(
  settings: Record<string, string | number> = {},
  options: Parameters<typeof usePlatform>[0] = {},
): FileWorld {
  const platform = usePlatform(options)
  useEngine(platform)
  const world = { platform } as FileWorld
  beforeAll(async () => {
    world.source = mkdtempSync(join(tmpdir(), 'huitong-source-'))
    world.target = mkdtempSync(join(tmpdir(), 'huitong-target-'))
    await platform.server.http.listen({ port: 0, host: '127.0.0.1' })
    const { port } = platform.server.http.server.address() as AddressInfo
    world.line = await FaultProxy.start('127.0.0.1', port)
    world.provider = await agentOf(world, 'civil', '民政文件节点')
    world.consumer = await agentOf(world, 'works', '住建文件节点')
    const centre = await platform.as('centre')
    const { items } = await centre.call(listNodes, { query: { limit: '200' } })
    const sourceOf = async (node: string, root: string, usage: 'provide' | 'receive', more = {}) => {
      const body = {
        name: { zh: `${node}文件夹` },
        nodeId: items.find(({ name }) => name.zh === node)!.id,
        kind: 'files',
        settings: { root, encoding: 'auto', delimiter: 'auto', settleSeconds: SETTLE_SECONDS, ...more },
        usage,
        frontDatabase: true,
      }
      return (await centre.call(createSource, { body })).id
    }
    world.sourceId = await sourceOf('民政文件节点', world.source, 'provide', settings)
    world.targetId = await sourceOf('住建文件节点', world.target, 'receive')
  })
  afterAll(async () => {
    await Promise.all([world.provider?.dispose(), world.consumer?.dispose()])
    await world.line?.stop()
    for (const folder of [world.source, world.target])
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })
  return world
}

export interface FileChannel {
  readonly id: string
  /** Folders of this channel alone, in those of the world. */
  readonly from: string
  readonly to: string
  put(path: string, content: string | Uint8Array): void
  channel(): Promise<Channel>
  start(): Promise<void>
  until(holds: (channel: Channel) => boolean, timeoutMs?: number): Promise<Channel>
  /** What lies in the receiving folder by path: size and SHA-256. Unfinished files and our own notes are left out. */
  received(): Record<string, string>
  sent(): Record<string, string>
  /** Waits until both folders hold the same. */
  settle(timeoutMs?: number): Promise<void>
}

let channels = 0

/** A published dataset of files with a folder mounted to it. */
export async function publishFolder(platform: TestPlatform, tableId: string): Promise<Dataset> {
  const content = completeContent({
    shareMethods: ['file'],
    format: { class: 'electronic_file', type: 'folder' },
    items: FOLDER_ITEMS.map((code) => ({
      code,
      name: { zh: code },
      type: 'text',
      shareAttribute: 'conditional',
      level: 'general_2',
      nullable: code !== 'path',
      ...(code === 'path' ? { key: true } : {}),
    })),
  })
  const dataset = await publish(platform, content)
  const officer = await platform.as('civil-officer')
  const mapping = FOLDER_ITEMS.map((code) => ({ item: code, field: code }))
  return officer.call(mountDataset, { params: { id: dataset.id }, body: { tableId: tableId, mapping } })
}

/** A folder of its own at both ends, and a channel in mode `files` that is ready to start. */
export async function fileChannel(
  world: FileWorld,
  options: { readonly answer?: Parameters<typeof grantTo>[3]; readonly items?: string[] } = {},
): Promise<FileChannel> {
  const { platform } = world
  const name = `drop_${++channels}`
  const [from, to] = [join(world.source, name), join(world.target, `got_${channels}`)]
  mkdirSync(from)
  const centre = await platform.as('centre')
  await centre.call(discoverSource, { params: { id: world.sourceId } })
  const list = () => centre.call(listTables, { params: { id: world.sourceId } })
  const found = await eventually(list, ({ items }) => items.some((one) => one.name === `${name}/`), 20_000)
  const table = found.items.find((one) => one.name === `${name}/`)!
  const dataset = await publishFolder(platform, table.id)
  const items = options.items ?? FOLDER_ITEMS
  const request = await grantTo(platform, dataset, { items, method: 'file' }, options.answer ?? {})
  const { id } = await centre.call(createChannel, {
    body: {
      grantId: request.grantId!,
      targetSourceId: world.targetId,
      targetTable: `got_${channels}`,
      mode: 'files',
      intervalSeconds: INTERVAL_SECONDS,
    },
  })
  await eventually(
    () => readAs(platform, 'works-officer', request.id),
    (one) => one.step === 'applicant_confirm',
  )
  await decide(platform, request.id, 'applicant_confirm')
  const channel = () => centre.call(readChannel, { params: { id } })
  await eventually(channel, ({ state }) => state === 'ready')
  const [sent, received] = [() => filesIn(from), () => filesIn(to)]
  return {
    id,
    from,
    to,
    put(path, data) {
      mkdirSync(dirname(join(from, path)), { recursive: true })
      writeFileSync(join(from, path), data)
    },
    channel,
    async start() {
      const { version } = await channel()
      await centre.call(startChannel, { params: { id } }, { match: version })
    },
    until: (holds, timeoutMs = 30_000) => eventually(channel, holds, timeoutMs),
    sent,
    received,
    async settle(timeoutMs = 30_000) {
      await eventually(
        () => Promise.resolve([JSON.stringify(sent()), JSON.stringify(received())]),
        ([left, right]) => left === right,
        timeoutMs,
      )
    },
  }
}

/** Files below a folder with size and digest, in order of path. */
export function filesIn(folder: string): Record<string, string> {
  const walk = (at: string): string[] => {
    try {
      return readdirSync(at, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? walk(join(at, entry.name)) : entry.isFile() ? [join(at, entry.name)] : [],
      )
    } catch {
      return []
    }
  }
  const shown = walk(folder)
    .map((path) => [relative(folder, path), path] as const)
    .filter(([name]) => !name.split('/').some((part) => part.startsWith('.')) && !name.endsWith('.part'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    shown.map(([name, path]) => [
      name,
      `${statSync(path).size} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`,
    ]),
  )
}
