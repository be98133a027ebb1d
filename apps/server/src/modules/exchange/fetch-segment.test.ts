import { fetchSegment } from '@huitong/contract/exchange'
import { revokeGrant } from '@huitong/contract/catalogue'
import { openSegmentToBuffer, type SealedSegment } from '@huitong/segment'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { seal, startRun, useChannel, verified, type Run } from '../../../../../tests/harness/exchange.ts'
import { NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { clientOf } from '../../../../../tests/harness/platform.ts'

describe('the consumer fetches a segment', () => {
  const prepared = useChannel()
  const { platform } = prepared
  let run: Run
  let segment: SealedSegment
  beforeAll(async () => {
    run = await startRun(platform, prepared.ground, prepared.channel)
    segment = await seal(run.read.input, prepared.ground.provider.signing, [['1', '𠮷', '33']])
    await prepared.ground.provider.upload(segment)
    await verified(platform, prepared.channel.id, 1)
  })
  const digest = () => segment.signed.manifest.sealedDigest
  const fetch = (offset?: number, by: TestNode = prepared.ground.consumer, of = digest()) =>
    by.bytes(fetchSegment, { params: { digest: of }, query: offset === undefined ? {} : { offset: String(offset) } })
  const codeOf = (reply: { bytes: Buffer }) =>
    (JSON.parse(reply.bytes.toString()) as { error: { code: string } }).error.code

  test('200: the very bytes, which only the consumer’s key opens', async () => {
    const { status, bytes } = await fetch()
    expect(status).toBe(200)
    expect(bytes.equals(segment.sealed)).toBe(true)
    const plain = await openSegmentToBuffer({
      signed: segment.signed,
      sealed: bytes,
      privateKey: prepared.ground.consumer.sealing.privateKey,
    })
    expect(plain.toString()).toBe('1,𠮷,33\n')
    const { privateKey } = prepared.ground.provider.sealing
    await expect(openSegmentToBuffer({ signed: segment.signed, sealed: bytes, privateKey })).rejects.toMatchObject({
      code: 'not_a_recipient',
    })
  })

  test('from an offset on, up to the end; 400 beyond it', async () => {
    const { bytes } = await fetch(10)
    expect(bytes.equals(segment.sealed.subarray(10))).toBe(true)
    const beyond = await fetch(segment.sealed.length + 1)
    expect([beyond.status, codeOf(beyond)]).toEqual([400, 'request.invalid'])
  })

  test('404: whoever is not the one that applies it: other nodes, the provider, and every unknown digest', async () => {
    const others = [
      await enrol(platform, platform.departments.works),
      await enrol(platform, platform.departments.police),
      prepared.ground.provider,
    ]
    for (const other of others) expect(codeOf(await fetch(0, other))).toBe('object.not_found')
    expect(codeOf(await fetch(0, prepared.ground.consumer, '0'.repeat(64)))).toBe('object.not_found')
    const { n } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ n: number }>(
        sql`select count(*)::int as n from audit where action = 'exchange.segment.fetch' and outcome = 'denied'`,
      ),
    )
    expect(n).toBe(4)
  })

  test('404: before it is verified; 401 without a signature', async () => {
    const next = await seal(run.read.input, prepared.ground.provider.signing, [], { sequence: 1 })
    expect(codeOf(await fetch(0, prepared.ground.consumer, next.signed.manifest.sealedDigest))).toBe('object.not_found')
    await refused(clientOf(platform.server).call(fetchSegment, { params: { digest: digest() } }), 'signature.invalid')
    expect(NOBODY).not.toBe(prepared.channel.id)
  })

  test('403 or 409: after the grant was revoked', async () => {
    const params = { id: prepared.request.grantId! }
    await (await platform.as('civil-head')).call(revokeGrant, { params, body: { reason: '停止共享' } }, { match: 1 })
    expect(['grant.inactive', 'node.fenced']).toContain(codeOf(await fetch()))
  })
})
