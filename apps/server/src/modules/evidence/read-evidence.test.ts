import { listEvidence, readEvidence } from '@huitong/contract/evidence'
import { beforeAll, describe, expect, test } from 'vitest'
import { asSuperuser, newestEntry, renameOnce, type Entry } from '../../../../../tests/harness/evidence.ts'
import { guards, refused } from '../../../../../tests/harness/guards.ts'
import { createDraft } from '../../../../../tests/harness/catalogue.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('read evidence', () => {
  const platform = usePlatform()
  let entry: Entry
  beforeAll(async () => {
    await renameOnce(platform, platform.departments.police, '市公安局')
    entry = await newestEntry(platform, 'identity.department.rename')
  })
  const read = async (index: string, account: Parameters<typeof platform.as>[0] = 'auditor') =>
    (await platform.as(account)).call(readEvidence, { params: { index } })
  guards(platform, readEvidence, {
    input: () => ({ params: { index: entry.index! } }),
    denied: ['sysadmin', 'operator'],
  })

  test('200: what was recorded, that it still matches its leaf, and the checkpoint that covers it', async () => {
    const reply = await read(entry.index!)
    expect(reply).toMatchObject({
      intact: true,
      entry: { auditId: entry.auditId },
      payload: { action: 'identity.department.rename', detail: { name: '市公安局' } },
      checkpoint: expect.stringContaining('huitong/evidence'),
    })
    expect(Number(reply.treeSize)).toBeGreaterThan(Number(entry.index))
  })

  test('reading what was recorded is recorded itself', async () => {
    await read(entry.index!)
    const own = await newestEntry(platform, 'evidence.entry.read')
    expect(own).toMatchObject({ objectKind: 'evidence', objectId: entry.index, outcome: 'done' })
  })

  test('404: another department’s entry by its true index, an index that is not there yet; 400: none at all', async () => {
    await createDraft(platform)
    const civil = await newestEntry(platform, 'catalogue.dataset.create')
    expect((await read(civil.index!, 'civil-officer')).intact).toBe(true)
    await refused(read(civil.index!, 'works-officer'), 'object.not_found')
    await refused(read('999999'), 'object.not_found')
    await refused(read('-1'), 'request.invalid')
    await refused(read('9'.repeat(16)), 'request.invalid')
  })

  test('a row that was altered behind the platform’s back says so', async () => {
    await renameOnce(platform, platform.departments.police, '公安局')
    const target = await newestEntry(platform, 'identity.department.rename')
    await asSuperuser(platform, (client) =>
      client.query(`update audit set content = replace(content, '公安局', '财政局') where id = $1`, [target.auditId]),
    )
    expect(await read(target.index!)).toMatchObject({ intact: false, payload: { detail: { name: '财政局' } } })
    expect((await (await platform.as('auditor')).call(listEvidence, { query: { limit: '1' } })).items).toHaveLength(1)
  })
})
