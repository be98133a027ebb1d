import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { readChannel, startIncrement } from '@huitong/contract/exchange'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { systemActor } from '../../kernel/actor.ts'
import { act } from '../../kernel/execute.ts'
import { copied, cursorAt, cursorChannel, nothingChanged, useFollowed } from '../../../../../tests/harness/follow.ts'
import { eventually, refused } from '../../../../../tests/harness/guards.ts'

describe('channels that follow are looked after by the clock', () => {
  const followed = useFollowed()
  const { platform } = followed
  const services = () => platform.server.services
  const read = async (id: string) => (await platform.as('centre')).call(readChannel, { params: { id } })
  const makeDue = (id: string) =>
    act(services(), systemActor('test'), 'job.begin_increment', async ({ db, wake }) => {
      await db.run(sql`update channel set next_at = now() where id = ${id}`)
      await wake('job:follow-channels')
      return { value: null, audit: null }
    })
  const count = (id: string) =>
    services().db.read(SYSTEM_ROWS, (db) =>
      db.one<{ increments: number; works: number }>(sql`select count(*)::int as increments,
        (select count(*)::int from node_work where subject_id = ${id}) as works from increment where channel_id = ${id}`),
    )

  test('a quiet source leaves no trail: the same increment looks again, with the same work', async () => {
    const channel = await copied(followed, await cursorChannel(followed, { intervalSeconds: 5 }))
    await makeDue(channel.id)
    const running = await eventually(
      () => read(channel.id),
      ({ follow }) => follow!.last?.state === 'running',
    )
    const first = running.follow!.last!
    expect(first).toMatchObject({ cause: 'schedule', number: 1 })
    await nothingChanged(followed, first, cursorAt(1))
    const { works } = await count(channel.id)
    const again = await eventually(
      () => read(channel.id),
      ({ follow }) => follow!.last?.state === 'running',
    )
    expect(again.follow!.last).toMatchObject({ id: first.id, number: 1 })
    expect(await count(channel.id)).toEqual({ increments: 1, works })
    await nothingChanged(followed, first, cursorAt(2))
    expect(
      (
        await eventually(
          () => read(channel.id),
          ({ follow }) => follow!.last?.state === 'empty',
        )
      ).state,
    ).toBe('following')
  })

  test('when the grant has ended the channel stops with its reason', async () => {
    const channel = await copied(followed, await cursorChannel(followed))
    await act(services(), systemActor('test'), 'job.begin_increment', async ({ db }) => {
      await db.run(sql`update access_grant set revoked_at = now() where id = ${channel.grantId}`)
      return { value: null, audit: null }
    })
    await refused((await platform.as('centre')).call(startIncrement, { params: { id: channel.id } }), 'grant.inactive')
    await makeDue(channel.id)
    const failed = await eventually(
      () => read(channel.id),
      (one) => one.state === 'failed',
    )
    expect(failed).toMatchObject({ problem: { code: 'grant.inactive' }, follow: { last: null, nextAt: null } })
  })
})
