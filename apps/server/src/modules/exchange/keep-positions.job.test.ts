import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { useChannel, type Channel } from '../../../../../tests/harness/exchange.ts'
import { at, copiedLog, deliverLog, logChannel, sealLog, streamOf } from '../../../../../tests/harness/logged.ts'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { keepPositionsJob } from './keep-positions.job.ts'

describe('where receiving tables of the log stand is kept', () => {
  const prepared = useChannel()
  let channel: Channel
  const logging = () => ({ platform: prepared.platform, ground: prepared.ground, dataset: prepared.dataset })
  beforeAll(async () => {
    channel = await copiedLog(logging(), await logChannel(logging()))
  })

  test('the end of the last segment that was acknowledged, at most every half minute', async () => {
    const { services } = prepared.platform.server
    const { capture } = await streamOf(logging(), channel.id)
    const first = await sealLog(capture.input, logging(), [['I', '2', 'c', '33']], { from: at(16), to: at(32) })
    await deliverLog(logging(), channel.id, first)
    const cursor = () =>
      services.db.read(SYSTEM_ROWS, (db) =>
        db.one<{ since: string }>(sql`select cursor->>'since' as since from channel where id = ${channel.id}`),
      )
    const turn = () => keepPositionsJob.run(services, { fence: '1', signal: new AbortController().signal })
    await turn()
    expect(await cursor()).toEqual({ since: at(16).since })
    await act(services, systemActor('test'), 'job.keep_position', async ({ db }) => {
      await db.run(sql`update channel set looked_at = now() - interval '1 minute' where id = ${channel.id}`)
      return { value: null, audit: null }
    })
    await turn()
    expect(await cursor()).toEqual({ since: at(32).since })
  })
})
