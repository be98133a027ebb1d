import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, testUrl, type TestDatabase } from '../../../../tests/harness/database.ts'
import { describeSchema } from './describe-schema.ts'
import { migrate, readMigrations, SchemaTooNew } from './migrate.ts'
import { openSecrets } from './secrets.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

describe('migrate', () => {
  let database: TestDatabase
  let client: Client
  const folder = mkdtempSync(join(tmpdir(), 'huitong-migrate-'))
  // The roles belong to the whole cluster: all tests must agree on their passwords.
  writeFileSync(join(folder, 'root.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`)
  const secrets = openSecrets(folder)
  const passwords = { app: secrets.derive('database/app'), tick: secrets.derive('database/tick') }
  beforeAll(async () => {
    database = await createDatabase()
    client = new Client(database.url)
    await client.connect()
    await migrate(database.url, passwords)
  })
  afterAll(async () => {
    await client.end()
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  })
  const applied = async () =>
    (
      await client.query<{ name: string; at: string }>(
        'select name, applied_at::text as at from migration order by number',
      )
    ).rows

  test('numbers are without gaps and in the order of their files', () => {
    expect(readMigrations().map((one) => one.number)).toEqual(readMigrations().map((_, at) => at + 1))
  })

  test('a second time changes nothing; three at the same time neither', async () => {
    const [before, rows] = [await describeSchema(client), await applied()]
    expect(rows.map((one) => one.name)).toEqual(readMigrations().map((one) => one.name))
    await migrate(database.url, passwords)
    await Promise.all([1, 2, 3].map(() => migrate(database.url, passwords)))
    expect(await describeSchema(client)).toBe(before)
    expect(await applied()).toEqual(rows)
  })

  test('several at once on an empty database: each migration is applied once', async () => {
    const empty = await createDatabase()
    await Promise.all([1, 2, 3].map(() => migrate(empty.url, passwords)))
    const other = new Client(empty.url)
    await other.connect()
    expect(await describeSchema(other)).toBe(await describeSchema(client))
    await other.end()
    await empty.drop()
  })

  test('a migration reaches the rows that are there, also when the owner is no superuser', async () => {
    const old = await createDatabase()
    const owner = { name: `owner_${old.name}`, password: 'of-the-old-database' }
    await client.query(`create role ${owner.name} login createrole password '${owner.password}'`)
    await client.query(`grant huitong_app, huitong_tick to ${owner.name} with admin option`)
    await client.query(`alter database ${old.name} owner to ${owner.name}`)
    const url = testUrl(old.name, owner)
    const before = new Client(url)
    await before.connect()
    await before.query(`create table migration (number integer primary key, name text not null, hash text not null,
      breaking boolean not null, applied_at timestamptz not null default now())`)
    for (const { number, name, hash, text } of readMigrations().slice(0, 17)) {
      await before.query(text)
      await before.query('insert into migration (number, name, hash, breaking) values ($1, $2, $3, false)', [
        number,
        name,
        hash,
      ])
    }
    const id = '0190a0a0-0000-7000-8000-000000000001'
    await before.query(`begin; set local huitong.scope = 'system';
      insert into region (code, name, level, valid_from, source) values ('330100', '{"zh":"杭州市"}', 'prefecture', '2020-01-01', 'GB');
      insert into department (id, jurisdiction, division, name, credit_code, kind, valid_from)
        values ('${id}', '330100', '330100', '{"zh":"民政局"}', '11330100002489000X', 'department', '2020-01-01');
      insert into dataset (id, jurisdiction, department_id, code, state, created_at, updated_at)
        values ('${id}', '330100', '${id}', '330100/T000001', 'draft', now(), now());
      insert into data_item (dataset_id, dataset_version, position, code, name, type, share_attribute, level, is_key)
        values ('${id}', 1, 1, 'code', '{"zh":"代码"}', 'text', 'conditional', 'general_2', true);
      commit`)
    await migrate(url, passwords)
    const { rows } = await before
      .query(`begin; set local huitong.scope = 'system'; select jurisdiction from data_item; commit`)
      .then((all) => (all as unknown as { rows: unknown[] }[])[2]!)
    expect(rows).toEqual([{ jurisdiction: '330100' }])
    await before.end()
    await old.drop()
    await client.query(`drop role ${owner.name}`)
  })

  test('an applied migration that was edited is refused by name', async () => {
    await client.query(`update migration set hash = 'edited' where number = 3`)
    await expect(migrate(database.url, passwords)).rejects.toThrow('0003_evidence.sql was changed after')
    await client.query(`update migration set hash = $1 where number = 3`, [readMigrations()[2]!.hash])
    await migrate(database.url, passwords)
  })

  test('a newer schema is refused when it is breaking, and served when it is not', async () => {
    await client.query(
      `insert into migration (number, name, hash, breaking) values (9000, '9000_later.sql', 'x', false)`,
    )
    await migrate(database.url, passwords)
    await client.query(`update migration set breaking = true where number = 9000`)
    await expect(migrate(database.url, passwords)).rejects.toThrow(SchemaTooNew)
    await expect(migrate(database.url, passwords)).rejects.toThrow('9000_later.sql')
    await client.query('delete from migration where number = 9000')
  })

  test('the application roles are no owners, no superusers, and do not pass row-level security', async () => {
    const { rows } =
      await client.query(`select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles
      where rolname in ('huitong_app', 'huitong_tick') order by 1`)
    const none = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false }
    expect(rows).toEqual([
      { rolname: 'huitong_app', ...none },
      { rolname: 'huitong_tick', ...none },
    ])
    const owned = await client.query(`select 1 from pg_class where pg_get_userbyid(relowner) like 'huitong_%'`)
    expect(owned.rows).toEqual([])
  })
})
