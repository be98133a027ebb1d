import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { WINDOW_SECONDS } from '../../kernel/request-signature.ts'
import { pruneNoncesJob } from './prune-nonces.job.ts'

describe('prune nonces', () => {
  const platform = usePlatform({ jobs: false })
  const turn = { fence: '1', signal: new AbortController().signal }

  test('what the time window refuses anyhow is forgotten, everything younger stays; twice changes nothing', async () => {
    const { services } = platform.server
    const put = (nonce: string, secondsAgo: number) =>
      services.db.tick((db) =>
        db.run(
          sql`insert into request_nonce (key_id, nonce, at) values ('k', ${nonce}, ${new Date(Date.now() - secondsAgo * 1000)})`,
        ),
      )
    await put('new', 0)
    await put('in the window', WINDOW_SECONDS - 1)
    // Signed five minutes ahead and sent now: it may come again for ten minutes.
    await put('ahead', 2 * WINDOW_SECONDS - 5)
    await put('old', 2 * WINDOW_SECONDS + 5)
    for (let n = 0; n < 2; n++) {
      expect(await pruneNoncesJob.run(services, turn)).toBe(false)
      const rows = await services.db.tick((db) =>
        db.many<{ nonce: string }>(sql`select nonce from request_nonce order by at`),
      )
      expect(rows.map((one) => one.nonce)).toEqual(['ahead', 'in the window', 'new'])
    }
  })
})
