import { readLibrary, setLibrary } from '@huitong/contract/centre'
import { beforeAll, describe, expect, test } from 'vitest'
import { BENEFIT_TABLE, land, PEOPLE_TABLE, prepareCentre, type Landed } from '../../../../../tests/harness/centre.ts'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('set a base library', () => {
  const platform = usePlatform({ centre: true })
  let people: Landed
  let benefits: Landed
  beforeAll(async () => {
    const ground = await prepareCentre(platform)
    people = await land(platform, ground, PEOPLE_TABLE)
    benefits = await land(platform, ground, BENEFIT_TABLE)
  })
  const params = { library: 'person' as const }
  const set = async (parts: { channelId: string; keyItem: string }[]) =>
    (await platform.as('centre')).call(setLibrary, { params, body: { parts } })
  guards(platform, setLibrary, {
    input: () => ({ params, body: { parts: [] } }),
    denied: ['civil-officer', 'authority', 'operator', 'centre-officer'],
  })

  test('200: parts in their order, replaced as a whole', async () => {
    const key = { keyItem: 'id_number' }
    const made = await set([
      { channelId: benefits.channel.id, ...key },
      { channelId: people.channel.id, ...key },
    ])
    expect(made.parts.map((one) => one.channelId)).toEqual([benefits.channel.id, people.channel.id])
    await set([{ channelId: people.channel.id, ...key }])
    const read = await (await platform.as('centre')).call(readLibrary, { params })
    expect(read.parts).toMatchObject([{ channelId: people.channel.id, keyItem: 'id_number' }])
    expect(read.candidates.length).toBe(2)
  })

  test('400: every place is named: a table that has not landed, one listed twice, an item that it has not', async () => {
    const error = await refused(
      set([
        { channelId: NOBODY, keyItem: 'id' },
        { channelId: people.channel.id, keyItem: 'no_such' },
        { channelId: people.channel.id, keyItem: 'id' },
      ]),
      'request.invalid',
    )
    expect(pathsOf(error)).toEqual(['/parts/0/channelId', '/parts/1/keyItem', '/parts/2/channelId'])
  })
})
