import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, test } from 'vitest'
import { FUNCTIONS, TABLE_FUNCTIONS } from './functions.ts'
import { judgeQuestion } from './judge.ts'

const TABLES = [
  { schema: 'collection', name: 'resident' },
  { schema: 'governed', name: 'resident' },
]

describe('judging a question', () => {
  let db: DuckDBConnection
  beforeAll(async () => {
    db = await (await DuckDBInstance.create(':memory:')).connect()
    await db.run(`create schema collection; create schema governed; create schema secret;
      create table collection.resident (id bigint, name varchar, born date, district varchar);
      insert into collection.resident values (1, '王', '1980-02-03', '530302'), (2, '李', '1990-01-01', '530303');
      create view governed.resident as from collection.resident; create table secret.salary (id bigint, amount bigint)`)
  })

  async function judged(text: string) {
    const reply = await db.runAndReadAll('select json_serialize_sql($1::varchar)', [text])
    return judgeQuestion(text, JSON.parse(reply.getRows()[0]![0] as string), TABLES)
  }

  test.each([
    'select * from collection.resident',
    'from collection.resident',
    'select district, count(*) n, avg(year(born)) from collection.resident group by all having count(*) > 0 order by n desc limit 5',
    'with a as (select * from collection.resident), b as (select id from a) select a.* from a join b using (id) where a.id in (select id from b)',
    'with recursive 数 as (select 1 as i union all (select i + 1 from 数 where i < 5)) from 数',
    'with recursive n as (select 1 as i union all select i + 1 from n where i < 5) select * from n, collection.resident',
    'select name, row_number() over (partition by district order by born desc) from collection.resident qualify row_number() over (order by id) = 1',
    "select case when name like '王%' then 1 else 0 end, born - interval '1' month, coalesce(name, ''), id::varchar, try_cast(district as int) from collection.resident",
    '(select id from collection.resident) union all (select id from governed.resident) except select 3',
    "select list_transform([1, 2], lambda x: x + 1), {'a': 1}.a, [1, 2][1], now() at time zone 'Asia/Shanghai', extract(year from date '2020-01-01')",
    'select * from range(3) r(i), unnest([1, 2]) u(x), (values (1), (2)) v(y)',
    'select d.* from collection.resident r, lateral (select r.id + 1 as next) d',
    'select * exclude (name), columns(c -> c like $$d%$$) from collection.resident tablesample 100%',
    'select count(*) filter (where id > 1), string_agg(name, $$、$$ order by id) from collection.resident group by grouping sets ((district), ())',
    'select exists (select 1 from governed.resident g where g.id = r.id), lpad(r.district, 12, $$0$$) from collection.resident r',
  ])('lets through and DuckDB answers: %s', async (text) => {
    expect((await judged(text)).faults).toEqual([])
    await db.runAndReadAll(text)
  })

  test.each([
    ['select * from secret.salary', 'secret.salary'],
    ['select * from resident', 'resident'],
    ['select * from memory.collection.resident', 'memory.collection.resident'],
    ["select * from 'somewhere/secret.parquet'", "'somewhere/secret.parquet'"],
    ["select * from read_text('/etc/passwd')", 'read_text('],
    ["select * from query('select 1')", 'query('],
    ["select * from query_table('secret.salary')", 'query_table('],
    ['select * from duckdb_views()', 'duckdb_views('],
    ['select * from duckdb_views', 'duckdb_views'],
    ['select * from information_schema.tables', 'information_schema.tables'],
    ["select '身份', getenv('HOME')", 'getenv('],
    ["select current_setting('temp_directory')", 'current_setting('],
    ['select current_query()', 'current_query('],
    ['select sleep_ms(100000)', 'sleep_ms('],
    ["select 1 where exists (select 1 from glob('/*'))", 'glob('],
    ["select repeat(repeat('x', 1000), 1000)", 'repeat('],
    ["select lpad('x', id, 'y') from collection.resident", 'lpad('],
    ["select 'x'::regclass", '::regclass'],
    ['describe collection.resident', null],
    ['show tables', null],
    ['summarize secret.salary', null],
    ['drop table collection.resident', null],
    ['select 1; select 2', null],
    ['select 1; drop table collection.resident', null],
    ["copy (select 1) to '/tmp/x'", null],
    ["attach '/tmp/x'", null],
    ['set memory_limit = $$8GB$$', null],
    ['select $1', null],
    ['', null],
    // A name is only there where it is defined.
    ['select * from (with duckdb_views as (select 1) select * from duckdb_views) a, duckdb_views b', null],
    [
      'select * from "/etc/passwd" union all (with "/etc/passwd" as (select 1) select * from "/etc/passwd")',
      '"/etc/passwd"',
    ],
    ['with a as (select * from b), b as (select 1) select * from a', 'b),'],
    [
      'with recursive duckdb_views as (select sql from duckdb_views union select sql from duckdb_views where false) from duckdb_views',
      null,
    ],
    ['with recursive salary as (select id from salary union select id from salary) from salary', 'salary union'],
    [
      'with recursive a as (select 1 as id union select id from a union select id from secret.salary) from a',
      'a union select id from secret',
    ],
    [
      'with recursive "a.parquet" as (select * from "a.parquet" union select * from "a.parquet") from "a.parquet"',
      null,
    ],
    ['with "#0" as (select 1) from "#0"', null],
    ['with v as (with v as (select * from v) from v) from v', 'v) from v) from v'],
    // The sign of Kelvin is a k for JavaScript, and not for DuckDB.
    ['with "a\u212a" as (select 1) from ak', 'ak'],
    // In all places where a question may stand within another.
    ['select (select max(amount) from secret.salary)', 'secret.salary'],
    ['select 1 order by (select amount from secret.salary)', 'secret.salary'],
    ['select 1 limit (select amount from secret.salary)', 'secret.salary'],
    [
      'select * from collection.resident r join collection.resident s on r.id = (select max(id) from secret.salary)',
      'secret.salary',
    ],
    ['select sum(id) filter (where id in (select id from secret.salary)) from collection.resident', 'secret.salary'],
    ['select sum(id) over (order by (select amount from secret.salary)) from collection.resident', 'secret.salary'],
    ['select case when true then (select amount from secret.salary) end', 'secret.salary'],
    ['select list_transform([1], lambda x: (select amount from secret.salary))', 'secret.salary'],
    ['select * replace ((select amount from secret.salary) as id) from collection.resident', 'secret.salary'],
    ['values ((select amount from secret.salary))', 'secret.salary'],
    ['select * from range((select amount from secret.salary))', 'secret.salary'],
    ['with a as (with b as (select * from secret.salary) from b) from a', 'secret.salary'],
    ['from collection.resident tablesample (select 10 from secret.salary) rows', 'select'],
    ['select * from collection.resident at (timestamp => (select max(born) from secret.salary))', 'secret.salary'],
  ] as const)('refuses and names the place: %s', async (text, place) => {
    const [found] = (await judged(text)).faults
    expect(found).toBeDefined()
    if (place === null) expect(found!.at).toBeNull()
    else expect(text.slice(found!.at!).trimStart().startsWith(place), `at ${found!.at}`).toBe(true)
  })

  test('says which tables are read, each once', async () => {
    const { tables } = await judged('select 1 from collection.resident a, COLLECTION.Resident b')
    expect(tables).toEqual([TABLES[0]])
  })

  test('functions that are let through exist, and none of them reaches out or tells of the database', async () => {
    const rows = (await db.runAndReadAll('select distinct function_name from duckdb_functions()')).getRows()
    const known = new Set(rows.map(([name]) => String(name)))
    // These the parser itself rewrites, or the binder knows without listing them.
    const written = ['coalesce', 'if', 'ifnull', 'grouping', 'unnest', 'row', '!']
    expect([...FUNCTIONS, ...TABLE_FUNCTIONS].filter((one) => !known.has(one) && !written.includes(one))).toEqual([])
    const reaching =
      /read|scan|query|duckdb|pragma|glob|env|setting|sleep|sql|log_|write|current_[^d]|pg_|secret|attach|variable|txid|version/
    expect([...FUNCTIONS].filter((one) => reaching.test(one))).toEqual([])
  })
})
