import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkSettings } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { suggestName } from '../suggest-name.ts'
import { run, startCluster, type TestCluster } from '../testing/cluster.ts'
import { postgresql } from './connector.ts'
import type { PostgresqlSettings } from './settings.ts'
import { canonicalTypeOf } from './types.ts'

let cluster: TestCluster
let db: PostgresqlSettings
beforeAll(async () => {
  cluster = await startCluster()
  db = await cluster.database()
})
afterAll(() => cluster.stop())

const LIMITS = { tablesMax: 1000, columnsMax: 10_000 }

describe('discover', () => {
  it('finds tables with types, keys, comments and Chinese names', async () => {
    await run(
      db,
      `CREATE SCHEMA reg; CREATE DOMAIN public.idno AS char(18);
       CREATE TABLE reg.person (sfzh public.idno, xm varchar(50) NOT NULL, "Town" text, amount numeric(12,2), at timestamp(3),
         tags text[], old int, PRIMARY KEY (xm, sfzh));
       ALTER TABLE reg.person DROP COLUMN old;
       COMMENT ON TABLE reg.person IS '常住人口（每日更新）'; COMMENT ON COLUMN reg.person.amount IS '补贴金额: 元';
       INSERT INTO reg.person SELECT '1', g::text FROM generate_series(1, 500) g; ANALYZE reg.person;
       CREATE VIEW reg.names AS SELECT xm FROM reg.person;
       CREATE TABLE reg.parts (id int) PARTITION BY LIST (id); CREATE TABLE reg.parts_1 PARTITION OF reg.parts FOR VALUES IN (1)`,
    )
    const { tables, truncated } = await postgresql.discover(db, LIMITS)
    expect(truncated).toBe(false)
    expect(tables.map((table) => `${table.schema}.${table.name}`)).toEqual(['reg.names', 'reg.parts', 'reg.person'])
    const person = tables[2]!
    expect(person).toMatchObject({
      primaryKey: ['xm', 'sfzh'],
      rowEstimate: '500',
      suggestedName: '常住人口',
      kind: 'table',
    })
    expect(person.columns.map((c) => [c.name, c.canonicalType, c.nullable, c.suggestedName])).toEqual([
      ['sfzh', 'char(18)', false, '身份证号'],
      ['xm', 'varchar(50)', false, '姓名'],
      ['Town', 'text', true, '乡镇'],
      ['amount', 'numeric(12,2)', true, '补贴金额'],
      ['at', 'timestamp(3)', true, null],
      ['tags', 'text', true, null],
    ])
    expect(person.columns[1]).toMatchObject({ length: 50, precision: null, position: 2, type: 'character varying(50)' })
    expect(person.columns[3]).toMatchObject({ length: null, precision: 12, scale: 2 })
    const cut = await postgresql.discover(db, { tablesMax: 2, columnsMax: 10_000 })
    expect([cut.tables.length, cut.truncated]).toEqual([2, true])
    const narrow = await postgresql.discover(db, { tablesMax: 10, columnsMax: 3 })
    expect([narrow.tables.length, narrow.truncated]).toEqual([2, true])
  })

  it('shows only what the account may read', async () => {
    await run(
      db,
      `CREATE ROLE reader_${process.pid} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA reg TO reader_${process.pid};
      GRANT SELECT (xm) ON reg.person TO reader_${process.pid}`,
    )
    const reader = { ...db, user: `reader_${process.pid}`, password: 'x' }
    const { tables } = await postgresql.discover(reader, LIMITS)
    expect(tables.map((table) => [table.name, table.columns.map((c) => c.name)])).toEqual([['person', ['xm']]])
    const stream = await postgresql.readRows(reader, {
      table: { schema: 'reg', name: 'person' },
      select: [{ expression: '"xm"', as: 'xm' }],
      where: null,
    })
    for await (const _chunk of stream) void _chunk
    expect(stream.rows).toBe(500n)
    await expect(
      postgresql.readRows(reader, {
        table: { schema: 'reg', name: 'person' },
        select: [{ expression: '"sfzh"', as: 'a' }],
        where: null,
      }),
    ).rejects.toMatchObject({ code: 'permission_denied' })
    // A column that was taken away from the account is not told as one that is gone.
    const expecting = (name: string) =>
      postgresql.readRows(reader, {
        table: { schema: 'reg', name: 'person' },
        select: [{ expression: '"xm"', as: 'xm' }],
        where: null,
        expect: [{ name, canonicalType: 'text' }],
      })
    const place = { table: 'person', column: 'sfzh' }
    await expect(expecting('sfzh')).rejects.toMatchObject({ code: 'permission_denied', place })
    await expect(expecting('nowhere')).rejects.toMatchObject({ code: 'schema_changed' })
    await run(
      db,
      `REVOKE ALL ON reg.person FROM reader_${process.pid}; REVOKE ALL ON SCHEMA reg FROM reader_${process.pid}; DROP ROLE reader_${process.pid}`,
    )
  })
})

const failure = async (settings: PostgresqlSettings): Promise<ConnectorError> => {
  const error: unknown = await postgresql.test(settings).catch((reason: unknown) => reason)
  if (!(error instanceof ConnectorError)) throw new Error(`not a ConnectorError: ${String(error)}`)
  return error
}

describe('errors', () => {
  const secret = 'pässw0rd-do-not-show'

  it('have a code and words in both languages, and no password in them', async () => {
    const silent = createServer((socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    ).listen(0)
    const odd = (silent.address() as { port: number }).port
    const cases: [Partial<PostgresqlSettings>, string][] = [
      [{ port: 1 }, 'unreachable'],
      [{ host: 'no-such-host.invalid' }, 'unreachable'],
      [{ database: 'no_such_database' }, 'database_missing'],
      [{ user: 'no_such_user' }, 'access_denied'],
      [{ tls: 'require' }, 'tls_failed'],
      [{ port: odd, host: '127.0.0.1', tls: 'verify' }, 'tls_failed'],
    ]
    for (const [part, code] of cases) {
      // A server that asks for passwords says nothing of its databases to one who has none.
      const password = part.database === undefined ? secret : db.password
      const error = await failure({ ...db, password, ...part })
      expect([error.code, error.detail], JSON.stringify(part)).toEqual([code, error.detail])
      expect(error.words.zh).toMatch(/\p{Script=Han}/u)
      expect(error.words.en).toMatch(/[a-z]/)
      expect(inspect(error, { depth: 10 })).not.toContain(secret)
    }
    silent.close()
  })

  it('come for settings that are not allowed, without their values', () => {
    const good = { host: 'h', port: 5432, database: 'd', user: 'u', password: secret, tls: 'off' }
    expect(checkSettings(postgresql, good)).toEqual(good)
    const bad: object[] = [
      { ...good, options: '-c x=y' },
      { ...good, connectionString: 'postgres://x' },
      { ...good, host: '/var/run/postgresql' },
      { ...good, host: 'a,b' },
      { ...good, port: '5432' },
      { ...good, port: 70_000 },
      { ...good, tls: 'maybe' },
      { ...good, password: '' },
    ]
    for (const settings of bad) {
      const check = () => checkSettings(postgresql, settings)
      expect(check).toThrow(ConnectorError)
      expect(check).not.toThrow(secret)
    }
  })
})

it('describes itself', () => {
  const { kind, capabilities, settingsSchema } = postgresql.describe()
  expect(kind).toBe('postgresql')
  expect(capabilities).toMatchObject({ snapshot: true, sqlFragments: true })
  expect(JSON.stringify(settingsSchema)).toContain('"writeOnly":true')
})

it('suggests names only when sure', () => {
  const cases: [string, string | null, string | null][] = [
    ['province_code', null, '省代码'],
    ['townName', null, '乡镇名称'],
    ['FDDBR', null, '法定代表人'],
    ['xzqhdm', null, '行政区划代码'],
    ['col_17', null, null],
    ['name', '企业全称，必填', '企业全称'],
    ['name', 'full name', '名称'],
    ['房屋面积', null, '房屋面积'],
  ]
  for (const [name, comment, expected] of cases) expect(suggestName(name, comment), name).toBe(expected)
})

it('maps types', () => {
  const cases: Record<string, string> = {
    'character varying': 'varchar',
    'timestamp(3) with time zone': 'timestamptz(3)',
    'time without time zone': 'time',
    'interval day to second(3)': 'interval',
    'numeric(5,-2)': 'numeric(5,-2)',
    'integer[]': 'text',
    inet: 'text',
    'double precision': 'double',
    'character(1)': 'char(1)',
    '"char"': 'text',
    'bit(3)': 'text',
    'timestamp(3) with time zone[]': 'text',
  }
  for (const [from, to] of Object.entries(cases)) expect(canonicalTypeOf(from), from).toBe(to)
})
