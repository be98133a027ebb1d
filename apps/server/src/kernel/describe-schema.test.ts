import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { usePlatform } from '../../../../tests/harness/platform.ts'
import { describeSchema } from './describe-schema.ts'

const GOLDEN = join(import.meta.dirname, '../../schema.sql')
const HEAD = `-- The schema that the migrations make, read back from the database's own catalogue. Golden: never edited by hand.
-- UPDATE_GOLDEN=1 npx vitest run apps/server/src/kernel/describe-schema.test.ts writes it anew.
`

describe('schema.sql', () => {
  const platform = usePlatform({ jobs: false })
  const described = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client(platform.url)
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }

  test('the migrated database is exactly what the golden file says', async () => {
    const text = `${HEAD}\n${await described(describeSchema)}`
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(GOLDEN, text)
    expect(existsSync(GOLDEN) ? readFileSync(GOLDEN, 'utf8') : '').toBe(text)
  })

  test('it shows every kind of change', async () => {
    const changes = [
      'alter table setting add column extra text',
      'alter table setting alter column value drop not null',
      'alter table person alter column name type varchar(64)',
      'drop index audit_object',
      'alter table data_source drop constraint data_source_check',
      'alter table audit no force row level security',
      'drop policy audit_read on audit',
      'grant update on audit to huitong_app',
      'grant update (content) on audit to huitong_app',
      'revoke select on node from huitong_tick',
      `comment on table audit is 'x'`,
      `create or replace function huitong_within(jurisdiction text) returns boolean language sql as 'select true'`,
      'create table extra (id integer)',
    ]
    for (const change of changes) {
      const seen = await described(async (client) => {
        await client.query('begin')
        const before = await describeSchema(client)
        await client.query(change)
        const after = await describeSchema(client)
        await client.query('rollback')
        return before !== after
      })
      expect([change, seen]).toEqual([change, true])
    }
  })
})
