import type { ReplyOf } from '@huitong/contract'
import { mountDataset } from '@huitong/contract/curation'
import { createChannel, readChannel, startIncrement } from '@huitong/contract/exchange'
import type {
  ApplyInput,
  ChangeCounts,
  ChangeCursor,
  DiscoverResult,
  HeldRows,
  ReadInput,
} from '@huitong/contract/work'
import { countOperations, csvLine, OPERATION_COLUMN, sealSegment, type SealedSegment } from '@huitong/segment'
import { beforeAll } from 'vitest'
import { decide, publish, readAs } from './catalogue.ts'
import {
  acknowledge,
  channelIn,
  discovered,
  grantTo,
  prepareGround,
  receiptFor,
  seal,
  startRun,
  type Channel,
  type Ground,
} from './exchange.ts'
import { useEngine } from './engine.ts'
import { eventually } from './guards.ts'
import { usePlatform, type TestPlatform } from './platform.ts'

type Increment = ReplyOf<typeof startIncrement>

const technical = (name: string, canonicalType: string, position: number) => ({
  name,
  type: canonicalType,
  canonicalType,
  nullable: false,
  length: null,
  position,
  comment: null,
  suggestedName: null,
})

const [villages] = discovered.tables

/** The table of villages with the fields of the convention. */
export const pushed: DiscoverResult = {
  tables: [
    {
      ...villages!,
      name: 'pushed',
      fields: [
        ...villages!.fields,
        technical('op', 'char(1)', 5),
        technical('updated_at', 'timestamptz', 6),
        technical('batch_no', 'bigint', 7),
        technical('exchanged_at', 'timestamptz', 8),
      ],
    },
  ],
}

export const CONVENTION = { operation: 'op', updatedAt: 'updated_at', batch: 'batch_no' } as const

/** A position so many seconds into an hour. */
export const cursorAt = (seconds: number): ChangeCursor => {
  const at = `2026-03-02T08:00:${String(seconds).padStart(2, '0')}.000000Z`
  return { since: at, at, writer: '0' }
}

export const NOTHING_HELD: HeldRows = { rows: '0', listed: [] }

export interface Followed {
  readonly platform: TestPlatform
  ground: Ground
  datasetId: string
}

/** A published dataset over a table that keeps the convention, with nodes of its own at both ends. */
export async function publishFollowed(platform: TestPlatform): Promise<Omit<Followed, 'platform'>> {
  const ground = await prepareGround(platform, pushed)
  const { id, content } = await publish(platform)
  const officer = await platform.as('civil-officer')
  const mapping = (content.items ?? []).map(({ code }) => ({ item: code, field: code }))
  const body = { tableId: ground.table.id, mapping, convention: CONVENTION }
  await officer.call(mountDataset, { params: { id }, body })
  return { ground, datasetId: id }
}

/** A platform with such a dataset. Call at the top of a describe. */
export function useFollowed(): Followed {
  const platform = usePlatform()
  useEngine(platform)
  const followed = { platform } as Followed
  beforeAll(async () => {
    Object.assign(followed, await publishFollowed(platform))
  })
  return followed
}

let tables = 0

/** A channel of its own that is ready to follow; the schedule only looks when a test lets it. */
export async function cursorChannel(
  { platform, ground, datasetId }: Followed,
  over: { intervalSeconds?: number; rowsPerDayMax?: number; mode?: 'full' | 'cursor' } = {},
): Promise<Channel> {
  const { rowsPerDayMax, ...schedule } = over
  const answer = rowsPerDayMax === undefined ? {} : { rowsPerDayMax }
  const request = await grantTo(platform, { id: datasetId }, {}, answer)
  const centre = await platform.as('centre')
  const body = { grantId: request.grantId!, targetSourceId: ground.targetId, targetTable: `followed_${++tables}` }
  const { id } = await centre.call(createChannel, {
    body: { ...body, mode: 'cursor', intervalSeconds: 86_400, lagSeconds: 0, ...schedule },
  })
  await eventually(
    () => readAs(platform, 'works-officer', request.id),
    (one) => one.step === 'applicant_confirm',
  )
  await decide(platform, request.id, 'applicant_confirm')
  return channelIn(platform, id, 'ready')
}

/** Copies these rows and leaves the channel following from the position. */
export async function copied(
  { platform, ground }: Followed,
  channel: Channel,
  rows: readonly (readonly (string | null)[])[] = [['1', 'a', '33']],
  held = NOTHING_HELD,
): Promise<Channel> {
  const run = await startRun(platform, ground, channel)
  const segment = await seal(run.read.input, ground.provider.signing, rows)
  await ground.provider.upload(segment)
  await eventually(
    async () => (await platform.as('centre')).call(readChannel, { params: { id: channel.id } }),
    (one) => one.progress.segmentsVerified === 1,
  )
  await acknowledge(ground.consumer, receiptFor(segment, ground.consumer.signing))
  const counted = { rows: String(rows.length), segments: 1, finalDigest: segment.signed.manifest.sealedDigest }
  await ground.provider.finish(run.read, { ...counted, changes: { cursor: cursorAt(0), held } })
  const { generation } = run.read.input
  await ground.consumer.finish(run.apply, { generation, sequence: 1, rows: String(rows.length) })
  return channelIn(platform, channel.id, 'following')
}

/** Seals rows with their operation first, as the provider's agent does. */
export function sealChanges(
  read: ReadInput,
  signing: Ground['provider']['signing'],
  rows: readonly (readonly (string | null)[])[],
  to: ChangeCursor,
  over: { declared?: { insert: string; update: string; delete: string } } = {},
): Promise<SealedSegment> {
  const plain = Buffer.from(rows.map(([letter, ...row]) => `${letter},${csvLine(row)}`).join(''))
  return sealSegment({
    channel: read.stream,
    generation: read.generation,
    sequence: 1,
    kind: 'changes',
    counts: over.declared ?? countOperations(plain),
    columns: [OPERATION_COLUMN, ...read.columns.map(({ as, type }) => ({ name: as, type }))],
    recipients: read.recipients.map((one) => one.publicKey),
    final: true,
    source: { from: JSON.stringify(read.changes!.cursor), to: JSON.stringify(to), snapshot: '100:100:' },
    previous: null,
    signingKey: signing.privateKey,
    sealedAt: new Date(),
    plain,
  })
}

export const startNow = async ({ platform }: Followed, id: string): Promise<Increment> =>
  (await platform.as('centre')).call(startIncrement, { params: { id } })

/** The reading work of an increment. */
export async function readingOf({ ground }: Followed, increment: Increment) {
  const work = await ground.provider.work('read', increment.id)
  return { ...work, input: work.input as ReadInput }
}

export const appliedCounts = (over: Partial<ChangeCounts> = {}): ChangeCounts => ({
  inserted: '0',
  updated: '0',
  deleted: '0',
  unchanged: '0',
  absent: '0',
  ...over,
})

/** One increment from its beginning to the end of both works. */
export async function bring(
  followed: Followed,
  channel: Channel,
  rows: readonly (readonly (string | null)[])[],
  counts: Partial<ChangeCounts>,
  to: ChangeCursor,
): Promise<{ increment: Increment; read: ReadInput; apply: ApplyInput }> {
  const { ground } = followed
  const increment = await startNow(followed, channel.id)
  const read = await readingOf(followed, increment)
  const segment = await sealChanges(read.input, ground.provider.signing, rows, to)
  await ground.provider.upload(segment)
  const apply = await ground.consumer.work('apply', increment.id)
  await acknowledge(ground.consumer, receiptFor(segment, ground.consumer.signing, { rows: String(rows.length) }))
  const result = { rows: String(rows.length), segments: 1, finalDigest: segment.signed.manifest.sealedDigest }
  await ground.provider.finish(read, { ...result, changes: { cursor: to, held: NOTHING_HELD } })
  const applied = { generation: read.input.generation, sequence: 1, rows: '1', changes: appliedCounts(counts) }
  await ground.consumer.finish(apply, { ...applied, cursor: to })
  return { increment, read: read.input, apply: apply.input as ApplyInput }
}

/** Answers the reading of an increment with nothing changed. */
export async function nothingChanged(followed: Followed, increment: Increment, to: ChangeCursor): Promise<void> {
  const read = await readingOf(followed, increment)
  const changes = { cursor: to, held: NOTHING_HELD }
  await followed.ground.provider.finish(read, { rows: '0', segments: 0, finalDigest: null, changes })
}
