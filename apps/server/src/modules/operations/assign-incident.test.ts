import { assignIncident, readIncident } from '@huitong/contract/operations'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { plantIncident } from './testing/incidents.ts'

describe('assign an incident', () => {
  const platform = usePlatform({ jobs: false })
  const candidate = async (id: string) => {
    const { candidates } = await (await platform.as('operator')).call(readIncident, { params: { id } })
    return candidates.find((one) => one.name === 'centre')!
  }
  guards(platform, assignIncident, {
    input: async () => {
      const { incidentId: id } = await plantIncident(platform)
      return { params: { id }, body: { personId: (await candidate(id)).id } }
    },
    denied: ['civil-head', 'authority'],
    allowed: 'operator',
  })

  test('200: another handler has it; the response clock runs on until somebody responds', async () => {
    const { incidentId: id } = await plantIncident(platform)
    const person = await candidate(id)
    const operator = await platform.as('operator')
    const given = await operator.call(assignIncident, { params: { id }, body: { personId: person.id } }, { match: 1 })
    expect(given).toMatchObject({ state: 'open', assignee: person, response: { stoppedAt: null } })
    expect(given.notes.at(-1)).toMatchObject({ kind: 'assigned', content: 'centre', person: { name: 'operator' } })
  })

  test('400: somebody who may not handle incidents, or nobody', async () => {
    const { incidentId: id } = await plantIncident(platform)
    const operator = await platform.as('operator')
    const body = { personId: NOBODY }
    const error = await refused(
      operator.call(assignIncident, { params: { id }, body }, { match: 1 }),
      'request.invalid',
    )
    expect(pathsOf(error)).toEqual(['/personId'])
  })

  test('404: none of this name', async () => {
    const body = { personId: NOBODY }
    const call = (await platform.as('operator')).call(assignIncident, { params: { id: NOBODY }, body }, { match: 1 })
    await refused(call, 'object.not_found')
  })
})
