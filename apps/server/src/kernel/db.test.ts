import { sql, type RawBuilder } from 'kysely'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { usePlatform } from '../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS, type RowContext, type Writer } from './db.ts'
import { codeOf } from './errors.ts'

const NONE: RowContext = { scope: 'none', jurisdiction: '', departmentId: null }
const sqlstate = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  )

describe('database roles and row-level security', () => {
  const platform = usePlatform({ jobs: false })
  const count = (rows: RowContext, table: string) =>
    platform.server.services.db.read(rows, async (db) =>
      Number((await db.one<{ n: string }>(sql`select count(*) as n from ${sql.table(table)}`)).n),
    )

  test('a department sees people of its jurisdiction, another jurisdiction sees none', async () => {
    const departmentId = platform.departments.civil
    expect(await count({ scope: 'department', jurisdiction: '330100', departmentId }, 'person')).toBeGreaterThan(5)
    expect(await count({ scope: 'department', jurisdiction: '330200', departmentId }, 'person')).toBe(0)
    expect(await count({ scope: 'jurisdiction', jurisdiction: '330200', departmentId: null }, 'person')).toBe(0)
  })

  test('the context ends with its transaction, also on a connection that is used again', async () => {
    const { db } = platform.server.services
    for (let turn = 0; turn < 20; turn++) {
      await db.read(SYSTEM_ROWS, (tx) => tx.many(sql`select 1`))
      expect(await count(NONE, 'person')).toBe(0)
    }
  })

  test('a READ ONLY transaction cannot write, not even what its role may', async () => {
    const { db } = platform.server.services
    const write = (tx: unknown) => (tx as Writer).run(sql`update department set version = version + 1`)
    expect(await sqlstate(db.read(SYSTEM_ROWS, write))).toBe('25006')
  })

  test('a failed statement that somebody passes over is not taken for a success', async () => {
    const { db } = platform.server.services
    const careless = db.write(SYSTEM_ROWS, async (tx) => {
      await tx.run(sql`update department set version = version + 1`)
      await tx.run(sql`select 1 / 0`).catch(() => undefined)
    })
    await expect(careless).rejects.toThrow('nothing was written')
  })

  test('a handle is dead when its transaction has ended: its connection is another’s by then', async () => {
    const { db } = platform.server.services
    let kept: Writer | undefined
    await db.write(SYSTEM_ROWS, async (tx) => void (kept = tx))
    await expect(kept!.many(sql`select 1`)).rejects.toThrow('after the end')
    const failed = db.write(SYSTEM_ROWS, async (tx) => {
      kept = tx
      throw new Error('given up')
    })
    await expect(failed).rejects.toThrow('given up')
    await expect(kept!.run(sql`update department set version = version + 1`)).rejects.toThrow('after the end')
  })

  test('all questions of a READ ONLY transaction are answered of one moment', async () => {
    const { db } = platform.server.services
    const version = (tx: Pick<Writer, 'one'>) =>
      tx.one<{ version: number }>(sql`select version from department where id = ${platform.departments.civil}`)
    await db.read(SYSTEM_ROWS, async (tx) => {
      const before = await version(tx)
      await db.write(SYSTEM_ROWS, (other) =>
        other.run(sql`update department set version = version + 1 where id = ${platform.departments.civil}`),
      )
      expect(await version(tx)).toEqual(before)
    })
  })

  test('the application may add to the audit, and never change, remove or number it', async () => {
    const { db } = platform.server.services
    const tries: RawBuilder<unknown>[] = [
      sql`update audit set action = 'x'`,
      sql`delete from audit`,
      sql`truncate audit`,
      sql`insert into audit (xid, at, jurisdiction, actor_kind, actor_id, actor_name, action, outcome, request_id, content, salt)
        values ('1', now(), '', 'system', 'x', 'x', 'x', 'done', '-', '{}', decode(repeat('00', 32), 'hex'))`,
      sql`update event set type = 'x'`,
      sql`delete from event`,
      sql`insert into audit_leaf values (1, 1, '')`,
      sql`update ledger_checkpoint set size = 0`,
      sql`update migration set hash = 'x'`,
      sql`update request_decision set reason = 'x'`,
      sql`alter table audit disable row level security`,
      sql`set role postgres`,
      sql`copy audit to program 'cat'`,
    ]
    for (const one of tries)
      expect(await sqlstate(db.write(SYSTEM_ROWS, (tx) => tx.run(one)))).toMatch(/^(42501|42704)$/)
  })

  test('the tick role reaches named technical tables and no business row', async () => {
    const { db } = platform.server.services
    const tries: RawBuilder<unknown>[] = [
      sql`update department set version = 2`,
      sql`insert into person_role (person_id, role) select id, 'authority' from person`,
      sql`select * from request_decision`,
      sql`update dataset set state = 'withdrawn'`,
      sql`update access_grant set revoked_at = null`,
      sql`select password from credential`,
      sql`update node_work set input = '{}'`,
      sql`update node_work set result = '{}'`,
      sql`delete from node_work`,
      sql`insert into audit (at, jurisdiction) values (now(), '')`,
      sql`update audit_leaf set leaf = ''`,
      sql`delete from audit_leaf`,
      sql`select * from platform_key`,
    ]
    for (const one of tries) expect(await sqlstate(db.tick((tx) => tx.run(one)))).toBe('42501')
    expect(await sqlstate(db.tick((tx) => tx.run(sql`delete from lease where name = 'nothing'`)))).toBe('done')
  })

  test('dates stay texts, 64-bit integers and decimals stay strings', async () => {
    const row = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one(sql`select '0001-02-03'::date as d, 9223372036854775807::bigint as n, 0.10::numeric as x`),
    )
    expect(row).toEqual({ d: '0001-02-03', n: '9223372036854775807', x: '0.10' })
  })

  test('a table that changes under a statement that came often fails its connection once, and no more', async () => {
    const { db } = platform.server.services
    const superuser = new Client({ connectionString: platform.url })
    await superuser.connect()
    const ask = () => db.read(SYSTEM_ROWS, (tx) => tx.many(sql`select * from changing`))
    try {
      await superuser.query(
        'create table changing (a int); grant select on changing to public; insert into changing values (1)',
      )
      for (let turn = 0; turn < 8; turn++) expect(await ask()).toEqual([{ a: 1 }])
      await superuser.query('alter table changing add column b int default 2')
      expect(await sqlstate(ask())).toBe('0A000')
      for (let turn = 0; turn < 8; turn++) expect(await ask()).toEqual([{ a: 1, b: 2 }])
    } finally {
      await superuser.query('drop table if exists changing')
      await superuser.end()
    }
  })

  test('a connection that is cut between two statements of a transaction fails that transaction alone', async () => {
    const { db } = platform.server.services
    const cut = db.write(SYSTEM_ROWS, async (tx) => {
      const { pid } = await tx.one<{ pid: number }>(sql`select pg_backend_pid() as pid`)
      const superuser = new Client({ connectionString: platform.url })
      await superuser.connect()
      await superuser.query('select pg_terminate_backend($1, 5000)', [pid])
      await superuser.end()
      // The end of the connection arrives while nothing is asked of it: an event that nobody hears ends the process.
      await new Promise((resolve) => setTimeout(resolve, 50))
      return tx.one(sql`select 1`)
    })
    expect(codeOf(await cut.catch((error: unknown) => error))).toBe('platform.database')
    expect(await count(SYSTEM_ROWS, 'department')).toBeGreaterThan(3)
  })
})
