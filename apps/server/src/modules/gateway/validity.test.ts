import { readGrant } from '@huitong/contract/catalogue'
import { startChannel } from '@huitong/contract/exchange'
import { readService } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { callService, credential, serve, type Credential, type Served } from '../../../../../tests/harness/gateway.ts'
import {
  grantTo,
  prepareGround,
  publishMounted,
  readyChannel,
  type Channel,
} from '../../../../../tests/harness/exchange.ts'
import { signIn, usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

/** Both grants are in force from 2020 to the end of 2099. */
const [BEFORE, DURING, AFTER] = ['2019-06-01T00:00:00Z', '2050-06-01T00:00:00Z', '2100-06-01T00:00:00Z']

describe('the validity of grants is one rule wherever a grant is used', () => {
  let real: string | null = null
  const clock = { now: () => (real ? new Date(real) : new Date()) }
  const platform = usePlatform({ centre: true, clock })
  let served: Served
  let app: Credential
  let exchange: { channel: Channel; grantId: string }
  beforeAll(async () => {
    served = await serve(platform)
    app = await credential(platform)
    const ground = await prepareGround(platform)
    const request = await grantTo(platform, await publishMounted(platform, ground.table))
    exchange = { channel: await readyChannel(platform, ground, request), grantId: request.grantId! }
  })

  /** What each use says: the grants themselves, the opening, a call, and the start of an exchange. */
  async function told(): Promise<object> {
    const centre = await signIn(platform.server, 'centre')
    const state = async (id: string) => (await centre.call(readGrant, { params: { id } })).state
    const call = await callService(platform, app, '/api/v1/services/people/count', {})
    const exchanged = await centre
      .call(startChannel, { params: { id: exchange.channel.id } }, { match: exchange.channel.version })
      .then(
        () => 'started',
        (error: { code: string }) => error.code,
      )
    return {
      grants: [await state(served.request.grantId!), await state(exchange.grantId)],
      opening: (await centre.call(readService, { params: { id: served.service.id } })).openings[0]!.state,
      call: call.code ?? 'ok',
      exchange: exchanged,
    }
  }
  /** Bends real time, and shifts legal time so far from it: further than the calendar reaches, so past the verb. */
  async function bend(now: string, legal: string): Promise<void> {
    real = now
    const offset = (Date.parse(legal) - Date.parse(now)) / 1000
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update legal_clock set offset_seconds = ${offset}`),
    )
    // What legal time is may be remembered for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_100))
  }
  const everywhere = (state: 'not_yet' | 'expired') => ({
    grants: [state, state],
    opening: state,
    call: `service.grant_${state}`,
    exchange: 'grant.inactive',
  })

  test.each([
    ['moving legal time past the end ends it', DURING, AFTER, 'expired'],
    ['moving legal time back brings nothing back', AFTER, DURING, 'expired'],
    ['moving legal time on opens nothing early', BEFORE, DURING, 'not_yet'],
  ] as const)('%s', async (_name, now, legal, state) => {
    await bend(now, legal)
    expect(await told()).toEqual(everywhere(state))
  })

  test('moving legal time back takes nothing away', async () => {
    await bend(DURING, BEFORE)
    expect(await told()).toEqual({ grants: ['active', 'active'], opening: 'active', call: 'ok', exchange: 'started' })
  })
})
