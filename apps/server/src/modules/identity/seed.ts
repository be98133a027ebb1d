import { INITIAL_ROLES } from '@huitong/contract'
import { divisions, divisionsSource } from '@huitong/codes'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'

/** What a new platform starts with: the national divisions and the initial roles. Done once; edited as data afterwards. */
export async function seedIdentity(db: Writer): Promise<void> {
  if (await db.maybe(sql`select 1 from role limit 1`)) return
  for (const [name, role] of Object.entries(INITIAL_ROLES))
    await db.run(sql`insert into role (name, words, scope, permissions)
      values (${name}, ${JSON.stringify(role.words)}, ${role.scope}, ${[...role.permissions]}::text[])`)
  await db.run(sql`insert into region (code, name, level, parent, valid_from, source)
    select r->>'code', jsonb_build_object('zh', r->>'name'), r->>'level', r->>'parent', '2023-01-01', ${divisionsSource.title}
    from jsonb_array_elements(${JSON.stringify(divisions())}::jsonb) as r`)
}
