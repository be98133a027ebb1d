import { closeIncident, noteIncident } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { plantIncident } from './testing/incidents.ts'

describe('note what was done', () => {
  const platform = usePlatform({ jobs: false })
  const body = { content: '已联系民政局检查前置机\n待重启' }
  guards(platform, noteIncident, {
    input: async () => ({ params: { id: (await plantIncident(platform)).incidentId }, body }),
    denied: ['civil-officer', 'authority'],
  })

  test('201: word for word, in order, also after the closing, and never changed', async () => {
    const { incidentId: id } = await plantIncident(platform)
    const operator = await platform.as('operator')
    await operator.call(noteIncident, { params: { id }, body })
    await operator.call(closeIncident, { params: { id }, body: { reason: '网线松动' } }, { match: 1 })
    const read = await operator.call(noteIncident, { params: { id }, body: { content: '已更换网线' } })
    expect(read.notes.map((one) => [one.kind, one.content])).toEqual([
      ['opened', null],
      ['note', body.content],
      ['closed', '网线松动'],
      ['note', '已更换网线'],
    ])
    const change = platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update incident_note set content = '' where incident_id = ${id}`),
    )
    await expect(change).rejects.toThrow('permission denied')
  })

  test('400: nothing said; 404: none of this name', async () => {
    const operator = await platform.as('operator')
    const { incidentId: id } = await plantIncident(platform)
    await refused(operator.call(noteIncident, { params: { id }, body: { content: '' } }), 'request.invalid')
    await refused(operator.call(noteIncident, { params: { id: NOBODY }, body }), 'object.not_found')
  })
})
