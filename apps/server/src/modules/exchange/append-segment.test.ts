import { Readable } from 'node:stream'
import { appendSegment } from '@huitong/contract/exchange'
import { verifyReceipt, type SealedSegment } from '@huitong/segment'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { revokeGrant } from '@huitong/contract/catalogue'
import { seal, startRun, useChannel, type Run } from '../../../../../tests/harness/exchange.ts'
import { refused } from '../../../../../tests/harness/guards.ts'
import { enrol } from '../../../../../tests/harness/node.ts'
import { clientOf } from '../../../../../tests/harness/platform.ts'
import { objectKey } from '../engine/index.ts'

describe('a node uploads a segment', () => {
  const prepared = useChannel({ engine: false, jobs: true })
  const { platform } = prepared
  let run: Run
  let previous: SealedSegment | null = null
  beforeAll(async () => {
    run = await startRun(platform, prepared.ground, prepared.channel)
  })
  const provider = () => prepared.ground.provider
  const announced = async () => {
    const rows = [['1', '甲'.repeat(200), '33']]
    const segment = await seal(run.read.input, provider().signing, rows, {
      previous: previous?.signed ?? null,
      final: false,
    })
    await provider().announce(segment)
    previous = segment
    return { segment, digest: segment.signed.manifest.sealedDigest, bytes: segment.sealed }
  }
  const rowOf = (digest: string) =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ state: string; receipt: string | null }>(
        sql`select state, receipt from segment where digest = ${digest}`,
      ),
    )

  test('200: piece by piece; the last one brings a receipt that the platform signed over digest and rows', async () => {
    const { segment, digest, bytes } = await announced()
    const half = Math.floor(bytes.length / 2)
    expect(await provider().append(digest, 0, bytes.subarray(0, half))).toEqual({ offset: half, receipt: null })
    expect(await rowOf(digest)).toEqual({ state: 'announced', receipt: null })
    const { offset, receipt } = await provider().append(digest, half, bytes.subarray(half))
    expect(offset).toBe(bytes.length)
    const opened = verifyReceipt(Buffer.from(receipt!), () => provider().platform.signingKey)
    expect(opened.receipt).toMatchObject({
      channel: prepared.channel.id,
      generation: 1,
      sequence: segment.signed.manifest.sequence,
      sealedDigest: digest,
      rows: '1',
      hop: 'platform',
      position: null,
    })
    expect((await platform.server.services.objects.head(objectKey(digest)))?.bytes).toBe(bytes.length)
  })

  test('a repeated last piece, and an empty one, get the same receipt', async () => {
    const { digest, bytes } = await announced()
    const { receipt } = await provider().append(digest, 0, bytes)
    expect((await provider().append(digest, 0, bytes)).receipt).toBe(receipt)
    expect((await provider().append(digest, bytes.length, Buffer.alloc(0))).receipt).toBe(receipt)
  })

  test('409: wrong offsets, before and beyond; nothing of them is kept', async () => {
    const { segment, digest, bytes } = await announced()
    await refused(provider().append(digest, 5, bytes.subarray(5)), 'upload.offset')
    await provider().append(digest, 0, bytes.subarray(0, 7))
    for (const offset of [0, 6, 8, 10_000])
      await refused(provider().append(digest, offset, bytes.subarray(7)), 'upload.offset')
    expect(await provider().announce(segment)).toEqual({ offset: 7, receipt: null })
    expect((await provider().append(digest, 7, bytes.subarray(7))).receipt).not.toBeNull()
  })

  test('422: more bytes than announced, or other bytes: refused, and it can be uploaded anew', async () => {
    const { segment, digest, bytes } = await announced()
    await refused(provider().append(digest, 0, Buffer.concat([bytes, Buffer.of(1)])), 'segment.digest')
    const tampered = Buffer.from(bytes)
    tampered[tampered.length - 1]! ^= 1
    await refused(provider().append(digest, 0, tampered), 'segment.digest')
    expect((await rowOf(digest)).state).toBe('announced')
    expect(await provider().announce(segment)).toEqual({ offset: 0, receipt: null })
    expect(await provider().upload(segment)).toContain(digest)
  })

  test('of two uploads of one piece at the same time one is told to wait, and the segment is whole', async () => {
    const { segment, digest, bytes } = await announced()
    const results = await Promise.allSettled([provider().append(digest, 0, bytes), provider().append(digest, 0, bytes)])
    for (const one of results)
      if (one.status === 'rejected') expect(['upload.offset', 'storage.upload_busy']).toContain(one.reason.code)
    expect((await provider().announce(segment)).receipt).not.toBeNull()
  })

  test('a kill between storing and recording: the next announcement and an empty piece bring the receipt', async () => {
    const { segment, digest, bytes } = await announced()
    const { objects } = platform.server.services
    await objects.append(digest, 0, Readable.from([bytes]))
    await objects.finish(digest)
    const { offset, receipt } = await provider().announce(segment)
    expect({ offset, receipt }).toEqual({ offset: bytes.length, receipt: expect.stringContaining(digest) })
    expect((await rowOf(digest)).state).not.toBe('announced')
  })

  test('a kill between the last byte and storing: nothing is left to send, and the next announcement ends it', async () => {
    const { segment, digest, bytes } = await announced()
    await platform.server.services.objects.append(digest, 0, Readable.from([bytes]))
    expect((await rowOf(digest)).state).toBe('announced')
    const { offset, receipt } = await provider().announce(segment)
    expect({ offset, receipt }).toEqual({ offset: bytes.length, receipt: expect.stringContaining(digest) })
    expect((await rowOf(digest)).state).not.toBe('announced')
  })

  test('422: other bytes that a kill left whole are refused by the next announcement, and it can be uploaded anew', async () => {
    const { segment, digest, bytes } = await announced()
    const tampered = Buffer.from(bytes)
    tampered[0]! ^= 1
    await platform.server.services.objects.append(digest, 0, Readable.from([tampered]))
    await refused(provider().announce(segment), 'segment.digest')
    expect(await provider().announce(segment)).toEqual({ offset: 0, receipt: null })
    expect(await provider().upload(segment)).toContain(digest)
  })

  test('404: a digest that nobody announced, and another node’s', async () => {
    const { digest, bytes } = await announced()
    await refused(provider().append('0'.repeat(64), 0, bytes), 'object.not_found')
    const other = await enrol(platform, platform.departments.civil)
    await refused(other.append(digest, 0, bytes), 'object.not_found')
    await refused(prepared.ground.consumer.append(digest, 0, bytes), 'object.not_found')
    expect((await provider().append(digest, 0, bytes)).receipt).not.toBeNull()
  })

  test('400 and 401: a digest or an offset that is none; no signature', async () => {
    await refused(provider().append('ABC', 0, Buffer.from('x')), 'request.invalid')
    await refused(provider().append('0'.repeat(64), -1, Buffer.from('x')), 'request.invalid')
    const input = { params: { digest: '0'.repeat(64) }, query: { offset: '0' } }
    await refused(clientOf(platform.server).call(appendSegment, input), 'signature.invalid')
  })

  test('403: a grant that is revoked under way ends the upload at its next piece', async () => {
    const { digest, bytes } = await announced()
    await provider().append(digest, 0, bytes.subarray(0, 9))
    const params = { id: prepared.request.grantId! }
    await (await platform.as('civil-head')).call(revokeGrant, { params, body: { reason: '停止共享' } }, { match: 1 })
    const error = await provider()
      .append(digest, 9, bytes.subarray(9))
      .catch((given: unknown) => given)
    expect(['grant.inactive', 'node.fenced']).toContain((error as { code: string }).code)
    expect((await rowOf(digest)).receipt).toBeNull()
  })
})
