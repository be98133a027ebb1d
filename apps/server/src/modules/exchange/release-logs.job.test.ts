import { revokeGrant } from '@huitong/contract/catalogue'
import { readChannel, stopChannel } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { useChannel, type Channel } from '../../../../../tests/harness/exchange.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { copiedLog, logChannel } from '../../../../../tests/harness/logged.ts'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { releaseLogsJob } from './release-logs.job.ts'

describe('a slot that nobody reads is dropped', () => {
  const prepared = useChannel()
  let channel: Channel
  const logging = () => ({ platform: prepared.platform, ground: prepared.ground, dataset: prepared.dataset })
  beforeAll(async () => {
    channel = await copiedLog(logging(), await logChannel(logging()))
  })
  const read = async (id: string) => (await prepared.platform.as('centre')).call(readChannel, { params: { id } })
  const turn = () =>
    releaseLogsJob.run(prepared.platform.server.services, { fence: '1', signal: new AbortController().signal })
  const released = (id: string) =>
    prepared.platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select 1 from node_work where kind = 'release' and subject_id = ${id}`),
    )

  test('a channel that was stopped keeps its slot for a day, and says until when', async () => {
    const centre = await prepared.platform.as('centre')
    const { version } = await read(channel.id)
    const params = { id: channel.id }
    await centre.call(stopChannel, { params, body: { reason: '维护' } }, { match: version })
    await turn()
    expect(await released(channel.id)).toEqual([])
    const { log } = await read(channel.id)
    expect(Date.parse(log!.releaseAt!)).toBeGreaterThan(Date.now() + 23 * 3_600_000)
    await act(prepared.platform.server.services, systemActor('test'), 'job.release_log', async ({ db }) => {
      await db.run(
        sql`update channel set log = log || '{"stoppedAt": "2020-01-01T00:00:00.000Z"}' where id = ${channel.id}`,
      )
      return { value: null, audit: null }
    })
    const placeOf = (place: string) =>
      act(prepared.platform.server.services, systemActor('test'), 'job.release_log', async ({ db }) => {
        await db.run(
          sql`update channel set log = jsonb_set(log, '{slot}', (log->'slot') ${sql.raw(place)}) where id = ${channel.id}`,
        )
        return { value: null, audit: null }
      })
    // Of a source that keeps its log by its own rules there is nothing to drop, and no day on which it would be.
    await placeOf(`|| '{"place": "0-1-9"}'`)
    await turn()
    expect(await released(channel.id)).toEqual([])
    expect((await read(channel.id)).log).toMatchObject({ releaseAt: null, slot: null })
    await placeOf(`- 'place'`)
    await turn()
    const work = await prepared.ground.provider.work('release', channel.id)
    await prepared.ground.provider.finish(work, { slots: 1 })
    const after = await eventually(
      () => read(channel.id),
      ({ log: now }) => now!.slot === null,
    )
    expect(after.actions.find(({ name }) => name === 'resume')).toMatchObject({ allowed: false })
    expect(after.actions.find(({ name }) => name === 'resync')).toMatchObject({ allowed: true })
  })

  test('when the grant is over the node is told at once, however long it is away', async () => {
    const other = await copiedLog(logging(), await logChannel(logging()))
    const params = { id: other.grantId }
    await (
      await prepared.platform.as('authority')
    ).call(revokeGrant, { params, body: { reason: '违规使用' } }, { match: 1 })
    await eventually(
      () => read(other.id),
      ({ state }) => state === 'stopped',
    )
    await turn()
    const work = await prepared.ground.provider.work('release', other.id)
    // It could not: it is asked again, but not every few seconds.
    await prepared.ground.provider.fail(work, 'source.unreachable')
    await turn()
    expect(await released(other.id)).toHaveLength(1)
  })
})
