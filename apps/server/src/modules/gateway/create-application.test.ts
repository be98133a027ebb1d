import { createApplication, listApplications } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { guards, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

describe('make a credential', () => {
  const platform = usePlatform({ jobs: false })
  guards(platform, createApplication, {
    input: () => ({ body: { name: '租赁备案系统' } }),
    denied: ['works-officer', 'works-head', 'centre', 'operator', 'sysadmin'],
  })

  test('201: the secret is shown once, kept sealed, and stands in no list and no audit row', async () => {
    const developer = await platform.as('works-developer')
    const made = await developer.call(createApplication, { body: { name: '租赁备案系统' } })
    expect(made.application).toMatchObject({
      name: '租赁备案系统',
      departmentId: platform.departments.works,
      version: 1,
    })
    expect(made.application.appId).toMatch(/^ht[a-z2-7]{20}$/)
    expect(Buffer.from(made.secret, 'base64url').length).toBeGreaterThanOrEqual(32)
    const listed = JSON.stringify(await developer.call(listApplications, { query: {} }))
    expect(listed).toContain(made.application.appId)
    expect(listed).not.toContain(made.secret)
    const { db } = platform.server.services
    const kept = await db.read(SYSTEM_ROWS, (reader) =>
      reader.one<{ text: string }>(sql`select (select string_agg(a::text, '') from application a)
        || (select string_agg(content, '') from audit) as text`),
    )
    expect(kept.text).not.toContain(made.secret)
    expect(kept.text).not.toContain(Buffer.from(made.secret).toString('hex'))
  })

  test('400: a name that is empty or too long', async () => {
    const developer = await platform.as('works-developer')
    for (const name of ['', '名'.repeat(129)])
      await refused(developer.call(createApplication, { body: { name } }), 'request.invalid')
  })
})
