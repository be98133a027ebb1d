import { readRequest, revokeGrant, readGrant } from '@huitong/contract/catalogue'
import { openService } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { agreed } from '../../../../../tests/harness/centre.ts'
import { granted, makeService, MATTER, type Served } from '../../../../../tests/harness/gateway.ts'
import { eventually, guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import type { Request } from '../../../../../tests/harness/catalogue.ts'

describe('open a service for a grant', () => {
  const platform = usePlatform({ centre: true })
  let made: Omit<Served, 'request'>
  let request: Request
  beforeAll(async () => {
    made = await makeService(platform)
    request = await granted(platform, made.landed)
  })
  const quota = { perSecondMax: 10, perDayMax: 1_000 }
  const open = async (grantId: string, more: object = {}) =>
    (await platform.as('centre')).call(openService, {
      params: { id: made.service.id },
      body: { grantId, ...quota, ...more },
    })
  guards(platform, openService, {
    input: () => ({ params: { id: made.service.id }, body: { grantId: request.grantId!, ...quota } }),
    denied: ['civil-officer', 'works-officer', 'works-developer', 'operator'],
  })

  test('201: opened, and the request goes to its applicant for confirmation', async () => {
    const service = await open(request.grantId!, { totalMax: '5000' })
    expect(service.openings).toMatchObject([
      {
        grantId: request.grantId,
        departmentId: platform.departments.works,
        state: 'active',
        byKey: true,
        matter: { code: MATTER },
        totalMax: '5000',
        callsTotal: '0',
        items: [
          { code: 'id', mask: null },
          { code: 'name', mask: null },
          { code: 'id_number', mask: 'id_number' },
          { code: 'village_code', mask: null },
        ],
      },
    ])
    const officer = await platform.as('works-officer')
    const ask = () => officer.call(readRequest, { params: { id: request.id } })
    expect((await eventually(ask, (one) => one.step === 'applicant_confirm')).step).toBe('applicant_confirm')
  })

  test('409: a grant is opened once', async () => {
    await refused(open(request.grantId!), 'object.exists')
  })

  test('409: a grant for tables, a grant that was revoked; 404: a grant that is none', async () => {
    const byTable = await agreed(platform, made.landed.dataset, 'works', { items: ['id', 'name'], method: 'table' })
    expect(pathsOf(await refused(open(byTable.grantId!), 'object.state'))).toEqual(['/grantId'])
    const other = await granted(platform, made.landed, { matter: { code: 'M-2', name: '另一事项' } })
    const head = await platform.as('civil-head')
    const of = { params: { id: other.grantId! } }
    const { version } = await head.call(readGrant, of)
    await head.call(revokeGrant, { ...of, body: { reason: '依据已废止' } }, { match: version })
    await refused(open(other.grantId!), 'grant.inactive')
    await refused(open(NOBODY), 'object.not_found')
  })
})
