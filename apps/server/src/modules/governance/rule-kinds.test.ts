import { listRuleKinds } from '@huitong/contract/governance'
import { describe, expect, test } from 'vitest'
import { guards } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('kinds of rules', () => {
  const platform = usePlatform({ jobs: false })
  guards(platform, listRuleKinds, { input: () => ({}), denied: ['auditor', 'sysadmin', 'works-developer'] })

  test('200: each with its words, its indicator and the schema of its parameters', async () => {
    const { items } = await (await platform.as('civil-officer')).call(listRuleKinds, {})
    expect(items.length).toBeGreaterThanOrEqual(12)
    expect(items.find((one) => one.kind === 'id_number')).toMatchObject({
      words: { zh: '公民身份号码' },
      dimension: 'accurate',
      indicator: '0301',
      parameters: { type: 'object', properties: { column: { type: 'string' } } },
    })
  })
})
