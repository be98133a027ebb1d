import { listChangedFindings } from '@huitong/contract/run-comparison'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { useQuality } from './testing/quality.ts'

const nameless = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => [String(from + at), null, null, null, null, null])

describe('findings that changed between two checks', () => {
  const quality = useQuality()
  const { platform } = quality
  const rule = 'name_missing'
  guards(platform, listChangedFindings, {
    input: () => ({ params: { id: NOBODY }, query: { change: 'gone' as const, rule } }),
    denied: ['authority', 'operator', 'auditor'],
  })
  const list = async (id: string, query: object, account: Account = 'civil-officer') =>
    (await platform.as(account)).call(listChangedFindings, { params: { id }, query: { rule, ...query } as never })
  let first = ''
  let second = ''

  test('200: page by page in the order of the keys, and nothing of what remained', async () => {
    await quality.send([...nameless(1, 12), ['13', '王小明', null, null, null, null]])
    first = (await quality.checked(await quality.suite())).id
    expect(pathsOf(await refused(list(first, { change: 'gone' }), 'object.state'))).toEqual(['#/query/with'])
    await quality.send([...nameless(10, 25), ['1', '李梅', null, null, null, null]])
    second = (await quality.checked(await quality.suite())).id
    const keysOf = async (change: 'appeared' | 'gone') => {
      const keys: (string | null)[] = []
      for (let after: string | null | undefined; after !== null;) {
        const page = await list(second, { change, limit: '5', ...(after ? { after } : {}) })
        keys.push(...page.items.map((one) => one.key[0]!))
        after = page.next
      }
      return keys
    }
    const numbers = (from: number, to: number) => nameless(from, to).map((row) => row[0])
    expect(await keysOf('appeared')).toEqual(numbers(13, 25))
    expect(await keysOf('gone')).toEqual(numbers(1, 9))
  })

  test('200: values only for the provider, and each reading is in the audit', async () => {
    const own = await list(second, { change: 'gone', with: first })
    expect([own.valuesShown, own.keyItems]).toEqual([true, ['id']])
    expect(own.items[0]!.values).toContainEqual({ item: 'name', value: null })
    const others = await list(second, { change: 'gone' }, 'centre')
    expect(others.items.every((one) => one.values.length === 0)).toBe(true)
    const audits = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ content: string }>(
        sql`select content from audit where action = 'governance.finding.list_changed' and outcome = 'done' order by id`,
      ),
    )
    expect(audits.length).toBeGreaterThanOrEqual(6)
    expect(JSON.parse(audits.at(-1)!.content)).toMatchObject({
      detail: { rule, change: 'gone', rows: 9, values: false },
    })
  })

  test('404: a rule that is not the same in both, another department; 400: no change named', async () => {
    expect(pathsOf(await refused(list(second, { change: 'gone', rule: 'luck' }), 'object.not_found'))).toEqual([
      '#/query/rule',
    ])
    await refused(list(second, { change: 'gone' }, 'works-officer'), 'object.not_found')
    await refused(list(second, {}), 'request.invalid')
  })
})
