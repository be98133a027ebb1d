import { setTimeout as sleep } from 'node:timers/promises'
import { readChannel, resumeChannel, startChannel, stopChannel } from '@huitong/contract/exchange'
import pg from 'pg'
import { from } from 'pg-copy-streams'
import { readyChannel } from './channel.ts'
import { ceilingLine, floorLine, speedLine, type Print } from './line.ts'
import { startPlatform, type BenchPlatform } from './platform.ts'

const SOURCE = 'minzheng_front'
const TARGET = 'zhujian_receive'
const TABLE = 'bench_changes'
const ROWS = 500_000
const TRANSACTIONS = 400
const CHANGES_EACH = 1_000
const CHANGES_PER_SECOND_MIN = 20_000
const NATIVE_RATIO_GATE = 0.5
const PACE_SECONDS = 20
/** Two thousand changes a second: twenty transactions of a hundred. */
const PACED_EACH = 100
const PACED_EVERY_MS = 50
const P95_SECONDS_MAX = 1
const AGENT_MIB_MAX = 256
/** Updates of every row in one transaction: two million changes. */
const HUGE_TIMES = 4
const WAIT_MS_MAX = 300_000

const SHAPE = `id bigint primary key, code varchar(18) not null, name text not null, amount numeric(18,2), ratio double precision,
  born date, seen timestamp, active boolean not null, kind smallint, note text, area char(6), total bigint not null`
const ROW = `g, lpad((g * 7919 % 1000000000000)::text, 18, '0'), '单位名称' || (g % 100000), (g % 1000003)::numeric / 100, g::float8 / 7,
  date '1950-01-01' + (g % 25000)::int, timestamp '2020-01-01' + g * interval '1 second', g % 3 = 0, (g % 7)::smallint,
  case when g % 5 = 0 then null else '备注，含“引号”与,逗号 ' || md5(g::text) end, lpad((g % 659004)::text, 6, '0'), 0`

/** A table is followed by its log: how fast what has piled up is applied, and how late a steady flow arrives, and what memory takes. */
export async function run(print: Print): Promise<void> {
  const platform = await startPlatform((line) => console.error(line))
  const [source, target] = await Promise.all([connect(platform, SOURCE), connect(platform, TARGET)])
  try {
    await source.query(`create table ${TABLE} (${SHAPE})`)
    await source.query(`insert into ${TABLE} select ${ROW} from generate_series(1::bigint, ${ROWS}) as g`)
    await source.query(`grant select on ${TABLE} to public; alter role minzheng_agent replication`)
    const channel = await readyChannel(platform, TABLE, `${TABLE}_received`, 'log')
    const publication = `huitong_${channel.replaceAll('-', '')}`
    await source.query(`create publication ${publication} for table ${TABLE} with (publish_via_partition_root = true)`)
    await act(platform, channel, 'start')
    await following(platform, channel)
    const seconds = await backlog(platform, channel, source, target)
    const changes = TRANSACTIONS * CHANGES_EACH
    const native = await nativeUpsert(source, target)
    print(
      floorLine('changes', 'applied-1000-each', {
        value: changes / seconds,
        unit: 'changes/s',
        native: changes / native,
        nativeName: 'COPY into a temporary table, INSERT … ON CONFLICT DO UPDATE',
        gate: CHANGES_PER_SECOND_MIN,
      }),
    )
    print(
      speedLine('changes', 'applied-against-bulk-upsert', {
        rows: changes,
        seconds,
        nativeSeconds: native,
        nativeName: 'COPY into a temporary table, INSERT … ON CONFLICT DO UPDATE',
        gate: NATIVE_RATIO_GATE,
      }),
    )
    const late = await latencies(source, target)
    print(ceilingLine('changes', 'commit-to-commit-p95-2000-a-second', late, 's', P95_SECONDS_MAX))
    await huge(source, target)
    for (const agent of ['provider', 'consumer'] as const) {
      print(
        ceilingLine(
          'changes',
          `memory-agent-${agent}`,
          platform.peakMemory(`agent-${agent}`),
          'MiB VmHWM',
          AGENT_MIB_MAX,
        ),
      )
    }
  } finally {
    await Promise.all([source.end(), target.end()])
    await platform.stop()
  }
}

async function connect(platform: BenchPlatform, database: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: platform.departmentsUrl(database) })
  await client.connect()
  return client
}

async function act(platform: BenchPlatform, id: string, what: 'start' | 'stop' | 'resume'): Promise<void> {
  const centre = await platform.as('centre')
  const params = { id }
  const { version } = await centre.call(readChannel, { params })
  const match = { match: version }
  if (what === 'start') await centre.call(startChannel, { params }, match)
  else if (what === 'resume') await centre.call(resumeChannel, { params }, match)
  else await centre.call(stopChannel, { params, body: { reason: '测量' } }, match)
}

async function following(platform: BenchPlatform, id: string): Promise<void> {
  const centre = await platform.as('centre')
  await until(async () => {
    const channel = await centre.call(readChannel, { params: { id } })
    if (channel.state === 'failed') throw new Error(JSON.stringify(channel.problem))
    return channel.state === 'following' && channel.log?.reportedAt !== null
  })
}

async function until(holds: () => Promise<boolean>, everyMs = 50): Promise<void> {
  for (const end = performance.now() + WAIT_MS_MAX; performance.now() < end; await sleep(everyMs)) {
    if (await holds()) return
  }
  throw new Error('waited in vain')
}

/** Changes pile up while nobody follows; seconds from the word to go on until the last of them is committed at the receiver. */
async function backlog(
  platform: BenchPlatform,
  channel: string,
  source: pg.Client,
  target: pg.Client,
): Promise<number> {
  await act(platform, channel, 'stop')
  for (let n = 0; n < TRANSACTIONS; n++) {
    const first = n * CHANGES_EACH + 1
    await source.query(
      `update ${TABLE} set amount = amount + 1, total = ${n + 1}, seen = clock_timestamp() where id between ${first} and ${first + CHANGES_EACH - 1}`,
    )
  }
  const begun = performance.now()
  await act(platform, channel, 'resume')
  const last = TRANSACTIONS * CHANGES_EACH
  await until(async () => (await totalOf(target, last)) === TRANSACTIONS, 20)
  return (performance.now() - begun) / 1000
}

async function totalOf(target: pg.Client, id: number): Promise<number> {
  const { rows } = await target.query<{ total: string }>(`select total from ${TABLE}_received where id = ${id}`)
  return Number(rows[0]?.total ?? -1)
}

/** One transaction that no memory holds: what the agents need for it is in their peaks. */
async function huge(source: pg.Client, target: pg.Client): Promise<void> {
  const mark = 9_000_000
  await source.query(`begin; ${`update ${TABLE} set amount = amount + 1, total = ${mark};`.repeat(HUGE_TIMES)} commit`)
  await until(async () => (await totalOf(target, ROWS)) === mark, 200)
}

/** The same rows as one upsert of the database's own, in the same cluster. */
async function nativeUpsert(source: pg.Client, target: pg.Client): Promise<number> {
  const rows = TRANSACTIONS * CHANGES_EACH
  await target.query(`create schema if not exists native; create table native.${TABLE} (${SHAPE})`)
  await target.query(`insert into native.${TABLE} select ${ROW} from generate_series(1::bigint, ${ROWS}) as g`)
  await target.query('checkpoint')
  const copied = await source.query<{ line: string }>(
    `select id || E'\\t' || code || E'\\t' || name || E'\\t' || amount || E'\\t' || ratio || E'\\t' || born || E'\\t' || seen || E'\\t' || active
       || E'\\t' || kind || E'\\t' || coalesce(note, '\\N') || E'\\t' || area || E'\\t' || total as line from ${TABLE} where id <= ${rows} order by id`,
  )
  const begun = performance.now()
  await target.query('begin')
  await target.query(`create temp table beside (like native.${TABLE}) on commit drop`)
  const stream = target.query(from('copy beside from stdin'))
  for (let at = 0; at < copied.rows.length; at += 10_000) {
    const piece = copied.rows.slice(at, at + 10_000).map(({ line }) => `${line}\n`)
    if (!stream.write(piece.join(''))) await new Promise((resolve) => stream.once('drain', resolve))
  }
  stream.end()
  await new Promise((resolve, reject) => stream.once('finish', resolve).once('error', reject))
  const set = ['code', 'name', 'amount', 'ratio', 'born', 'seen', 'active', 'kind', 'note', 'area', 'total']
  await target.query(`insert into native.${TABLE} select * from beside on conflict (id) do update set
    ${set.map((name) => `${name} = excluded.${name}`).join(', ')}`)
  await target.query('commit')
  return (performance.now() - begun) / 1000
}

/** Seconds from the commit at the source to the commit at the receiver under a steady flow: the 95th of a hundred. */
async function latencies(source: pg.Client, target: pg.Client): Promise<number> {
  const count = Math.round((PACE_SECONDS * 1000) / PACED_EVERY_MS)
  const committed: number[] = []
  const late: number[] = []
  const first = 1_000_000
  const watching = (async () => {
    for (let seen = 0; seen < count; await sleep(10)) {
      const reached = (await totalOf(target, 1)) - first
      const now = performance.now()
      for (; seen < reached && seen < committed.length; seen++) late.push((now - committed[seen]!) / 1000)
    }
  })()
  for (let n = 1; n <= count; n++) {
    const due = performance.now() + PACED_EVERY_MS
    const from = 1 + (n % 1000) * PACED_EACH
    await source.query(`begin; update ${TABLE} set total = ${first + n} where id = 1;
      update ${TABLE} set amount = amount + 1 where id between ${from + 1} and ${from + PACED_EACH - 1}; commit`)
    committed.push(performance.now())
    await sleep(Math.max(0, due - performance.now()))
  }
  await Promise.race([watching, sleep(60_000)])
  if (late.length < count) throw new Error(`${late.length} of ${count} transactions arrived`)
  return late.toSorted((a, b) => a - b)[Math.floor(late.length * 0.95)]!
}
