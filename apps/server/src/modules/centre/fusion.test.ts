import { decidePair, fusionEndpoints, readFusion, setFusion, splitMaster, startFusion } from '@huitong/contract/fusion'
import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import { describe, expect, test } from 'vitest'
import { NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { clientOf } from '../../../../../tests/harness/platform.ts'
import { person, PERSON, useFusion } from './testing/fusion.ts'

describe('how a library is fused', () => {
  const ground = useFusion()
  const { platform } = ground

  test('401 and 403: nobody else defines, runs, reads or decides', async () => {
    const input = { params: { library: 'person', id: NOBODY, master: 'a'.repeat(32) }, query: {} }
    const bodies: Record<string, object> = {
      [setFusion.id]: ground.settings,
      [decidePair.id]: { one: 'a'.repeat(32), other: 'b'.repeat(32), verdict: 'same' },
      [splitMaster.id]: { records: ['a'.repeat(32)], note: '误合并' },
    }
    for (const endpoint of fusionEndpoints) {
      const given = { ...input, body: bodies[endpoint.id] ?? {} } as never
      await refused(clientOf(platform.server).call(endpoint, given, { match: 1 }), 'session.required')
      for (const account of ['civil-officer', 'authority', 'operator'] as const)
        await refused((await platform.as(account)).call(endpoint, given, { match: 1 }), 'permission.denied')
    }
  })

  test('a definition is refused with the places of what is wrong; a version is asked for', async () => {
    const bad = structuredClone(ground.settings)
    bad.definition.blocking[0]![0]!.field = 'mobile'
    bad.sources[1]!.items['phone'] = 'nothing'
    bad.survivorship.pop()
    const error = await refused(
      ground.centre.call(setFusion, { params: PERSON, body: bad }, { match: 0 }),
      'request.invalid',
    )
    expect(pathsOf(error)).toEqual(['/definition/blocking/0/0/field', '/sources/1/items/phone', '/survivorship'])
    await refused(ground.centre.call(startFusion, { params: PERSON }), 'object.not_found')
    await refused(ground.centre.call(setFusion, { params: PERSON, body: ground.settings }), 'object.match_required')
    expect(await ground.centre.call(setFusion, { params: PERSON, body: ground.settings }, { match: 0 })).toMatchObject({
      version: 1,
    })
    await refused(
      ground.centre.call(setFusion, { params: PERSON, body: ground.settings }, { match: 0 }),
      'object.changed',
    )
    const read = await ground.centre.call(readFusion, { params: PERSON })
    expect(read).toMatchObject({ version: 1, settings: ground.settings })
    expect(read.candidates.length).toBe(2)
  })

  test('what a revoked grant no longer reaches is not shown, and no new fusion reads it', async () => {
    const run = await ground.fused()
    const [one] = await ground.masters(run.id, person(1).number)
    const head = await platform.as('civil-head')
    const grant = await head.call(readGrant, { params: { id: ground.second.request.grantId! } })
    await head.call(revokeGrant, { params: { id: grant.id }, body: { reason: '依据到期' } }, { match: grant.version })
    const master = await ground.open(run.id, one!.master)
    expect(master.values.map((value) => value.hidden)).toEqual([false, false, false, true])
    expect(
      master.records
        .find((record) => record.source === 1)!
        .values.every((value) => value.hidden && value.value === null),
    ).toBe(true)
    const error = await refused(ground.centre.call(startFusion, { params: PERSON }), 'request.invalid')
    expect(pathsOf(error)[0]).toBe('/sources/1/channelId')
  })
})
