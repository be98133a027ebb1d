import { createServer } from 'node:net'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { readHealth } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { usableSocketPath } from '../../engine-worker/socket-path.ts'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('health', () => {
  const platform = usePlatform({ jobs: false })
  const parts = async () => {
    const { parts: all } = await (await platform.as('operator')).call(readHealth)
    return Object.fromEntries(all.map((one) => [one.name, one]))
  }

  test('200: the engine is up while it listens, and down otherwise', async () => {
    const path = usableSocketPath(platform.server.settings.engineSocket)
    expect((await parts())['engine']).toMatchObject({ state: 'down' })
    mkdirSync(dirname(path), { recursive: true })
    const engine = createServer().listen(path)
    await new Promise((resolve) => engine.once('listening', resolve))
    expect(await parts()).toMatchObject({
      server: { state: 'up' },
      database: { state: 'up' },
      engine: { state: 'up' },
    })
    await new Promise((resolve) => engine.close(resolve))
    expect((await parts())['engine']).toMatchObject({ state: 'down' })
  })

  test('200: an event that fails again and again shows, without the text of the error', async () => {
    await platform.server.services.db.tick((db) =>
      db.run(
        sql`insert into event_cursor (subscriber, failures, problem) values ('mail', 4, 'key (account)=(zhangsan)')`,
      ),
    )
    const all = await parts()
    expect(all['event:mail']).toMatchObject({ state: 'degraded', detail: { en: 'mail failed 4 times' } })
    expect(JSON.stringify(all)).not.toContain('zhangsan')
  })

  test('401 without a session, 403 without the permission', async () => {
    await expect(clientOf(platform.server).call(readHealth)).rejects.toMatchObject({ status: 401 })
    await expect((await platform.as('civil-officer')).call(readHealth)).rejects.toMatchObject({ status: 403 })
  })
})
