import { createService, listServices } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { BENEFIT_TABLE, land, PEOPLE_TABLE, prepareCentre, type Landed } from '../../../../../tests/harness/centre.ts'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('make a service', () => {
  const platform = usePlatform({ centre: true })
  let people: Landed
  let benefits: Landed
  beforeAll(async () => {
    const ground = await prepareCentre(platform)
    people = await land(platform, ground, PEOPLE_TABLE)
    benefits = await land(platform, ground, BENEFIT_TABLE)
  })
  const bodyOf = (code: string, landed: Landed) => ({ channelId: landed.channel.id, code, name: { zh: '人口查询' } })
  const make = async (body: ReturnType<typeof bodyOf>) => (await platform.as('centre')).call(createService, { body })
  guards(platform, createService, {
    input: () => ({ body: bodyOf('guarded', people) }),
    denied: ['civil-officer', 'authority', 'works-developer', 'operator'],
  })

  test('201: items, key and provider come from the landed table', async () => {
    const made = await make(bodyOf('people', people))
    expect(made).toMatchObject({ code: 'people', state: 'running', key: ['id'], openings: [], itemCount: 6 })
    expect(made.items.map((one) => [one.code, one.type, one.key])).toEqual([
      ['id', 'bigint', true],
      ['name', 'text', false],
      ['id_number', 'text', false],
      ['phone', 'text', false],
      ['address', 'text', false],
      ['village_code', 'text', false],
    ])
    expect(made.providerDepartmentId).toBe(platform.departments.civil)
    const listed = await (await platform.as('works-developer')).call(listServices, { query: {} })
    expect(listed.items.map((one) => one.code)).toEqual(['people'])
  })

  test('409: a code or a table that is taken', async () => {
    expect(pathsOf(await refused(make(bodyOf('people', benefits)), 'object.exists'))).toEqual(['/code'])
    expect(pathsOf(await refused(make(bodyOf('people-2', people)), 'object.exists'))).toEqual(['/channelId'])
  })

  test('404: a channel that is none; 400: a code that could be mistaken in an address', async () => {
    await refused(make({ ...bodyOf('nothing', people), channelId: NOBODY }), 'object.not_found')
    for (const code of ['../x', 'A', '人口', 'x y']) await refused(make(bodyOf(code, benefits)), 'request.invalid')
  })
})
