import { listFindings } from '@huitong/contract/governance'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { DIRTY, useQuality } from './testing/quality.ts'

describe('findings', () => {
  const quality = useQuality()
  const { platform } = quality
  guards(platform, listFindings, {
    input: () => ({ params: { id: NOBODY }, query: {} }),
    denied: ['authority', 'operator', 'auditor'],
  })

  test('200: keys with all their rules, page by page; values only for the provider; each reading audited without a value', async () => {
    await quality.send(DIRTY)
    const { id } = await quality.checked(await quality.suite())
    const params = { id }
    const officer = await platform.as('civil-officer')
    const first = await officer.call(listFindings, { params, query: { limit: '2' } })
    expect(first.items.map((one) => [one.key, one.rules])).toEqual([
      [['2'], ['id_unique']],
      [['3'], ['id_check', 'name_missing']],
    ])
    expect([first.valuesShown, first.keyItems]).toEqual([true, ['id']])
    expect(first.items[1]!.values).toEqual([
      { item: 'id_number', value: '340524198001010010' },
      { item: 'name', value: null },
    ])
    const rest = await officer.call(listFindings, { params, query: { limit: '2', after: first.next! } })
    expect([rest.items.map((one) => one.key), rest.next]).toEqual([[['4']], null])
    const centre = await platform.as('centre')
    const named = await centre.call(listFindings, { params, query: { rule: 'name_missing' } })
    expect(named.items).toEqual([{ key: ['3'], rules: ['id_check', 'name_missing'], values: [] }])
    const audits = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ content: string }>(
        sql`select content from audit where action = 'governance.finding.list' and outcome = 'done' order by id`,
      ),
    )
    expect(audits.length).toBe(3)
    expect(audits.map((one) => one.content).join()).not.toContain('340524')
  })

  test('200: many pages tell every row once, in the order of the keys as numbers', async () => {
    const nameless = Array.from({ length: 25 }, (_, at) => [String(at + 1), null, null, null, null, null])
    await quality.send(nameless)
    const { id } = await quality.checked(await quality.suite())
    const officer = await platform.as('civil-officer')
    const keys: (string | null)[] = []
    for (let after: string | undefined; ;) {
      const query = { limit: '4', ...(after ? { after } : {}) }
      const page = await officer.call(listFindings, { params: { id }, query })
      keys.push(...page.items.map((one) => one.key[0]!))
      if (page.next === null) break
      after = page.next
    }
    expect(keys).toEqual(nameless.map((one) => one[0]))
  })

  test('404: no such rule, no such check, another department; 400: a made-up position', async () => {
    const { id } = await quality.checked(await quality.suite())
    const officer = await platform.as('civil-officer')
    await refused(officer.call(listFindings, { params: { id }, query: { rule: 'luck' } }), 'object.not_found')
    await refused(officer.call(listFindings, { params: { id: NOBODY }, query: {} }), 'object.not_found')
    await refused(
      (await platform.as('works-officer')).call(listFindings, { params: { id }, query: {} }),
      'object.not_found',
    )
    const after = Buffer.from('["0; drop"]').toString('base64url')
    await refused(officer.call(listFindings, { params: { id }, query: { after } }), 'request.invalid')
  })
})
