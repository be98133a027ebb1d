import { createNode, listNodes } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('register a node', () => {
  const platform = usePlatform({ jobs: false })
  const body = (departmentId = platform.departments.civil) => ({ name: { zh: '民政前置节点' }, departmentId })
  guards(platform, createNode, {
    input: () => ({ body: body() }),
    denied: ['civil-officer', 'authority', 'operator', 'sysadmin'],
  })

  test('201: it awaits its node; the one-time code is shown once and kept as a hash only', async () => {
    const centre = await platform.as('centre')
    const { node, enrolmentCode, expiresAt } = await centre.call(createNode, { body: body() })
    expect(node).toMatchObject({
      state: 'awaiting',
      keyId: null,
      lastSeenAt: null,
      departmentId: platform.departments.civil,
    })
    expect(enrolmentCode).toMatch(/^[\w-]{24}$/)
    const hours = (Date.parse(expiresAt) - Date.now()) / 3_600_000
    expect(hours).toBeGreaterThan(23.9)
    expect(hours).toBeLessThanOrEqual(24)
    const kept = await platform.server.services.db.read(SYSTEM_ROWS, async (db) => ({
      nodes: await db.many<{ text: string }>(sql`select n::text as text from node n`),
      audit: await db.many<{ text: string }>(sql`select a::text as text from audit a`),
    }))
    expect(JSON.stringify(kept)).not.toContain(enrolmentCode)
    expect(JSON.stringify(await centre.call(listNodes))).not.toContain(enrolmentCode)
  })

  test('a repeated request gets the same code again, although the reply is kept sealed', async () => {
    const centre = await platform.as('centre')
    const options = { idempotencyKey: 'node-once-only' }
    const first = await centre.call(createNode, { body: body() }, options)
    expect(await centre.call(createNode, { body: body() }, options)).toEqual(first)
    const { kept } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ kept: string }>(sql`select string_agg(reply::text, '') as kept from idempotency`),
    )
    expect(kept).not.toContain(first.enrolmentCode)
  })

  test('404: a department that does not exist', async () => {
    await refused((await platform.as('centre')).call(createNode, { body: body(NOBODY) }), 'object.not_found')
  })

  test('400: a name without Chinese', async () => {
    const bad = { ...body(), name: { en: 'x' } } as never
    await refused((await platform.as('centre')).call(createNode, { body: bad }), 'request.invalid')
  })
})
