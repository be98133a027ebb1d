import { listAssets } from '@huitong/contract/centre'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { fill, land, PEOPLE_TABLE, prepareCentre, type Landed } from '../../../../../tests/harness/centre.ts'
import { eventually, guards, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

describe('assets of the centre', () => {
  const platform = usePlatform({ centre: true })
  let landed: Landed
  beforeAll(async () => {
    landed = await land(platform, await prepareCentre(platform), PEOPLE_TABLE)
    await eventually(list, ({ items }) => items[0]?.rows === '3')
  })
  const list = async () => (await platform.as('centre')).call(listAssets)
  guards(platform, listAssets, { input: () => ({}), denied: ['civil-officer', 'works-head', 'sysadmin'] })

  test('200: what landed, with rows and bytes of the centre’s own database', async () => {
    const { items, total } = await list()
    expect(items).toMatchObject([
      {
        channelId: landed.channel.id,
        datasetId: landed.dataset.id,
        datasetCode: landed.dataset.code,
        table: 'population',
        rows: '3',
        itemCount: PEOPLE_TABLE.items.length,
        state: 'completed',
        growth: null,
      },
    ])
    expect(BigInt(items[0]!.bytes!)).toBeGreaterThan(8_000n)
    expect(total).toEqual({ tables: 1, rows: '3', bytes: items[0]!.bytes })
  })

  test('it grows: the difference to the last count of an earlier day', async () => {
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      // As of yesterday; the application itself may not change a count, so a new one stands for it.
      db.run(sql`insert into landing_count (channel_id, counted_at, generation, sequence, position_at, rows, bytes)
        values (${landed.channel.id}, now() - interval '26 hours', 1, 1, 'earlier', 1, 100)`),
    )
    await fill(platform, landed.channel, [['9', '钱七', '330102198505051226', null, null, null]])
    const { items } = await eventually(list, (page) => page.items[0]?.rows === '4')
    expect(items[0]).toMatchObject({ rows: '4', growth: { rows: '3' } })
  })

  test('400: a made-up page position', async () => {
    const centre = await platform.as('centre')
    await refused(centre.call(listAssets, { query: { after: 'x' } }), 'request.invalid')
  })
})
