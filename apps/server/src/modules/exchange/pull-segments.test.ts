import { pullSegments } from '@huitong/contract/exchange'
import { revokeGrant } from '@huitong/contract/catalogue'
import { beforeAll, describe, expect, test } from 'vitest'
import { seal, startRun, useChannel, verified, type Run } from '../../../../../tests/harness/exchange.ts'
import { eventually, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { clientOf } from '../../../../../tests/harness/platform.ts'
import type { SealedSegment } from '@huitong/segment'

describe('the consumer asks for segments', () => {
  const prepared = useChannel()
  const { platform } = prepared
  let run: Run
  const segments: SealedSegment[] = []
  beforeAll(async () => {
    run = await startRun(platform, prepared.ground, prepared.channel)
    for (let n = 0; n < 10; n++)
      segments.push(
        await seal(run.read.input, prepared.ground.provider.signing, [[String(n), 'a', '33']], {
          previous: segments.at(-1)?.signed ?? null,
          final: false,
        }),
      )
    for (const one of segments.slice(0, 9)) await prepared.ground.provider.upload(one)
    await verified(platform, prepared.channel.id, 9)
  })
  const pull = (after: number, over: { by?: TestNode; id?: string; generation?: number; waitSeconds?: number } = {}) =>
    (over.by ?? prepared.ground.consumer).call(pullSegments, {
      params: { id: over.id ?? prepared.channel.id },
      query: {
        generation: String(over.generation ?? 1),
        after: String(after),
        waitSeconds: String(over.waitSeconds ?? 0),
      },
    })

  test('200: in order, eight at once, the very manifests that the provider signed', async () => {
    const first = await pull(0)
    expect(first.generation).toBe(1)
    expect(first.segments.map((one) => one.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(first.segments[0]!.manifest).toBe(Buffer.from(segments[0]!.signed.bytes).toString('utf8'))
    expect((await pull(8)).segments.map((one) => one.sequence)).toEqual([9])
  })

  test('a waiting question is answered when the next segment is verified', async () => {
    const waiting = pull(9, { waitSeconds: 20 })
    await prepared.ground.provider.upload(segments[9]!)
    expect((await waiting).segments.map((one) => one.sequence)).toEqual([10])
    expect(await pull(10)).toEqual({ generation: 1, segments: [] })
  })

  test('asked about another generation it names the one in force', async () => {
    expect(await pull(0, { generation: 0 })).toEqual({ generation: 1, segments: [] })
    expect(await pull(0, { generation: 7 })).toEqual({ generation: 1, segments: [] })
  })

  test('404: another department’s node, another node of the same, the provider; 401: nobody', async () => {
    for (const department of ['works', 'police'] as const)
      await refused(pull(0, { by: await enrol(platform, platform.departments[department]) }), 'object.not_found')
    await refused(pull(0, { by: prepared.ground.provider }), 'object.not_found')
    await refused(pull(0, { id: NOBODY }), 'object.not_found')
    const query = { generation: '1', after: '0' }
    await refused(
      clientOf(platform.server).call(pullSegments, { params: { id: prepared.channel.id }, query }),
      'signature.invalid',
    )
  })

  test('a grant that is revoked mid-run: a waiting question is refused within seconds, and the run is stopped', async () => {
    const begun = performance.now()
    const waiting = pull(10, { waitSeconds: 20 }).catch((error: unknown) => error)
    const params = { id: prepared.request.grantId! }
    await (await platform.as('authority')).call(revokeGrant, { params, body: { reason: '违规使用' } }, { match: 1 })
    expect(['grant.inactive', 'node.fenced']).toContain(((await waiting) as { code: string }).code)
    expect(performance.now() - begun).toBeLessThan(5_000)
    const revoked = () => prepared.ground.consumer.poll({ running: [run.apply.id] }).then((one) => one.revoked)
    expect(await eventually(revoked, (ids) => ids.length > 0)).toEqual([run.apply.id])
  })
})
