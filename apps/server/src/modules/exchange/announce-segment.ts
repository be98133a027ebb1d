import { announceSegment } from '@huitong/contract/exchange'
import type { TransitColumn } from '@huitong/contract/work'
import {
  hasOperations,
  LOG_COLUMNS,
  rowsOf,
  SegmentError,
  verifyChain,
  verifyManifest,
  type Manifest,
  type SignedManifest,
} from '@huitong/segment'
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { NodeActor } from '../../kernel/actor.ts'
import type { Reader, Writer } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { objectKey, reopened } from '../engine/index.ts'
import { finishUpload, receive } from './receive-segment.ts'
import { recordFiles } from './record-files.ts'
import { requireDay } from './rows-per-day.ts'
import { sealingStream, type StreamRow } from './stream-access.ts'

interface Known {
  manifest: string
  receipt: string | null
  digest: string
}

/**
 * A provider's node announces its next segment: signature, place in the chain and grant are checked before a byte of
 * content is taken. Announcing again is harmless and tells where the upload stands.
 */
export const announceSegmentVerb = command<typeof announceSegment>({
  endpoint: announceSegment,
  audit: (input) => {
    const { manifest } = JSON.parse(input.body.manifest) as { manifest: Manifest }
    return {
      objectKind: 'segment',
      objectId: manifest.sealedDigest,
      detail: { stream: manifest.channel, sequence: manifest.sequence },
    }
  },
  async run(context, { body }) {
    const { db, actor, now, services } = context
    const signed = await verified(db, actor, body.manifest)
    const { manifest } = signed
    const stream = await sealingStream(db, actor, manifest.channel, manifest.generation, context)
    await requireColumns(db, stream, manifest)
    const at = sql`stream_id = ${stream.id} and generation = ${stream.generation}`
    const find = () =>
      db.maybe<Known>(
        sql`select manifest, receipt, digest from segment where ${at} and sequence = ${manifest.sequence}`,
      )
    let known = await find()
    if (!known) {
      const previous = await db.maybe<{ manifest: string }>(
        sql`select manifest from segment where ${at} order by sequence desc limit 1`,
      )
      const chain = verifyChain(previous ? reopened(previous.manifest) : null, signed)
      if (!chain.ok) refuse('segment.chain', { detail: `${chain.reason}: ${chain.detail}` })
      await requireDay(db, stream.grant_id, rowsOf(manifest), now)
      // A node that was killed announces again while its announcement before is still being taken: that one is then known.
      if (await record(db, stream, signed, body.manifest, now)) await recordFiles(db, stream, manifest, now)
      else known = await find()
    }
    if (known && known.manifest !== body.manifest) refuse('segment.chain', { detail: 'fork' })
    if (known?.receipt) return { offset: Number(manifest.sealedBytes), receipt: known.receipt }
    const target = {
      key: objectKey(manifest.sealedDigest),
      sha256: manifest.sealedDigest,
      bytes: Number(manifest.sealedBytes),
    }
    // Stored and not recorded, or all bytes there and not stored: the process was killed in between. Nothing is left to
    // send then, so nobody but this announcement can bring it to its end. What is stored is of its digest, so it counts.
    const isStored = known !== null && (await services.objects.head(target.key))?.bytes === target.bytes
    const { offset } = isStored
      ? { offset: target.bytes }
      : await services.objects.openUpload(manifest.sealedDigest, target)
    if (offset === target.bytes) {
      if (!isStored) await finishUpload(services, manifest.sealedDigest)
      const row = {
        ...manifest,
        stream_id: stream.id,
        rows: rowsOf(manifest).toString(),
        digest: manifest.sealedDigest,
      }
      return { offset, receipt: await receive(context, row) }
    }
    return { offset, receipt: null }
  },
})

/** Keeps an announced segment; false when it is there already. */
async function record(
  db: Writer,
  stream: StreamRow,
  { manifest, signature }: SignedManifest,
  text: string,
  now: Date,
): Promise<boolean> {
  const made =
    await db.run(sql`insert into segment (stream_id, generation, sequence, channel_id, digest, manifest, manifest_hash, signature, rows,
      plain_bytes, sealed_bytes, final, state, announced_at)
    values (${stream.id}, ${stream.generation}, ${manifest.sequence}, ${stream.channel_id}, ${manifest.sealedDigest}, ${text},
      ${createHash('sha256').update(text).digest('hex')}, ${Buffer.from(signature, 'base64')}, ${rowsOf(manifest).toString()},
      ${manifest.plainBytes}, ${manifest.sealedBytes}, ${manifest.final}, 'announced', ${now})
    on conflict (stream_id, generation, sequence) do nothing`)
  return made > 0
}

/**
 * Exactly the granted columns travel, in their order: one more would be a leak, one less a gap. Followed changes say their
 * operation first.
 */
async function requireColumns(db: Reader, stream: StreamRow, manifest: Manifest): Promise<void> {
  const { columns, mode } = await db.one<{ columns: TransitColumn[]; mode: string }>(
    sql`select columns, mode from channel where id = ${stream.channel_id}`,
  )
  if ((mode === 'files') !== (manifest.kind === 'file'))
    refuse('segment.content', { detail: `holds ${manifest.kind}, which is not what the channel carries` })
  // Files have no columns, and their manifest was checked for that.
  if (mode === 'files') return
  const isFollowed = stream.kind === 'changes' || stream.kind === 'log'
  const technical = stream.kind === 'log' ? LOG_COLUMNS.length : 1
  const fits = hasOperations(manifest.columns) === isFollowed && (manifest.kind === 'changes' || stream.kind === 'copy')
  const values = isFollowed ? manifest.columns.slice(technical) : manifest.columns
  const same = fits && values.length === columns.length && values.every(({ name }, at) => name === columns[at]!.as)
  if (!same) refuse('segment.content', { detail: 'the columns are not those of the channel' })
}

/** Only the node's own key may seal what the node sends. */
async function verified(db: Reader, actor: NodeActor, text: string): Promise<SignedManifest> {
  const { signing_key } = await db.one<{ signing_key: Buffer }>(
    sql`select signing_key from node where id = ${actor.id}`,
  )
  try {
    return verifyManifest(Buffer.from(text), (keyId) => (keyId === actor.keyId ? signing_key.toString('base64') : null))
  } catch (error) {
    if (error instanceof SegmentError) refuse('segment.signature', { detail: error.message })
    throw error
  }
}
