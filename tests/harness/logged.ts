import { createChannel, pullSegments, readChannel } from '@huitong/contract/exchange'
import type { ApplyInput, CaptureInput, ChangeCursor, LogSlot } from '@huitong/contract/work'
import {
  csvLine,
  countOperations,
  LOG_COLUMNS,
  sealSegment,
  type SealedSegment,
  type SignedManifest,
} from '@huitong/segment'
import { decide, readAs } from './catalogue.ts'
import { acknowledge, channelIn, grantTo, receiptFor, seal, startRun, type Channel, type Ground } from './exchange.ts'
import { eventually } from './guards.ts'
import type { TestPlatform } from './platform.ts'

export interface Logging {
  readonly platform: TestPlatform
  readonly ground: Ground
  readonly dataset: { id: string }
}

/** A position of the log. */
export const at = (n: number): ChangeCursor => ({
  since: `00000000/${n.toString(16).toUpperCase().padStart(8, '0')}`,
  at: `2026-03-02T08:00:${String(n % 60).padStart(2, '0')}.000000Z`,
  writer: '0',
})
export const SLOT: LogSlot = {
  slot: 'huitong_test_1',
  publication: 'huitong_test',
  systemId: '7000000000000000001',
  timeline: '1',
  tableId: '16384',
  start: at(16).since,
}

let tables = 0

/** A channel of its own in mode `log`, confirmed by the applicant. */
export async function logChannel({ platform, ground, dataset }: Logging): Promise<Channel> {
  const request = await grantTo(platform, dataset)
  const centre = await platform.as('centre')
  const body = { grantId: request.grantId!, targetSourceId: ground.targetId, targetTable: `logged_${++tables}` }
  const { id } = await centre.call(createChannel, { body: { ...body, mode: 'log' } })
  await eventually(
    () => readAs(platform, 'works-officer', request.id),
    (one) => one.step === 'applicant_confirm',
  )
  await decide(platform, request.id, 'applicant_confirm')
  return channelIn(platform, id, 'ready')
}

/** Copies one row and leaves the channel following from the slot's beginning. */
export async function copiedLog(logging: Logging, channel: Channel): Promise<Channel> {
  const { platform, ground } = logging
  const run = await startRun(platform, ground, channel)
  const segment = await seal(run.read.input, ground.provider.signing, [['1', 'a', '33']])
  await ground.provider.upload(segment)
  await eventually(
    async () => (await platform.as('centre')).call(readChannel, { params: { id: channel.id } }),
    (one) => one.progress.segmentsVerified === 1,
  )
  await acknowledge(ground.consumer, receiptFor(segment, ground.consumer.signing))
  const finalDigest = segment.signed.manifest.sealedDigest
  await ground.provider.finish(run.read, { rows: '1', segments: 1, finalDigest, log: SLOT })
  await ground.consumer.finish(run.apply, { generation: run.read.input.generation, sequence: 1, rows: '1' })
  return channelIn(platform, channel.id, 'following')
}

/** The works of the stream that runs. */
export async function streamOf({ ground }: Logging, channelId: string) {
  const capture = await ground.provider.work('capture', channelId)
  const input = capture.input as CaptureInput
  const apply = await ground.consumer.work('apply', input.stream)
  return { capture: { ...capture, input }, apply: { ...apply, input: apply.input as ApplyInput } }
}

/** Seals changes of the log as the provider's agent does. */
export function sealLog(
  input: CaptureInput,
  logging: Logging,
  rows: readonly (readonly (string | null)[])[],
  place: { from: ChangeCursor; to: ChangeCursor; previous?: SignedManifest | null; final?: boolean },
): Promise<SealedSegment> {
  const plain = Buffer.from(rows.map(([op, ...values]) => csvLine([op!, null, null, ...values])).join(''))
  const previous = place.previous ?? null
  return sealSegment({
    channel: input.stream,
    generation: input.generation,
    sequence: (previous?.manifest.sequence ?? 0) + 1,
    kind: 'changes',
    counts: countOperations(plain),
    columns: [...LOG_COLUMNS, ...input.columns.map(({ as, type }) => ({ name: as, type }))],
    recipients: input.recipients.map(({ publicKey }) => publicKey),
    final: place.final ?? false,
    source: { from: JSON.stringify(place.from), to: JSON.stringify(place.to), snapshot: null },
    previous,
    signingKey: logging.ground.provider.signing.privateKey,
    sealedAt: new Date(),
    plain,
  })
}

/** Uploads a segment, waits until it is verified, and acknowledges it. */
export async function deliverLog(logging: Logging, channelId: string, segment: SealedSegment): Promise<void> {
  const { ground, platform } = logging
  const { channel, sequence, generation } = segment.signed.manifest
  await ground.provider.upload(segment)
  const query = { generation: String(generation), after: String(sequence - 1), waitSeconds: '0' }
  await eventually(
    () => ground.consumer.call(pullSegments, { params: { id: channel }, query }),
    ({ segments }) => segments.length > 0,
  )
  await acknowledge(ground.consumer, receiptFor(segment, ground.consumer.signing))
  await channelIn(platform, channelId, 'following')
}
