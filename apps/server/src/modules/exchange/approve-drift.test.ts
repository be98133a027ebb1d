import { approveDrift, createChannel, readChannel } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { added, findChanged, retyped, without } from '../../../../../tests/harness/drift.ts'
import {
  anotherChannel,
  channelIn,
  grantTo,
  startRun,
  useChannel,
  type Channel,
} from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { at, copiedLog, logChannel, streamOf } from '../../../../../tests/harness/logged.ts'
import { hashOf } from './drift.ts'

describe('approve a changed table', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const provider = () => prepared.ground.provider
  const hash = 'a'.repeat(64)
  const approve = async ({ id, version }: Pick<Channel, 'id' | 'version'>, of = hash, as = 'civil-officer' as const) =>
    (await platform.as(as)).call(approveDrift, { params: { id }, body: { hash: of } }, { match: version })
  const held = async (fields: ReturnType<typeof without>, channel = prepared.channel) => {
    const run = await startRun(platform, prepared.ground, channel)
    await findChanged(provider(), run.read, fields)
    return channelIn(platform, run.channel.id, 'failed')
  }
  const allowance = async (id: string) => {
    const officer = await platform.as('civil-officer')
    const { actions } = await officer.call(readChannel, { params: { id } })
    return actions.find(({ name }) => name === 'approveDrift')
  }
  guards(platform, approveDrift, {
    input: () => ({ params: { id: prepared.channel.id }, body: { hash } }),
    denied: ['centre', 'operator', 'works-head', 'authority'],
  })

  test('404 and 409: not there, not theirs, nothing changed', async () => {
    await refused(approve({ id: NOBODY, version: 1 }), 'object.not_found')
    await refused(approve(prepared.channel), 'object.state')
    const one = await held(added('others'))
    const works = await platform.as('works-officer')
    const call = { params: { id: one.id }, body: { hash: one.drift!.hash } }
    await refused(works.call(approveDrift, call, { match: one.version }), 'object.state')
  })

  test('409: a granted field that is gone or retyped is not approved away; the grant must change', async () => {
    for (const fields of [without('name'), retyped('name', 'date')]) {
      const one = await held(fields)
      await refused(approve(one, one.drift!.hash), 'object.state')
      expect(await allowance(one.id)).toMatchObject({ allowed: false, reason: { zh: expect.stringContaining('授权') } })
    }
  })

  test('409 and 412: only the very difference that was shown, on the version that was seen', async () => {
    const one = await held(added('remark'))
    await refused(approve(one, hashOf(added('other'))), 'object.state')
    await refused(approve({ ...one, version: one.version - 1 }, one.drift!.hash), 'object.changed')
    expect(await channelIn(platform, one.id, 'failed')).toMatchObject({ version: one.version })
  })

  test('200: the whole is copied anew; other channels of the table wait for their own word', async () => {
    const others = await held(without('phone'), await anotherChannel(prepared))
    const one = await held(without('phone'))
    const reply = await approve(one, one.drift!.hash)
    expect(reply).toMatchObject({ differences: [{ field: 'phone', kind: 'removed', before: 'text', after: null }] })
    const work = await provider().work('read', one.id)
    expect(work.input).toMatchObject({ generation: one.progress.generation + 1, schemaHash: one.drift!.hash })
    expect(await channelIn(platform, one.id, 'running')).toMatchObject({ problem: null, drift: null })
    expect((await channelIn(platform, others.id, 'failed')).drift).not.toBeNull()
  })

  test('200: a channel that follows the log goes on from its position, and new channels are made of the table', async () => {
    const channel = await copiedLog(prepared, await logChannel(prepared))
    const { capture } = await streamOf(prepared, channel.id)
    const fields = added('seen')
    await findChanged(provider(), capture, fields)
    const stopped = await channelIn(platform, channel.id, 'failed')
    expect(await allowance(channel.id)).toMatchObject({ allowed: true })
    await approve(stopped, hashOf(fields))
    const again = await provider().work('capture', channel.id)
    expect(again.input).toMatchObject({ from: { since: at(16).since }, schemaHash: hashOf(fields) })
    expect(await channelIn(platform, channel.id, 'following')).toMatchObject({ problem: null, drift: null })
    const { grantId } = await grantTo(platform, prepared.dataset)
    const body = { grantId: grantId!, targetSourceId: prepared.ground.targetId, targetTable: 'after_approval' }
    expect(await (await platform.as('centre')).call(createChannel, { body })).toMatchObject({ state: 'configured' })
  })
})
