import pg from 'pg'
import { readyChannel, runChannel } from './channel.ts'
import { ceilingLine, speedLine, type Print } from './line.ts'
import { nativeCopy, NATIVE_NAME, requirePsql } from './native.ts'
import { startPlatform, type BenchPlatform } from './platform.ts'

const SOURCE = 'minzheng_front'
const TARGET = 'zhujian_receive'
const GATE = 0.5
const SERVER_MIB_MAX = 512
const AGENT_MIB_MAX = 256
/** Ours ÷ native at two million rows against the same at half a million: a cost that grows faster than rows shows here. */
const LINEARITY_GATE = 0.7
const ROUNDS = 2
const MIXED_ROWS = Number(process.env['HUITONG_BENCH_ROWS'] ?? 2_000_000)

/** A table of 12 mixed columns with a bigint primary key, like a register's. */
const MIXED = `id bigint primary key, code varchar(18) not null, name text not null, amount numeric(18,2), ratio double precision,
  born date, seen timestamp, active boolean not null, kind smallint, note text, area char(6), total bigint`
const MIXED_ROW = `g, lpad((g * 7919 % 1000000000000)::text, 18, '0'), '单位名称' || (g % 100000), (g % 1000003)::numeric / 100, g::float8 / 7,
  date '1950-01-01' + (g % 25000)::int, timestamp '2020-01-01' + g * interval '1 second', g % 3 = 0, (g % 7)::smallint,
  case when g % 5 = 0 then null else '备注，含“引号”与,逗号 ' || md5(g::text) end, lpad((g % 659004)::text, 6, '0'), g * 1000003`

/** Full copies of the villages and of two million mixed rows, each against psql in the same run. */
export async function run(print: Print): Promise<void> {
  requirePsql()
  const platform = await startPlatform((line) => console.error(line))
  try {
    await makeMixed(platform, 'bench_mixed', MIXED_ROWS)
    await makeMixed(platform, 'bench_quarter', Math.round(MIXED_ROWS / 4))
    const villages = await compare(platform, 'villages', 'bench_villages_copy')
    print(speedLine('exchange', 'full-copy-villages', { ...villages, nativeName: NATIVE_NAME, gate: GATE }))
    const quarter = await compare(platform, 'bench_quarter', 'bench_quarter_copy')
    const mixed = await compare(platform, 'bench_mixed', 'bench_mixed_copy')
    print(speedLine('exchange', 'full-copy-mixed-2m', { ...mixed, nativeName: NATIVE_NAME, gate: GATE }))
    const linearity = mixed.nativeSeconds / mixed.seconds / (quarter.nativeSeconds / quarter.seconds)
    print({
      bench: 'exchange',
      case: 'linearity-2m-against-500k',
      value: Number(linearity.toFixed(3)),
      unit: 'ratio',
      native: null,
      native_name: null,
      ratio: Number(linearity.toFixed(3)),
      gate: LINEARITY_GATE,
      pass: linearity >= LINEARITY_GATE,
    })
    print(ceilingLine('exchange', 'memory-server', platform.peakMemory('server'), 'MiB VmHWM', SERVER_MIB_MAX))
    print(
      ceilingLine(
        'exchange',
        'memory-agent-provider',
        platform.peakMemory('agent-provider'),
        'MiB VmHWM',
        AGENT_MIB_MAX,
      ),
    )
    print(
      ceilingLine(
        'exchange',
        'memory-agent-consumer',
        platform.peakMemory('agent-consumer'),
        'MiB VmHWM',
        AGENT_MIB_MAX,
      ),
    )
  } finally {
    await platform.stop()
  }
}

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}

async function makeMixed(platform: BenchPlatform, table: string, rows: number): Promise<void> {
  const url = platform.departmentsUrl(SOURCE)
  await query(url, `create table ${table} (${MIXED})`)
  await query(url, `insert into ${table} select ${MIXED_ROW} from generate_series(1::bigint, ${rows}) as g`)
  await query(url, `grant select on ${table} to public`)
  await query(url, `vacuum analyze ${table}`)
}

/**
 * One table, native and ours in turns, both into an empty keyed table; rows are counted at the end of each. The best
 * round of each counts: whatever else the machine does can only make a round slower.
 */
async function compare(platform: BenchPlatform, table: string, target: string) {
  const [source, receiver] = [platform.departmentsUrl(SOURCE), platform.departmentsUrl(TARGET)]
  const channel = await readyChannel(platform, table, target)
  const [{ rows }] = (await query<{ rows: string }>(source, `select count(*) as rows from ${table}`)) as [
    { rows: string },
  ]
  await query(receiver, `create schema if not exists native`)
  const [shape] = (await query<{ definition: string }>(source, keyedDefinition(table))) as [{ definition: string }]
  let [seconds, nativeSeconds] = [Infinity, Infinity]
  for (let round = 0; round < ROUNDS; round++) {
    await query(receiver, `create table native.${table} (${shape.definition})`)
    const native = await nativeCopy(source, `select * from ${table}`, receiver, `native.${table}`)
    nativeSeconds = Math.min(nativeSeconds, native)
    await query(receiver, `drop table native.${table}`)
    await query(receiver, 'checkpoint')
    seconds = Math.min(seconds, await runChannel(platform, channel))
    const copied = await query<{ rows: string }>(receiver, `select count(*) as rows from public.${target}`)
    if (copied[0]!.rows !== rows) throw new Error(`${copied[0]!.rows} of ${rows} rows arrived`)
    await query(receiver, 'checkpoint')
  }
  return { rows: Number(rows), seconds, nativeSeconds }
}

/** Columns with their types and the primary key, so that the native target is keyed like ours. */
const keyedDefinition = (
  table: string,
) => `select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum)
    || (select ', ' || pg_get_constraintdef(oid) from pg_constraint where conrelid = '${table}'::regclass and contype = 'p') as definition
  from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped`
