import { randomUUID } from 'node:crypto'
import { startReconciliation } from '@huitong/contract/exchange'
import { createNode } from '@huitong/contract/nodes'
import { sql, type RawBuilder } from 'kysely'
import { describe, expect, test } from 'vitest'
import { runWhole, useChannel } from '../../../../tests/harness/exchange.ts'
import { eventually } from '../../../../tests/harness/guards.ts'
import { PEOPLE, type Account } from '../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS, type RowContext } from './db.ts'

/** Tables without row-level security, each with the reason. */
const OPEN: Readonly<Record<string, string>> = {
  legal_clock: 'one number, the same for everybody, read before anybody is known',
  migration: 'names of migrations; the application may only read it',
}
/** Tables whose own owner is not held to the policies. */
const NOT_FORCED: Readonly<Record<string, string>> = {
  dataset_search:
    'huitong_search_places looks up places in the index as the owner; the caller reads the rows as itself',
}
/** What is the same for everybody who is known, whatever the department or jurisdiction. */
const COMMON: Readonly<Record<string, string>> = {
  region: 'national divisions',
  role: 'roles are sets of permissions without people',
  audit_leaf: 'leaves of the log are salted commitments',
}

describe('row-level security', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const db = () => platform.server.services.db
  const count = (rows: RowContext, table: string, where: RawBuilder<unknown> = sql`true`) =>
    db().read(rows, async (tx) =>
      Number((await tx.one<{ n: string }>(sql`select count(*) as n from ${sql.table(table)} where ${where}`)).n),
    )
  const protectedTables = async () =>
    (
      await db().read(SYSTEM_ROWS, (tx) =>
        tx.many<{ name: string }>(sql`select relname as name from pg_class where relkind = 'r' and relrowsecurity
          and has_table_privilege(oid, 'select') order by 1`),
      )
    ).map((one) => one.name)
  const idOf = async (account: Account) =>
    (
      await db().read(SYSTEM_ROWS, (tx) =>
        tx.one<{ id: string }>(sql`select id from person where account = ${account}`),
      )
    ).id
  /** What the transactions of a person of this account see. */
  const sightOf = async (account: Account, scope: 'department' | 'jurisdiction' = 'department') =>
    ({
      scope,
      jurisdiction: '330100',
      departmentId: platform.departments[PEOPLE[account].department],
      actorId: await idOf(account),
    }) satisfies RowContext
  const sqlstate = (rows: RowContext, statement: RawBuilder<unknown>) =>
    db()
      .write(rows, (tx) => tx.run(statement))
      .catch((error: { code?: string }) => error.code ?? String(error))

  test('every table is protected, also against its owner; the exceptions are named', async () => {
    const rows = await db().read(SYSTEM_ROWS, (tx) =>
      tx.many<{ name: string; enabled: boolean; forced: boolean }>(sql`
        select relname as name, relrowsecurity as enabled, relforcerowsecurity as forced from pg_class
        where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1`),
    )
    expect(rows.length).toBeGreaterThan(50)
    expect(rows.filter((one) => !one.enabled).map((one) => one.name)).toEqual(Object.keys(OPEN).sort())
    expect(rows.filter((one) => one.enabled && !one.forced).map((one) => one.name)).toEqual(Object.keys(NOT_FORCED))
  })

  test('without a context no row of any protected table is seen', async () => {
    const tables = await protectedTables()
    expect(tables.length).toBeGreaterThan(45)
    for (const name of tables)
      expect([name, await count({ scope: 'none', jurisdiction: '', departmentId: null }, name)]).toEqual([name, 0])
    expect(await count(SYSTEM_ROWS, 'department')).toBeGreaterThan(3)
  })

  test('a person of another jurisdiction sees nothing but what is the same for everybody', async () => {
    const stranger = { jurisdiction: '440300', departmentId: randomUUID(), actorId: randomUUID() }
    for (const scope of ['department', 'jurisdiction'] as const)
      for (const name of await protectedTables()) {
        // How far facts were read belongs to no jurisdiction, and tells no more than names and numbers.
        if (name in COMMON || (name === 'event_cursor' && scope === 'jurisdiction')) continue
        // Acts of the platform itself belong to no jurisdiction.
        const foreign = name === 'audit' ? sql`jurisdiction not in ('', '440300')` : sql`true`
        expect([scope, name, await count({ scope, ...stranger }, name, foreign)]).toEqual([scope, name, 0])
      }
  })

  test('work of nodes: the two ends of an exchange, and no third department', async () => {
    await runWhole(prepared, prepared.channel, [['1', '甲', '33', null]])
    const officer = await platform.as('works-officer')
    await officer.call(startReconciliation, { params: { id: prepared.channel.id } })
    // A subscriber hands it to both ends, a moment later.
    await eventually(
      () => count(SYSTEM_ROWS, 'node_work', sql`kind = 'reconcile'`),
      (works) => works === 2,
    )
    const all = await count(SYSTEM_ROWS, 'node_work')
    const discoveries = await count(SYSTEM_ROWS, 'node_work', sql`kind = 'discover'`)
    expect(discoveries).toBeGreaterThan(0)
    expect(await count(await sightOf('civil-officer'), 'node_work')).toBe(all)
    // The other end sees what belongs to the exchange, and not what the provider's node does for itself.
    expect(await count(await sightOf('works-officer'), 'node_work')).toBe(all - discoveries)
    expect(await count(await sightOf('police-officer'), 'node_work')).toBe(0)
    expect(await sqlstate(await sightOf('police-officer'), sql`update node_work set input = '{}'`)).toBe(0)
  })

  test('items of published versions are read within the jurisdiction and written by their department alone', async () => {
    const police = await sightOf('police-officer')
    expect(await count(police, 'data_item')).toBe(await count(SYSTEM_ROWS, 'data_item'))
    expect(await count({ ...police, jurisdiction: '440300' }, 'data_item')).toBe(0)
    expect(await sqlstate(police, sql`update data_item set share_attribute = 'unconditional'`)).toBe(0)
    const copy = sql`insert into data_item (dataset_id, dataset_version, jurisdiction, position, code, name, type, share_attribute, level, is_key)
      select dataset_id, dataset_version, jurisdiction, 99, 'slipped_in', name, type, share_attribute, level, is_key from data_item limit 1`
    expect(await sqlstate(police, copy)).toBe('42501')
  })

  test('the running numbers are out of reach but for the next one', async () => {
    const officer = await sightOf('civil-officer')
    for (const statement of [
      sql`select last from number_sequence`,
      sql`insert into number_sequence values ('SQ20990101', 1)`,
      sql`update number_sequence set last = 0`,
    ])
      expect(await sqlstate(officer, statement)).toBe('42501')
    const next = () => db().write(officer, (tx) => tx.one<{ n: number }>(sql`select huitong_next_number('XX') as n`))
    expect([(await next()).n, (await next()).n]).toEqual([1, 2])
  })

  test('templates of a jurisdiction are changed by who acts for all of it, deadlines by no one', async () => {
    const officer = await sightOf('civil-officer')
    expect(await count(officer, 'request_template')).toBe(2)
    expect(await sqlstate(officer, sql`update request_template set version = version`)).toBe(0)
    expect(
      await sqlstate(await sightOf('authority', 'jurisdiction'), sql`update request_template set version = version`),
    ).toBe(2)
    expect(
      await sqlstate(await sightOf('authority', 'jurisdiction'), sql`update deadline_rule set working_days = 1`),
    ).toBe(0)
  })

  test('a kept reply is seen by who sent the write', async () => {
    const centre = await platform.as('centre')
    const body = { name: { zh: '重复' }, departmentId: platform.departments.police }
    await centre.call(createNode, { body }, { idempotencyKey: 'row-security-1' })
    expect(await count(await sightOf('centre', 'jurisdiction'), 'idempotency')).toBe(1)
    expect(await count(await sightOf('operator', 'jurisdiction'), 'idempotency')).toBe(0)
    expect(await count(await sightOf('civil-officer'), 'idempotency')).toBe(0)
  })

  test('passwords and sessions are one’s own, also for who sees the whole jurisdiction', async () => {
    for (const [account, scope] of [
      ['civil-officer', 'department'],
      ['authority', 'jurisdiction'],
      ['sysadmin', 'jurisdiction'],
    ] as const) {
      await platform.as(account)
      const rows = await sightOf(account, scope)
      const others = sql`person_id <> ${rows.actorId}`
      for (const table of ['credential', 'session']) {
        expect([table, await count(rows, table, others)]).toEqual([table, 0])
        expect(await count(rows, table)).toBeGreaterThan(0)
      }
      expect(await sqlstate(rows, sql`update credential set must_change = false where ${others}`)).toBe(0)
      expect(await sqlstate(rows, sql`delete from session where ${others}`)).toBe(0)
    }
  })

  test('an act that manages accounts reaches those of its jurisdiction only', async () => {
    const rows = { ...(await sightOf('sysadmin', 'jurisdiction')), accounts: true }
    expect(await count(rows, 'credential')).toBe(await count(SYSTEM_ROWS, 'credential'))
    expect(await count({ ...rows, jurisdiction: '440300', actorId: randomUUID() }, 'credential')).toBe(0)
    expect(await count({ ...rows, jurisdiction: '440300', actorId: randomUUID() }, 'session')).toBe(0)
  })

  test('keys, settings, facts, leases and nonces are the platform’s own', async () => {
    const rows = await sightOf('sysadmin', 'jurisdiction')
    for (const table of ['platform_key', 'setting', 'event', 'ledger_checkpoint'])
      expect([table, await count(rows, table)]).toEqual([table, 0])
    expect(await count(SYSTEM_ROWS, 'platform_key')).toBeGreaterThan(1)
    expect(await sqlstate(rows, sql`update setting set value = '"440300"'`)).toBe(0)
    expect(await sqlstate(rows, sql`update role set permissions = '{}'`)).toBe(0)
    expect(await sqlstate(rows, sql`update region set name = '{}'`)).toBe(0)
    expect(await sqlstate(rows, sql`update event_cursor set id = 0`)).toBe(0)
    for (const table of ['lease', 'request_nonce'])
      expect(await sqlstate(rows, sql`select * from ${sql.table(table)}`)).toBe('42501')
    expect(await sqlstate(SYSTEM_ROWS, sql`update platform_key set sealed = ''`)).toBe('42501')
  })
})
