import { StorageError } from '@huitong/objects'
import { keyIdOf, signReceipt } from '@huitong/segment'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import type { CommandContext } from '../../kernel/verb.ts'

export interface Stored {
  readonly stream_id: string
  readonly generation: number
  readonly sequence: number
  readonly rows: string
  readonly digest: string
}

/** Ends an upload all of whose bytes are there: they are checked against their digest and stored durably. */
export async function finishUpload(services: Services, digest: string): Promise<void> {
  await services.objects.finish(digest).catch(refuseContent)
}

/** Says as a refusal what the store found wrong with the content of an upload; any other error is thrown on. */
export function refuseContent(error: unknown): never {
  if (error instanceof StorageError) {
    if (error.code === 'storage.offset_mismatch') refuse('upload.offset', { detail: error.message })
    if (error.code === 'storage.digest_mismatch' || error.code === 'storage.size_mismatch')
      refuse('segment.digest', { detail: error.message })
  }
  throw error
}

/** Records that a segment is in the store, durable and of its digest, and answers the platform's signed receipt. */
export async function receive(
  { db, now, services, emit, wake }: Pick<CommandContext<never>, 'db' | 'now' | 'services' | 'emit' | 'wake'>,
  row: Stored,
): Promise<string> {
  const receipt = receiptOf(services, row, now)
  await db.run(sql`update segment set state = 'received', received_at = ${now}, receipt = ${receipt}
    where stream_id = ${row.stream_id} and generation = ${row.generation} and sequence = ${row.sequence}`)
  await emit('segment.received', {
    streamId: row.stream_id,
    generation: row.generation,
    sequence: row.sequence,
    digest: row.digest,
  })
  await wake('job:verify-segments')
  services.metrics.segments.inc({ step: 'received' })
  return receipt
}

function receiptOf(services: Services, row: Stored, now: Date): string {
  const { privateKey, publicKey } = services.keys.signing
  const signed = signReceipt(
    {
      version: 1,
      channel: row.stream_id,
      generation: row.generation,
      sequence: row.sequence,
      sealedDigest: row.digest,
      rows: row.rows,
      hop: 'platform',
      position: null,
      at: now.toISOString(),
      by: keyIdOf(publicKey.toString('base64')),
    },
    privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  )
  return Buffer.from(signed.bytes).toString('utf8')
}
