import { announceSegment } from '@huitong/contract/exchange'
import { generateKeyPair, sealSegment, type SealedSegment } from '@huitong/segment'
import { beforeAll, describe, expect, test } from 'vitest'
import { seal, startRun, useChannel, type Run } from '../../../../../tests/harness/exchange.ts'
import { refused } from '../../../../../tests/harness/guards.ts'
import { enrol, nodeOf } from '../../../../../tests/harness/node.ts'
import { clientOf } from '../../../../../tests/harness/platform.ts'

describe('a node announces a segment', () => {
  const prepared = useChannel()
  const { platform } = prepared
  let run: Run
  let first: SealedSegment
  const rows = [['1', '甲', '33']]
  beforeAll(async () => {
    run = await startRun(platform, prepared.ground, prepared.channel)
    first = await seal(run.read.input, prepared.ground.provider.signing, rows, { final: false })
  })
  const provider = () => prepared.ground.provider
  const signing = () => provider().signing
  const next = (over: Parameters<typeof seal>[3] = {}) => seal(run.read.input, signing(), rows, over)

  test('409: a chain that does not begin at one', async () => {
    await refused(provider().announce(await next({ sequence: 2 })), 'segment.chain')
  })

  test('200: the upload begins at zero; announcing again is harmless and tells where it stands', async () => {
    expect(await provider().announce(first)).toEqual({ offset: 0, receipt: null })
    await provider().append(first.signed.manifest.sealedDigest, 0, first.sealed.subarray(0, 10))
    expect(await provider().announce(first)).toEqual({ offset: 10, receipt: null })
    const receipt = await provider().upload(first)
    expect(await provider().announce(first)).toEqual({ offset: first.sealed.length, receipt })
  })

  test('many copies of one announcement at the same time are one', async () => {
    const second = await next({ previous: first.signed, final: false })
    const replies = await Promise.allSettled(Array.from({ length: 5 }, () => provider().announce(second)))
    expect(replies.some((one) => one.status === 'fulfilled')).toBe(true)
    for (const one of replies)
      if (one.status === 'rejected') expect(['object.exists', 'storage.upload_busy']).toContain(one.reason.code)
    expect(await provider().announce(second)).toMatchObject({ receipt: null })
    await provider().upload(second)
  })

  test('409: a fork, a gap, a wrong predecessor, another generation’s number', async () => {
    const fork = await next({ final: false })
    await refused(provider().announce(fork), 'segment.chain')
    await refused(provider().announce(await next({ previous: first.signed, final: true })), 'segment.chain')
    await refused(provider().announce(await next({ previous: first.signed, sequence: 4 })), 'segment.chain')
    await refused(provider().announce(await next({ generation: 2 })), 'object.not_found')
  })

  test('422: not signed by this node’s own key', async () => {
    const stranger = generateKeyPair('ed25519')
    await refused(
      provider().announce(await seal(run.read.input, stranger, rows, { previous: first.signed })),
      'segment.signature',
    )
    const other = prepared.ground.consumer.signing
    await refused(
      provider().announce(await seal(run.read.input, other, rows, { previous: first.signed })),
      'segment.signature',
    )
  })

  test('422: a manifest that was changed after signing, or is no manifest', async () => {
    const text = Buffer.from(first.signed.bytes).toString('utf8')
    const send = (manifest: string) => provider().call(announceSegment, { body: { manifest } })
    for (const bad of [
      text.replace('"rows":"1"', '"rows":"2"'),
      text.replace('"final":false', '"final":true'),
      ` ${text}`,
      `${text}\n`,
      JSON.stringify(JSON.parse(text), null, 1),
      '{}',
      'no JSON',
      text.slice(0, -1),
    ])
      await refused(send(bad), 'segment.signature')
  })

  test('422: one column more than granted is a leak, one less a gap, another order neither', async () => {
    const { columns } = run.read.input
    const shape = (names: string[]) =>
      sealSegment({
        channel: run.read.input.stream,
        generation: 1,
        sequence: 1,
        kind: 'rows',
        counts: { rows: '0' },
        columns: names.map((name) => ({ name, type: 'text' })),
        recipients: run.read.input.recipients.map((one) => one.publicKey),
        final: true,
        source: { from: null, to: null, snapshot: null },
        previous: null,
        signingKey: signing().privateKey,
        sealedAt: new Date(),
        plain: Buffer.alloc(0),
      })
    const names = columns.map((one) => one.as)
    for (const bad of [[...names, 'phone'], names.slice(1), [...names].reverse()])
      await refused(provider().announce(await shape(bad)), 'segment.content')
  })

  test('404: another node, even of the same department, and the consumer', async () => {
    const other = await enrol(platform, platform.departments.civil)
    const theirs = await seal(run.read.input, other.signing, rows)
    await refused(other.announce(theirs), 'object.not_found')
    await refused(
      prepared.ground.consumer.announce(await seal(run.read.input, prepared.ground.consumer.signing, rows)),
      'object.not_found',
    )
  })

  test('401: without a signature of the request, although the manifest is signed', async () => {
    const body = { manifest: Buffer.from(first.signed.bytes).toString('utf8') }
    await refused(clientOf(platform.server).call(announceSegment, { body }), 'signature.invalid')
    const stranger = nodeOf(platform.server, { ...provider(), signing: generateKeyPair('ed25519') })
    await refused(stranger.announce(first), 'signature.invalid')
  })

  test('409: nothing follows the final segment', async () => {
    const fresh = await next({ previous: first.signed, sequence: 3 })
    expect(fresh.signed.manifest.final).toBe(true)
    const { items } = await (
      await platform.as('centre')
    ).call((await import('@huitong/contract/exchange')).listSegments, { params: { id: prepared.channel.id } })
    expect(items.map((one) => one.sequence)).toEqual([2, 1])
  })
})
