import { shanghaiDate } from '@huitong/codes'
import { revokeGrant } from '@huitong/contract/catalogue'
import { createChannel } from '@huitong/contract/exchange'
import { mountDataset } from '@huitong/contract/curation'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { completeContent, publish, readAs } from '../../../../../tests/harness/catalogue.ts'
import {
  discover,
  discovered,
  grantTo,
  prepareGround,
  publishMounted,
  type Ground,
} from '../../../../../tests/harness/exchange.ts'
import { asSuperuser } from '../../../../../tests/harness/evidence.ts'
import { eventually, guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { addSource } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('configure a channel', () => {
  const platform = usePlatform()
  let ground: Ground
  let dataset: { id: string }
  let grantId = ''
  let requestId = ''
  beforeAll(async () => {
    ground = await prepareGround(platform)
    dataset = await publishMounted(platform, ground.table)
    const request = await grantTo(platform, dataset)
    grantId = request.grantId!
    requestId = request.id
  })
  const body = (over: object = {}) => ({ grantId, targetSourceId: ground.targetId, targetTable: 'villages', ...over })
  const create = async (over: object = {}) => (await platform.as('centre')).call(createChannel, { body: body(over) })
  guards(platform, createChannel, {
    input: () => ({ body: body() }),
    denied: ['civil-officer', 'authority', 'operator', 'works-head'],
  })

  test('409: changes can only be followed of a table that names its fields of operation and update time', async () => {
    expect(pathsOf(await refused(create({ mode: 'cursor' }), 'object.state'))).toEqual(['/mode'])
    await refused(create({ mode: 'cursor', intervalSeconds: 1 }), 'request.invalid')
  })

  test('201: exactly the granted items travel, with the source’s key; the request moves on to the applicant', async () => {
    const channel = await create()
    expect(channel).toMatchObject({
      state: 'configured',
      grantId,
      source: { schema: 'public', table: 'villages' },
      target: { schema: 'public', table: 'villages', sourceId: ground.targetId },
      key: ['code'],
      providerDepartmentId: platform.departments.civil,
      consumerDepartmentId: platform.departments.works,
    })
    expect(channel.columns.map((one) => one.as)).toEqual(['code', 'name', 'province_code'])
    const moved = await eventually(
      () => readAs(platform, 'works-officer', requestId),
      (one) => one.step === 'applicant_confirm',
    )
    expect(moved).toMatchObject({ channelId: channel.id })
    expect(moved.steps.find((one) => one.step === 'centre_configure')).toMatchObject({
      state: 'agreed',
      actor: 'centre',
    })
  })

  test('the secret of the row digests is in no reply, and sealed at rest', async () => {
    const { secret } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ secret: Buffer }>(sql`select digest_secret as secret from channel limit 1`),
    )
    expect(secret.length).toBeGreaterThan(100)
  })

  test('409: a receiving table that another channel fills', async () => {
    expect(pathsOf(await refused(create(), 'object.exists'))).toEqual(['/targetTable'])
  })

  test('a request that shows two channels is still one request in every list', async () => {
    await create({ targetTable: 'villages_again' })
    const { listRequests } = await import('@huitong/contract/catalogue')
    const { items } = await (await platform.as('works-officer')).call(listRequests)
    expect(items.filter((one) => one.id === requestId)).toHaveLength(1)
  })

  test('404: a grant or a target that does not exist', async () => {
    await refused(create({ grantId: NOBODY }), 'object.not_found')
    await refused(create({ targetSourceId: NOBODY }), 'object.not_found')
  })

  test('400: a target of another department, a source that only provides, a table name that is none', async () => {
    expect(pathsOf(await refused(create({ targetSourceId: ground.sourceId }), 'request.invalid'))).toEqual([
      '/targetSourceId',
    ])
    const provides = await addSource(platform, ground.consumer, 'provide')
    expect(pathsOf(await refused(create({ targetSourceId: provides.id }), 'request.invalid'))).toEqual([
      '/targetSourceId',
    ])
    for (const targetTable of ['Villages', 'x;drop', '1a', 'a'.repeat(42), 'a"b', ''])
      expect(pathsOf(await refused(create({ targetTable }), 'request.invalid'))).toContain('/targetTable')
  })

  test('a masked item travels as text, and a masked key is no key', async () => {
    const masks = [
      { item: 'code', mask: 'last4' as const },
      { item: 'name', mask: 'null' as const },
    ]
    const request = await grantTo(platform, dataset, {}, { masks })
    const channel = await create({ grantId: request.grantId!, targetTable: 'masked' })
    expect(channel.key).toEqual([])
    const { columns } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ columns: { as: string; type: string; nullable: boolean }[] }>(
        sql`select columns from channel where id = ${channel.id}`,
      ),
    )
    expect(columns.find((one) => one.as === 'name')).toMatchObject({ type: 'text', nullable: true })
  })

  test('partial approval: what was not agreed does not travel', async () => {
    const request = await grantTo(platform, dataset, {}, { items: ['code', 'name'] })
    const channel = await create({ grantId: request.grantId!, targetTable: 'partial' })
    expect(channel.columns.map((one) => one.as)).toEqual(['code', 'name'])
  })

  test('409: a dataset without a mounted table, or with an item that is mapped to no field', async () => {
    const bare = await publish(platform)
    const request = await grantTo(platform, bare)
    expect(pathsOf(await refused(create({ grantId: request.grantId!, targetTable: 'bare' }), 'object.state'))).toEqual([
      '/grantId',
    ])
    const mapping = [{ item: 'code', field: 'code' }]
    await (
      await platform.as('civil-officer')
    ).call(mountDataset, { params: { id: bare.id }, body: { tableId: ground.table.id, mapping } })
    await refused(create({ grantId: request.grantId!, targetTable: 'bare' }), 'object.state')
  })

  test('403: a grant that is not in force yet, that ended, or that was revoked', async () => {
    const later = await grantTo(platform, dataset, { from: '2098-01-01', until: '2098-12-31' })
    await refused(create({ grantId: later.grantId!, targetTable: 'later' }), 'grant.inactive')
    // Its last day is today; the day after comes by legal time.
    const past = await grantTo(platform, dataset, { from: '2020-01-01', until: shanghaiDate(new Date()) })
    const shift = (seconds: number) =>
      asSuperuser(platform, (client) => client.query(`update legal_clock set offset_seconds = ${seconds}`))
    await shift(2 * 86_400)
    await refused(create({ grantId: past.grantId!, targetTable: 'past' }), 'grant.inactive')
    await shift(0)
    const revoked = await grantTo(platform, dataset)
    const params = { id: revoked.grantId! }
    await (await platform.as('civil-head')).call(revokeGrant, { params, body: { reason: '停止共享' } }, { match: 1 })
    await refused(create({ grantId: revoked.grantId!, targetTable: 'revoked' }), 'grant.inactive')
  })

  test('409: a source table that changed since it was mounted', async () => {
    const other = await publishMounted(platform, ground.table, completeContent())
    const request = await grantTo(platform, other)
    const [table] = discovered.tables
    await discover(platform, ground.provider, ground.sourceId, { tables: [{ ...table!, schemaHash: 'c'.repeat(64) }] })
    const call = () => create({ grantId: request.grantId!, targetTable: 'changed' })
    const error = await eventually(
      () =>
        call().then(
          () => null,
          (given: { code: string }) => given,
        ),
      (given) => given?.code === 'source.changed',
      5_000,
    )
    expect(error?.code).toBe('source.changed')
  })
})
