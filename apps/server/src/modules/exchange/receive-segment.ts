import { StorageError } from '@huitong/objects'
import { keyIdOf, signReceipt } from '@huitong/segment'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import type { CommandContext } from '../../kernel/verb.ts'

/** A segment on its way in. */
export interface Incoming {
  readonly stream_id: string
  readonly generation: number
  readonly sequence: number
  readonly digest: string
  readonly rows: string
}

/**
 * The last byte of a segment is here: its content is verified against its digest, stored durably, and only then
 * acknowledged. Answers the signed receipt.
 */
export async function receiveSegment(
  { db, now, services, emit, wake }: Pick<CommandContext<never>, 'db' | 'now' | 'services' | 'emit' | 'wake'>,
  segment: Incoming,
): Promise<string> {
  await storing(() => services.objects.finish(segment.digest))
  const receipt = receiptOf(services, segment, now)
  await db.run(sql`update segment set state = 'received', received_at = ${now}, receipt = ${receipt}
    where stream_id = ${segment.stream_id} and generation = ${segment.generation} and sequence = ${segment.sequence}`)
  await emit('segment.received', {
    streamId: segment.stream_id,
    generation: segment.generation,
    sequence: segment.sequence,
    digest: segment.digest,
  })
  await wake('job:verify-segments')
  services.metrics.segments.inc({ step: 'received' })
  return receipt
}

/** Refusals of the object store as a node hears them. */
export async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    if (error.code === 'storage.offset_mismatch' || error.code === 'storage.upload_busy')
      refuse('upload.offset', { detail: error.message })
    if (error.code === 'storage.digest_mismatch' || error.code === 'storage.size_mismatch')
      refuse('segment.digest', { detail: error.message })
    if (error.code === 'storage.full') refuse('storage.full', { detail: error.message })
    throw error
  }
}

function receiptOf(services: Services, segment: Incoming, now: Date): string {
  const { privateKey, publicKey } = services.keys.signing
  const signed = signReceipt(
    {
      version: 1,
      channel: segment.stream_id,
      generation: segment.generation,
      sequence: segment.sequence,
      sealedDigest: segment.digest,
      rows: segment.rows,
      hop: 'platform',
      position: null,
      at: now.toISOString(),
      by: keyIdOf(publicKey.toString('base64')),
    },
    privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  )
  return Buffer.from(signed.bytes).toString('utf8')
}
