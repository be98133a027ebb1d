import { listEvidence } from '@huitong/contract/evidence'
import { beforeAll, describe, expect, test } from 'vitest'
import { renameOnce } from '../../../../../tests/harness/evidence.ts'
import { guards } from '../../../../../tests/harness/guards.ts'
import { createDraft } from '../../../../../tests/harness/catalogue.ts'
import { settle, signIn, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'

describe('list evidence', () => {
  const platform = usePlatform()
  let draft = ''
  beforeAll(async () => {
    for (const account of ['auditor', 'authority', 'civil-officer', 'works-officer'] as const)
      await signIn(platform.server, account)
    await renameOnce(platform, platform.departments.police, '市公安局')
    draft = (await createDraft(platform)).id
    await settle(platform.server)
  })
  const list = async (account: Account, query = {}) =>
    (await platform.as(account)).call(listEvidence, { query: { limit: '200', ...query } })
  guards(platform, listEvidence, { input: () => ({}), denied: ['sysadmin', 'operator', 'works-developer'] })

  test('200: newest first, with words in both languages, leaf index and commitment', async () => {
    const { items } = await list('auditor', { objectId: draft })
    expect(items).toMatchObject([
      {
        action: 'catalogue.dataset.create',
        words: { zh: '编制目录', en: 'Compile a dataset' },
        actor: 'civil-officer',
        departmentName: '民政局',
        objectKind: 'dataset',
        outcome: 'done',
        index: expect.stringMatching(/^\d+$/),
        commitment: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ])
    const ids = (await list('auditor')).items.map((one) => BigInt(one.auditId))
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? 1 : -1)))
  })

  test('a department sees its own acts only; who oversees the jurisdiction sees all, the platform’s own included', async () => {
    const own = await list('civil-officer')
    expect(own.items.length).toBeGreaterThan(0)
    expect(own.items.every((one) => one.departmentId === platform.departments.civil)).toBe(true)
    expect((await list('works-officer', { objectId: draft })).items).toEqual([])
    const all = await list('auditor')
    expect(new Set(all.items.map((one) => one.departmentId)).size).toBeGreaterThan(2)
    expect((await list('authority', { objectId: draft })).items).toHaveLength(1)
  })

  test('filters and pages: every entry once', async () => {
    const seen: string[] = []
    for (let after: string | null | undefined; after !== null;) {
      const page = await list('auditor', { action: 'identity.session.create', limit: '2', ...(after ? { after } : {}) })
      seen.push(...page.items.map((one) => one.auditId))
      expect(page.items.every((one) => one.action === 'identity.session.create')).toBe(true)
      after = page.next
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBeGreaterThanOrEqual(4)
  })

  test('a denied act stands there too', async () => {
    const { createNode } = await import('@huitong/contract/nodes')
    const civil = await platform.as('civil-officer')
    await civil
      .call(createNode, { body: { name: { zh: 'x' }, departmentId: platform.departments.civil } })
      .catch(() => undefined)
    const { items } = await list('auditor', { action: 'nodes.node.create' })
    expect(items[0]).toMatchObject({ outcome: 'denied', actor: 'civil-officer' })
  })
})
