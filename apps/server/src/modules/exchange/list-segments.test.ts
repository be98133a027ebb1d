import { listSegments } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import { seal, startRun, useChannel } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import type { SealedSegment } from '@huitong/segment'
import type { Account } from '../../../../../tests/harness/platform.ts'

describe('list segments', () => {
  const prepared = useChannel({ engine: false })
  const { platform } = prepared
  const sealed: SealedSegment[] = []
  beforeAll(async () => {
    const run = await startRun(platform, prepared.ground, prepared.channel)
    for (let n = 0; n < 4; n++)
      sealed.push(
        await seal(run.read.input, prepared.ground.provider.signing, [[String(n), 'a', '33']], {
          previous: sealed.at(-1)?.signed ?? null,
          final: false,
        }),
      )
    for (const one of sealed.slice(0, 3)) await prepared.ground.provider.upload(one)
    await prepared.ground.provider.announce(sealed[3]!)
  })
  const list = async (account: Account, query = {}, id = prepared.channel.id) =>
    (await platform.as(account)).call(listSegments, { params: { id }, query })
  guards(platform, listSegments, {
    input: () => ({ params: { id: prepared.channel.id } }),
    denied: ['sysadmin', 'works-developer'],
  })

  test('200: newest first; one that is still on its way is not among them', async () => {
    const { items } = await list('works-officer')
    expect(items.map((one) => one.sequence)).toEqual([3, 2, 1])
    expect(items[2]).toMatchObject({
      rows: '1',
      generation: 1,
      digest: sealed[0]!.signed.manifest.sealedDigest,
      sealedBytes: String(sealed[0]!.sealed.length),
      final: false,
      appliedAt: null,
    })
  })

  test('page by page each once; 404 for who is no party and for what does not exist', async () => {
    const first = await list('centre', { limit: '2' })
    const rest = await list('centre', { limit: '2', after: first.next! })
    expect([...first.items, ...rest.items].map((one) => one.sequence)).toEqual([3, 2, 1])
    await refused(list('police-officer'), 'object.not_found')
    await refused(list('centre', {}, NOBODY), 'object.not_found')
    await refused(list('centre', { after: Buffer.from('["x","y"]').toString('base64url') }), 'request.invalid')
  })
})
