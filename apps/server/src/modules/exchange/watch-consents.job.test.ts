import { mountDataset } from '@huitong/contract/curation'
import { createChannel, readChannel, startChannel } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { asSuperuser } from '../../../../../tests/harness/evidence.ts'
import { channelIn, startRun, useChannel } from '../../../../../tests/harness/exchange.ts'
import { consentTo } from '../../../../../tests/harness/node.ts'
import { refused } from '../../../../../tests/harness/guards.ts'
import { watchConsentsJob } from './watch-consents.job.ts'

describe('the written consent to read a business database', () => {
  const prepared = useChannel({ engine: false })
  const { platform } = prepared
  const turn = () => watchConsentsJob.run(platform.server.services, { signal: new AbortController().signal } as never)

  test('without one in force nothing is mounted, configured or started; when it runs out, what runs is stopped and says why', async () => {
    const { channel, ground, dataset } = prepared
    const params = { id: channel.id }
    const centre = await platform.as('centre')
    await asSuperuser(platform, (db) =>
      db.query(`update data_source set front_database = false, consent = '旧函' where id = '${ground.sourceId}'`),
    )
    const officer = await platform.as('civil-officer')
    const mapping = ['code', 'name', 'province_code'].map((item) => ({ item, field: item }))
    const mount = officer.call(mountDataset, {
      params: { id: dataset.id },
      body: { tableId: ground.table.id, mapping },
    })
    await refused(mount, 'source.consent')
    const body = { grantId: channel.grantId, targetSourceId: ground.targetId, targetTable: 'second' }
    await refused(centre.call(createChannel, { body }), 'source.consent')
    const { version } = await centre.call(readChannel, { params })
    await refused(centre.call(startChannel, { params }, { match: version }), 'source.consent')
    await consentTo(platform, ground.sourceId)
    await startRun(platform, ground, channel)
    expect(await turn()).toBe(false)
    expect((await centre.call(readChannel, { params })).state).toBe('running')
    await asSuperuser(platform, (db) => db.query(`update source_consent set valid_until = '2020-01-02'`))
    expect(await turn()).toBe(true)
    const stopped = await channelIn(platform, channel.id, 'failed')
    expect(stopped.problem).toMatchObject({ code: 'source.consent' })
    expect(await turn()).toBe(false)
    await refused(centre.call(startChannel, { params }, { match: stopped.version }), 'source.consent')
  })
})
