import { readFrontMarks } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { publish } from '../../../../../tests/harness/catalogue.ts'
import { NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

// The figures themselves: follow-marks.subscriber.test.ts.
describe('read the marks of a push table', () => {
  const platform = usePlatform()

  test('200 with nothing where nothing is mounted, 404, 403 of another department', async () => {
    const { id } = await publish(platform)
    const officer = await platform.as('civil-officer')
    expect(await officer.call(readFrontMarks, { params: { id } })).toEqual({ front: null })
    await refused(officer.call(readFrontMarks, { params: { id: NOBODY } }), 'object.not_found')
    const works = await platform.as('works-officer')
    await refused(works.call(readFrontMarks, { params: { id } }), 'permission.denied')
  })
})
