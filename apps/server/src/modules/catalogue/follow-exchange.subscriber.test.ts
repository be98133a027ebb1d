import { decideRequest, listObligations, listRequests, readRequest } from '@huitong/contract/catalogue'
import { mountDataset } from '@huitong/contract/curation'
import { createChannel } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { deliverAll } from '../../../../../tests/harness/deliver.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { addSource, discover, enrolFront } from '../curation/testing/front.ts'
import { followExchange } from './follow-exchange.subscriber.ts'
import { decide, grantRequest, publishDataset, requestFor, VILLAGES } from './testing/content.ts'

describe('a request follows its exchange', () => {
  const platform = usePlatform()
  const ids = { dataset: '', target: '' }
  let serial = 0
  beforeAll(async () => {
    const { civil, works } = platform.departments
    const officer = await platform.as('civil-officer')
    ids.dataset = (await publishDataset(platform, VILLAGES)).id
    const provider = await enrolFront(platform, civil)
    const [table] = await discover(platform, provider, (await addSource(platform, provider.id, 'provide')).id)
    const mapping = [
      { item: 'code', field: 'Code' },
      ...['name', 'province', 'head_name'].map((item) => ({ item, field: item })),
    ]
    await officer.call(mountDataset, { params: { id: ids.dataset }, body: { tableId: table!.id, mapping } })
    const consumer = await enrolFront(platform, works)
    ids.target = (await addSource(platform, consumer.id, 'receive')).id
  })
  const granted = () => grantRequest(platform, requestFor(ids.dataset))
  const configure = async (grantId: string) =>
    (await platform.as('centre')).call(createChannel, {
      body: { grantId, targetSourceId: ids.target, targetTable: `villages_${++serial}` },
    })
  const read = async (id: string) => (await platform.as('works-officer')).call(readRequest, { params: { id } })
  async function until(id: string, step: string | null) {
    for (let n = 0; n < 800; n++) {
      const request = await read(id)
      if (request.step === step) return request
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    return read(id)
  }
  const emit = (type: string, payload: object) =>
    platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`insert into event (at, type, payload) values (now(), ${type}, ${JSON.stringify(payload)})`),
    )
  const handled = () => deliverAll(platform, followExchange)

  test('a configured channel fulfils the centre’s step; the applicant confirms, and it is done', async () => {
    const request = await granted()
    const channel = await configure(request.grantId!)
    const configured = await until(request.id, 'applicant_confirm')
    expect(configured).toMatchObject({ step: 'applicant_confirm', channelId: channel.id })
    expect(configured.steps.find((one) => one.step === 'centre_configure')).toMatchObject({
      state: 'agreed',
      actor: 'centre',
    })
    expect(await decide(platform, configured, { decision: 'agree' })).toMatchObject({ state: 'done', step: null })
  })

  test('an applicant who does not get what was granted sends it back to the centre, and the request stays as it is', async () => {
    const request = await granted()
    await configure(request.grantId!)
    const configured = await until(request.id, 'applicant_confirm')
    const back = await decide(platform, configured, { decision: 'return', reason: '接收表选错了' })
    expect(back).toMatchObject({ state: 'running', step: 'centre_configure', content: request.content })
    const second = await configure(request.grantId!)
    expect(await until(request.id, 'applicant_confirm')).toMatchObject({ channelId: second.id })
    const works = await platform.as('works-officer')
    const { items } = await works.call(listRequests, { query: { box: 'sent', limit: '200' } })
    expect(items.filter((one) => one.id === request.id)).toHaveLength(1)
  })

  test('a completed channel fulfils the duty to provide, once, however often the fact comes', async () => {
    const request = await granted()
    const channel = await configure(request.grantId!)
    await until(request.id, 'applicant_confirm')
    const duty = async () => {
      const { items } = await (await platform.as('civil-officer')).call(listObligations, { query: {} })
      return items.find((one) => one.subjectId === request.id && one.rule === 'D5')!
    }
    expect((await duty()).fulfilledAt).toBeNull()
    await emit('channel.completed', { channelId: channel.id, generation: 1 })
    await handled()
    const first = await duty()
    expect(first.fulfilledAt).not.toBeNull()
    await emit('channel.completed', { channelId: channel.id, generation: 2 })
    await handled()
    expect(await duty()).toEqual(first)
  })

  test('a fact that is delivered again moves nothing', async () => {
    const request = await granted()
    const channel = await configure(request.grantId!)
    const configured = await until(request.id, 'applicant_confirm')
    const { departments } = platform
    const people = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ id: string }>(sql`select id from person where account = 'centre'`),
    )
    const payload = { requestId: request.id, personId: people.id, departmentId: departments.centre }
    await emit('channel.configured', { channelId: channel.id, ...payload })
    await handled()
    expect(await read(request.id)).toEqual(configured)
  })

  test('nobody decides the centre’s step by hand', async () => {
    const request = await granted()
    const body = { step: 'centre_configure', decision: 'agree' } as const
    await expect(
      (await platform.as('centre')).call(
        decideRequest,
        { params: { id: request.id }, body },
        { match: request.version },
      ),
    ).rejects.toMatchObject({ code: 'object.state' })
  })
})
