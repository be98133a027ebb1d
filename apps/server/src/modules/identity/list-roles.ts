import { listRoles } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { query } from '../../kernel/verb.ts'

interface Row {
  name: string
  words: { zh: string; en: string }
  scope: 'department' | 'jurisdiction'
  permissions: string[]
}

/** The roles with their permissions, as they stand in the database. */
export const listRolesVerb = query<typeof listRoles>({
  endpoint: listRoles,
  audit: null,
  async run({ db }) {
    return { items: await db.many<Row>(sql`select name, words, scope, permissions from role order by name`) }
  },
})
