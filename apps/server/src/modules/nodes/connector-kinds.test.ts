import { listConnectorKinds } from '@huitong/contract/nodes'
import { describe, expect, test } from 'vitest'
import { guards } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { CONNECTOR_KINDS } from './connector-kinds.ts'

describe('kinds of connectors', () => {
  const platform = usePlatform({ jobs: false })
  guards(platform, listConnectorKinds, { input: () => ({}), denied: ['sysadmin', 'works-developer'] })

  test('200: every kind with words, the schema that its form is drawn from, and what it can', async () => {
    const { items } = await (await platform.as('centre')).call(listConnectorKinds)
    expect(items.map((one) => one.kind)).toEqual(Object.keys(CONNECTOR_KINDS))
    for (const one of items) {
      expect(one.words.zh).toMatch(/\p{Script=Han}|CSV/u)
      expect(one.settingsSchema).toMatchObject({ type: 'object', additionalProperties: false })
      expect(Object.values(one.capabilities).every((value) => typeof value === 'boolean')).toBe(true)
    }
    const { properties } = items.find((one) => one.kind === 'postgresql')!.settingsSchema as {
      properties: Record<string, { writeOnly?: boolean }>
    }
    expect(properties['password']?.writeOnly).toBe(true)
  })
})
