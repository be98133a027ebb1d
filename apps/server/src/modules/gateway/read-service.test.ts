import { readService } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { serve, type Served } from '../../../../../tests/harness/gateway.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('read a service', () => {
  const platform = usePlatform({ centre: true })
  let served: Served
  beforeAll(async () => {
    served = await serve(platform)
  })
  const read = async (account: Parameters<typeof platform.as>[0], id: string) =>
    (await platform.as(account)).call(readService, { params: { id } })
  guards(platform, readService, {
    input: () => ({ params: { id: served.service.id } }),
    denied: ['sysadmin', 'auditor'],
  })

  test('200: items for everybody, openings for their parties', async () => {
    expect((await read('works-developer', served.service.id)).openings.map((one) => one.grantId)).toEqual([
      served.request.grantId,
    ])
    expect((await read('police-officer', served.service.id)).openings).toEqual([])
  })

  test('404: no such service', async () => {
    await refused(read('centre', NOBODY), 'object.not_found')
  })
})
