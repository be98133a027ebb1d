import type { ReplyOf } from '@huitong/contract'
import type { DatasetContent, RequestContent } from '@huitong/contract/catalogue'
import { mountDataset } from '@huitong/contract/curation'
import { acknowledgeSegment, createChannel, readChannel, startChannel } from '@huitong/contract/exchange'
import { discoverSource, listTables } from '@huitong/contract/nodes'
import type { ApplyInput, DiscoverResult, ReadInput } from '@huitong/contract/work'
import {
  csvLine,
  sealSegment,
  signReceipt,
  type KeyPairText,
  type SealedSegment,
  type SignedManifest,
} from '@huitong/segment'
import {
  completeContent,
  decide,
  makeRequest,
  publish,
  readAs,
  walkTo,
  type Dataset,
  type Request,
} from './catalogue.ts'
import { eventually } from './guards.ts'
import { beforeAll } from 'vitest'
import { addSource, enrol, type TestNode } from './node.ts'
import { useEngine } from './engine.ts'
import { usePlatform, type TestPlatform } from './platform.ts'

export type Channel = ReplyOf<typeof readChannel>
export type Table = ReplyOf<typeof listTables>['items'][number]

const field = (name: string, position: number, nullable = true) => ({
  name,
  type: 'text',
  canonicalType: 'text',
  nullable,
  length: null,
  position,
  comment: null,
  suggestedName: null,
})

/** What the provider's node finds: one table with a key. */
export const discovered: DiscoverResult = {
  tables: [
    {
      schema: 'public',
      name: 'villages',
      comment: '村（居）委会',
      suggestedName: '村居委会名录',
      rowEstimate: '620573',
      key: ['code'],
      schemaHash: 'a'.repeat(64),
      fields: [field('code', 1, false), field('name', 2), field('province_code', 3), field('phone', 4)],
    },
  ],
}

/** Lets the node of a source discover it; answers the first table. */
export async function discover(
  platform: TestPlatform,
  node: TestNode,
  sourceId: string,
  result: DiscoverResult = discovered,
): Promise<Table> {
  const centre = await platform.as('centre')
  const params = { id: sourceId }
  await centre.call(discoverSource, { params })
  await node.finish(await node.work('discover'), result)
  const list = () => centre.call(listTables, { params })
  const { items } = await eventually(list, (page) => page.items.length === result.tables.length)
  return items[0]!
}

export interface Ground {
  readonly provider: TestNode
  readonly consumer: TestNode
  readonly sourceId: string
  readonly targetId: string
  readonly table: Table
}

/** Nodes of both departments with a discovered source and a receiving database. */
export async function prepareGround(platform: TestPlatform, found: DiscoverResult = discovered): Promise<Ground> {
  const provider = await enrol(platform, platform.departments.civil, '民政前置节点')
  const consumer = await enrol(platform, platform.departments.works, '住建前置节点')
  const source = await addSource(platform, provider, 'provide')
  const target = await addSource(platform, consumer, 'receive')
  const table = await discover(platform, provider, source.id, found)
  return { provider, consumer, sourceId: source.id, targetId: target.id, table }
}

/** A published dataset with the table mounted, field by field of the same name. */
export async function publishMounted(
  platform: TestPlatform,
  table: Table,
  content: DatasetContent = completeContent(),
): Promise<Dataset> {
  const dataset = await publish(platform, content)
  const officer = await platform.as('civil-officer')
  const mapping = (content.items ?? []).map(({ code }) => ({ item: code, field: code }))
  return officer.call(mountDataset, { params: { id: dataset.id }, body: { tableId: table.id, mapping } })
}

/** A request agreed by the provider; it waits for the centre to configure. */
export async function grantTo(
  platform: TestPlatform,
  dataset: { id: string },
  over: Partial<RequestContent> = {},
  answer: Parameters<typeof decide>[3] = {},
): Promise<Request> {
  const request = await makeRequest(platform, dataset, over)
  await walkTo(platform, request, 'provider_answer')
  await decide(platform, request.id, 'provider_answer', answer)
  return decide(platform, request.id, 'provider_sign')
}

let tables = 0

/** A channel that the applicant confirmed: ready to run. */
export async function readyChannel(
  platform: TestPlatform,
  ground: Pick<Ground, 'targetId'>,
  request: Request,
): Promise<Channel> {
  const centre = await platform.as('centre')
  const body = { grantId: request.grantId!, targetSourceId: ground.targetId, targetTable: `villages_${++tables}` }
  const { id } = await centre.call(createChannel, { body })
  const reread = () => readAs(platform, 'works-officer', request.id)
  await eventually(reread, (one) => one.step === 'applicant_confirm')
  await decide(platform, request.id, 'applicant_confirm')
  const read = () => centre.call(readChannel, { params: { id } })
  return eventually(read, (channel) => channel.state === 'ready')
}

export interface Run {
  readonly channel: Channel
  readonly read: { id: string; fence: string; input: ReadInput }
  readonly apply: { id: string; fence: string; input: ApplyInput }
}

/** Starts the channel and takes the work at both ends. */
export async function startRun(platform: TestPlatform, ground: Ground, channel: Channel): Promise<Run> {
  const centre = await platform.as('centre')
  const params = { id: channel.id }
  const { version } = await centre.call(readChannel, { params })
  const running = await centre.call(startChannel, { params }, { match: version })
  const read = await ground.provider.work('read', channel.id)
  const apply = await ground.consumer.work('apply', channel.id)
  return {
    channel: running,
    read: { ...read, input: read.input as ReadInput },
    apply: { ...apply, input: apply.input as ApplyInput },
  }
}

/** Seals rows as the next segment of a stream, as the provider's agent does. */
export function seal(
  read: ReadInput,
  signing: KeyPairText,
  rows: readonly (readonly (string | null)[])[],
  over: {
    previous?: SignedManifest | null
    final?: boolean
    generation?: number
    plain?: Buffer
    sequence?: number
  } = {},
): Promise<SealedSegment> {
  const previous = over.previous ?? null
  return sealSegment({
    channel: read.stream,
    generation: over.generation ?? read.generation,
    sequence: over.sequence ?? (previous?.manifest.sequence ?? 0) + 1,
    // A repair carries whole rows as changes: without an operation each one is an update.
    ...(read.payload === 'changes'
      ? { kind: 'changes' as const, counts: { insert: '0', update: String(rows.length), delete: '0' } }
      : { kind: 'rows' as const, counts: { rows: String(rows.length) } }),
    columns: read.columns.map(({ as, type }) => ({ name: as, type })),
    recipients: read.recipients.map((one) => one.publicKey),
    final: over.final ?? true,
    source: { from: null, to: null, snapshot: '100:100:' },
    previous,
    signingKey: signing.privateKey,
    sealedAt: new Date(),
    plain: over.plain ?? Buffer.from(rows.map((row) => csvLine(row)).join('')),
  })
}

/** The consumer's receipt of a segment, as its agent signs it. */
export function receiptFor(
  segment: SealedSegment,
  signing: KeyPairText,
  over: Partial<Parameters<typeof signReceipt>[0]> = {},
): string {
  const { channel, generation, sequence, sealedDigest, counts } = segment.signed.manifest
  const rows =
    'rows' in counts ? counts.rows : String(BigInt(counts.insert) + BigInt(counts.update) + BigInt(counts.delete))
  const receipt = {
    version: 1 as const,
    channel,
    generation,
    sequence,
    sealedDigest,
    rows,
    hop: 'consumer' as const,
    position: `${generation}/${sequence}`,
    at: new Date().toISOString(),
    by: signing.keyId,
    ...over,
  }
  return Buffer.from(signReceipt(receipt, signing.privateKey).bytes).toString('utf8')
}

export const acknowledge = (node: TestNode, receipt: string) => node.call(acknowledgeSegment, { body: { receipt } })

export interface Prepared {
  readonly platform: TestPlatform
  ground: Ground
  dataset: Dataset
  request: Request
  channel: Channel
}

/** A platform with a channel that is ready to run, and the engine beside it. Call at the top of a describe. */
export function useChannel(options: Parameters<typeof usePlatform>[0] & { engine?: boolean } = {}): Prepared {
  const platform = usePlatform(options)
  if (options.engine !== false) useEngine(platform)
  const prepared = { platform } as Prepared
  beforeAll(async () => {
    prepared.ground = await prepareGround(platform)
    prepared.dataset = await publishMounted(platform, prepared.ground.table)
    prepared.request = await grantTo(platform, prepared.dataset)
    prepared.channel = await readyChannel(platform, prepared.ground, prepared.request)
  })
  return prepared
}

/** A channel of its own, under a grant of its own: for tests that end it. */
export async function anotherChannel({ platform, ground, dataset }: Prepared): Promise<Channel> {
  return readyChannel(platform, ground, await grantTo(platform, dataset))
}

/** Waits until the channel is in a state. */
export async function channelIn(platform: TestPlatform, id: string, state: Channel['state']): Promise<Channel> {
  const centre = await platform.as('centre')
  return eventually(
    () => centre.call(readChannel, { params: { id } }),
    (one) => one.state === state,
  )
}

/** Runs a channel to its end with these rows in one segment; answers what travelled. */
export async function runWhole(
  { platform, ground }: Pick<Prepared, 'platform' | 'ground'>,
  channel: Channel,
  rows: readonly (readonly (string | null)[])[],
): Promise<{ run: Run; segment: SealedSegment }> {
  const run = await startRun(platform, ground, channel)
  const segment = await seal(run.read.input, ground.provider.signing, rows)
  await ground.provider.upload(segment)
  await verified(platform, channel.id, 1)
  await acknowledge(ground.consumer, receiptFor(segment, ground.consumer.signing))
  const { sealedDigest } = segment.signed.manifest
  await ground.provider.finish(run.read, { rows: String(rows.length), segments: 1, finalDigest: sealedDigest })
  const { generation } = run.read.input
  await ground.consumer.finish(run.apply, { generation, sequence: 1, rows: String(rows.length) })
  await channelIn(platform, channel.id, 'completed')
  return { run, segment }
}

/** Waits until so many segments of the present generation are verified. */
export async function verified(platform: TestPlatform, id: string, segments: number): Promise<Channel> {
  const centre = await platform.as('centre')
  return eventually(
    () => centre.call(readChannel, { params: { id } }),
    (one) => one.progress.segmentsVerified >= segments,
  )
}
