import { mountDataset } from '@huitong/contract/curation'
import { readChannel, setDrift } from '@huitong/contract/exchange'
import { readHome } from '@huitong/contract/portal'
import type { ReadInput } from '@huitong/contract/work'
import { describe, expect, test } from 'vitest'
import { added, findChanged, retyped, without } from '../../../../../tests/harness/drift.ts'
import { anotherChannel, channelIn, startRun, useChannel } from '../../../../../tests/harness/exchange.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import {
  copied,
  cursorAt,
  cursorChannel,
  publishFollowed,
  pushed,
  readingOf,
  startNow,
} from '../../../../../tests/harness/follow.ts'
import { copiedLog, logChannel, streamOf } from '../../../../../tests/harness/logged.ts'
import { hashOf } from './drift.ts'

describe('a table that is no longer what was agreed', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const provider = () => prepared.ground.provider
  const centre = () => platform.as('centre')
  const read = async (id: string) => (await centre()).call(readChannel, { params: { id } })
  const begun = async (policy: 'hold' | 'evolve' | 'ignore') => {
    const { id, version } = await read(prepared.channel.id)
    await (await centre()).call(setDrift, { params: { id }, body: { policy } }, { match: version })
    return startRun(platform, prepared.ground, prepared.channel)
  }
  const heldWith = async (run: Awaited<ReturnType<typeof begun>>, fields: ReturnType<typeof without>) => {
    await findChanged(provider(), run.read, fields)
    const channel = await channelIn(platform, run.channel.id, 'failed')
    expect(channel.problem).toMatchObject({ code: 'source.changed' })
    return channel.drift!.differences
  }

  test('hold: any difference stops the channel and is shown, to the consumer without the provider’s fields', async () => {
    const run = await begun('hold')
    expect(await heldWith(run, added('remark'))).toEqual([
      { field: 'remark', kind: 'added', before: null, after: 'text', needed: false },
    ])
    const { id } = run.channel
    expect((await read(id)).drift!.hash).toBe(hashOf(added('remark')))
    const consumer = await platform.as('works-officer')
    expect((await consumer.call(readChannel, { params: { id } })).drift).toMatchObject({ differences: [] })
    const { todo } = await (await platform.as('civil-officer')).call(readHome)
    expect(todo).toContainEqual(expect.objectContaining({ kind: 'drift_approve', link: `/channels/${id}` }))
  })

  test('ignore: only fields that travel count, and a granted one that is gone or retyped holds', async () => {
    const gone = await begun('ignore')
    expect(gone.read.input.schemaFields).toEqual(['code', 'name', 'province_code'])
    expect(await heldWith(gone, without('name'))).toMatchObject([{ field: 'name', kind: 'removed', needed: true }])
    const other = await begun('ignore')
    expect(await heldWith(other, retyped('name', 'date'))).toMatchObject([{ kind: 'retyped', needed: true }])
  })

  test('evolve: what was removed or retyped holds, granted or not', async () => {
    expect(await heldWith(await begun('evolve'), without('phone'))).toMatchObject([{ kind: 'removed', needed: false }])
    expect(await heldWith(await begun('evolve'), retyped('phone', 'date'))).toMatchObject([{ kind: 'retyped' }])
  })

  test('fields that a node did not say, or that do not differ, are no difference', async () => {
    const run = await begun('evolve')
    expect(await provider().fail(run.read, 'source.changed')).toEqual({})
    expect((await channelIn(platform, run.channel.id, 'failed')).drift).toBeNull()
    const same = await begun('hold')
    await findChanged(provider(), same.read, added())
    expect((await channelIn(platform, same.channel.id, 'failed')).drift).toBeNull()
  })

  test('a stream of the log that began under another policy goes on under the one that holds now', async () => {
    const channel = await copiedLog(prepared, await logChannel(prepared))
    const { capture } = await streamOf(prepared, channel.id)
    expect(capture.input.schemaFields).toBeUndefined()
    const { version } = await read(channel.id)
    const params = { id: channel.id }
    await (await centre()).call(setDrift, { params, body: { policy: 'ignore' } }, { match: version })
    await findChanged(provider(), capture, without('phone'))
    const again = await provider().work('capture', channel.id)
    expect(again.input).toMatchObject({ stream: capture.input.stream, generation: 2 })
    expect((again.input as ReadInput).schemaFields).toEqual(['code', 'name', 'province_code'])
    expect(await read(channel.id)).toMatchObject({ state: 'following', drift: null })
    // Told to look at these only, and stopped all the same: it does not go round and round.
    await findChanged(provider(), again, without('phone'))
    expect((await channelIn(platform, channel.id, 'failed')).drift!.differences).toHaveLength(1)
  })

  test('an increment is read again where a field came, and holds at its position where a needed one is gone', async () => {
    const followed = { platform, ...(await publishFollowed(platform)) }
    const node = followed.ground.provider
    const channel = await copied(followed, await cursorChannel(followed))
    const params = { id: channel.id }
    const { version } = await read(channel.id)
    await (await centre()).call(setDrift, { params, body: { policy: 'evolve' } }, { match: version })
    const increment = await startNow(followed, channel.id)
    const grown = [...pushed.tables[0]!.fields, added('remark').at(-1)!]
    await findChanged(node, await readingOf(followed, increment), grown)
    const again = await readingOf(followed, increment)
    expect(again.input).toMatchObject({ generation: 2, schemaHash: hashOf(grown), changes: { cursor: cursorAt(0) } })
    await findChanged(
      node,
      again,
      grown.filter(({ name }) => name !== 'op'),
    )
    const held = await channelIn(platform, channel.id, 'failed')
    expect(held.drift!.differences).toMatchObject([{ field: 'op', kind: 'removed', needed: true }])
    expect(held.follow!.position).toBe(cursorAt(0).since)
  })

  test('evolve: fields that were added stop nothing, the mount is refreshed, and the officer hears of it', async () => {
    const run = await begun('evolve')
    await findChanged(provider(), run.read, added('remark', 'zone'))
    const again = await provider().work('read', run.channel.id)
    const generation = run.read.input.generation + 1
    expect(again.input).toMatchObject({ generation, schemaHash: hashOf(added('remark', 'zone')) })
    expect((again.input as ReadInput).columns.map(({ field }) => field)).toEqual(['code', 'name', 'province_code'])
    expect(await read(run.channel.id)).toMatchObject({ state: 'running', problem: null, drift: null })
    const officer = await platform.as('civil-officer')
    const news = async () =>
      (await officer.call(readHome)).todo.filter(
        ({ kind, link }) => kind === 'fields_unlisted' && link.endsWith(prepared.dataset.id),
      )
    expect(await news()).toMatchObject([{ title: 'villages：remark、zone', link: `/datasets/${prepared.dataset.id}` }])
    // Another channel of the same table goes by its own policy.
    const other = await anotherChannel(prepared)
    expect((await read(other.id)).driftPolicy).toBe('hold')
    const params = { id: prepared.dataset.id }
    const mapping = ['code', 'name', 'province_code'].map((code) => ({ item: code, field: code }))
    await officer.call(mountDataset, { params, body: { tableId: prepared.ground.table.id, mapping } })
    await eventually(news, (list) => list.length === 0)
  })
})
