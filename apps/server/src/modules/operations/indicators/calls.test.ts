import { readReport } from '@huitong/contract/operations'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { callService, credential, serve } from '../../../../../../tests/harness/gateway.ts'
import { usePlatform } from '../../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import { findOwner } from '../alert-rule.ts'
import { serviceFailing } from '../rules/service-failing.ts'

describe('calls of shared interfaces', () => {
  const platform = usePlatform({ centre: true })

  test('in the report: answered ones for the provider, all of them for the caller; a failing interface is an alert', async () => {
    const served = await serve(platform)
    const app = await credential(platform)
    const call = (id: string) => callService(platform, app, '/api/v1/services/people/row', { query: { id } })
    expect((await call('2')).status).toBe(200)
    expect((await call('2')).status).toBe(200)
    expect((await call('4')).status).toBe(404)
    const { departments } = await (await platform.as('authority')).call(readReport, { query: {} })
    const of = (id: string, name: string) => departments.find((one) => one.id === id)!.figures[name]!.value
    const provider = served.landed.channel.providerDepartmentId
    expect([of(provider, 'calls'), of(provider, 'calls_made')]).toEqual(['2', '0'])
    const { works } = platform.departments
    expect([of(works, 'calls'), of(works, 'calls_made')]).toEqual(['0', '3'])

    const find = () =>
      platform.server.services.db.read(SYSTEM_ROWS, async (db) => {
        const { services } = platform.server
        return serviceFailing.find({ db, services, now: services.clock.now(), owner: (await findOwner(db))! })
      })
    expect(await find()).toEqual([])
    // The application's own roles may not change a call that was made; the superuser plants the failures.
    const superuser = new pg.Client({ connectionString: platform.url })
    await superuser.connect()
    await superuser.query("update service_call set outcome = 'centre.unavailable'")
    await superuser.end()
    expect(await find()).toMatchObject([{ subjectKind: 'service', subjectId: served.service.id }])
  })
})
