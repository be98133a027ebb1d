import { createHash } from 'node:crypto'
import type { StatementDocument } from '@huitong/contract/exchange'
import { addDays, shanghaiMidnight } from '@huitong/codes'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Reader } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import type { ChannelRow } from './channel-view.ts'
import { findGrantRow } from './grant-plan.ts'

export type Statement = Static<typeof StatementDocument>
type Run = Statement['runs'][number]

export interface Period {
  readonly from: string
  readonly to: string
}

/** A statement is one signed document: so many runs and batches at most, or the period must be shorter. */
export const RUNS_MAX = 20_000
export const BATCHES_MAX = 20_000
export const FILES_MAX = 50_000

interface RunRow {
  stream: string
  generation: number
  kind: Run['kind']
  started_at: Date
  abandoned: boolean
  running: boolean
  source: string | null
  rejected: string
  batches: number
  sealed: string
  received: string
  applied: string
  whole: boolean
}

interface BatchRow {
  stream: string
  generation: number
  sequence: number
  rows: string
  digest: string
  received_at: Date | null
  receipt: string | null
  applied_at: Date | null
  consumer_receipt: string | null
}

/** What moved on a channel in a period, as the rows of runs, batches and receipts say now. @throws `statement.too_long`. */
export async function statementOf(
  db: Reader,
  channel: ChannelRow,
  period: Period,
  issue: { number: string; at: Date },
): Promise<Statement> {
  const runs = (await runsOf(db, channel, period)).map(runView)
  const givenUp = new Set(runs.filter(({ state }) => state === 'abandoned').map(keyOf))
  const batches = (await batchesOf(db, channel, period)).filter((batch) => !givenUp.has(keyOf(batch)))
  const grant = await findGrantRow(db, channel.grant_id)
  const { number, matterCode } = JSON.parse(grant.document) as { number: string; matterCode: string }
  const { code } = await db.one<{ code: string }>(sql`select code from dataset where id = ${channel.dataset_id}`)
  return {
    v: 1,
    number: issue.number,
    issuedAt: issue.at.toISOString(),
    channel: { id: channel.id, number: channel.number },
    dataset: { id: channel.dataset_id, code, name: channel.dataset_name },
    provider: { id: channel.provider_department_id, name: channel.provider_name },
    consumer: { id: channel.consumer_department_id, name: channel.consumer_name },
    grant: { id: channel.grant_id, number, matterCode },
    period,
    ...addedUp(runs),
    runs,
    batches: batches.map(batchView),
    ...(channel.mode === 'files' ? { files: await filesOf(db, channel, period, givenUp) } : {}),
    reconciliations: await reconciliationsIn(db, channel, period),
  }
}

const keyOf = ({ stream, generation }: { stream: string; generation: number }) => `${stream}/${generation}`

const during = ({ from, to }: Period, column: string) =>
  sql`${sql.ref(column)} >= ${shanghaiMidnight(from)} and ${sql.ref(column)} < ${shanghaiMidnight(addDays(to, 1))}`

/** A run is of the day on which it began, with all its batches; a log has no end, so each of its batches is of its own day. */
const batchIn = (period: Period) =>
  sql`case s.kind when 'log' then ${during(period, 'x.announced_at')} else ${during(period, 's.created_at')} end`

/** Runs with the sums of their batches. Only the latest copy of a channel can be the one that is running. */
async function runsOf(db: Reader, channel: ChannelRow, period: Period): Promise<RunRow[]> {
  const rows = await db.many<RunRow>(sql`
    select s.id as stream, s.generation, s.kind, s.created_at as started_at, s.abandoned,
      case s.kind when 'copy' then c.state = 'running' and s.generation = (select max(generation) from stream where id = s.id)
        when 'log' then c.state = 'following' when 'changes' then coalesce(i.state = 'running', false)
        else coalesce(r.state = 'repairing', false) end as running,
      (case s.kind when 'copy' then s.source_rows when 'changes' then i.source_rows end + s.rejected)::text as source,
      s.rejected::text, f.*
    from stream s join channel c on c.id = s.channel_id
      left join increment i on i.id = s.id left join reconciliation r on r.id = s.id
      left join lateral (select count(*)::int as batches, coalesce(sum(rows), 0)::text as sealed,
        coalesce(sum(rows) filter (where state <> 'announced'), 0)::text as received,
        coalesce(sum(rows) filter (where state = 'applied'), 0)::text as applied,
        coalesce(bool_or(final), false) or s.kind = 'log' as whole
        from segment x where x.stream_id = s.id and x.generation = s.generation and ${batchIn(period)}) f on true
    where s.channel_id = ${channel.id} and (f.batches > 0 or ${during(period, 's.created_at')})
    order by s.created_at, s.id, s.generation limit ${RUNS_MAX + 1}`)
  if (rows.length > RUNS_MAX) refuse('statement.too_long', { detail: `more than ${RUNS_MAX} runs` })
  return rows
}

async function batchesOf(db: Reader, channel: ChannelRow, period: Period): Promise<BatchRow[]> {
  const rows = await db.many<BatchRow>(sql`
    select x.stream_id as stream, x.generation, x.sequence, x.rows, x.digest, x.received_at, x.receipt, x.applied_at,
      x.consumer_receipt
    from segment x join stream s on s.id = x.stream_id and s.generation = x.generation
    where s.channel_id = ${channel.id} and ${batchIn(period)}
    order by s.created_at, x.stream_id, x.generation, x.sequence limit ${BATCHES_MAX + 1}`)
  if (rows.length > BATCHES_MAX) refuse('statement.too_long', { detail: `more than ${BATCHES_MAX} batches` })
  return rows
}

/** Files in the batches of runs that count. */
async function filesOf(
  db: Reader,
  channel: ChannelRow,
  period: Period,
  givenUp: ReadonlySet<string>,
): Promise<NonNullable<Statement['files']>> {
  const rows = await db.many<NonNullable<Statement['files']>[number]>(sql`
    select d.stream_id as stream, d.generation, d.sequence, d.path, d.bytes::text as bytes, d.digest
    from file_delivery d join stream s on s.id = d.stream_id and s.generation = d.generation
    where d.channel_id = ${channel.id} and ${during(period, 's.created_at')}
    order by s.created_at, d.stream_id, d.generation, d.sequence, d.at limit ${FILES_MAX + 1}`)
  if (rows.length > FILES_MAX) refuse('statement.too_long', { detail: `more than ${FILES_MAX} files` })
  return rows.filter((row) => !givenUp.has(keyOf(row)))
}

/** A run that ended balances when every station counts the same; nothing sent is right only where the source counted none. */
function runView(row: RunRow): Run {
  // 源 = 发 + 拒收: what was set aside never left, and is no difference.
  const sent = row.source === null ? BigInt(row.sealed) : BigInt(row.source) - BigInt(row.rejected)
  const stations = [sent, row.sealed, row.received, row.applied].map(BigInt)
  const isSame = stations.every((rows) => rows === stations[0])
  const isCounted = row.source !== null || row.kind === 'repair' || row.kind === 'log'
  const isWhole = row.whole || (row.batches === 0 && row.source === '0')
  // A copy that came to its end counts, also when a later one has taken its place since.
  const unfinished = row.abandoned ? 'abandoned' : row.running ? 'running' : 'unbalanced'
  return {
    stream: row.stream,
    generation: row.generation,
    kind: row.kind,
    startedAt: row.started_at.toISOString(),
    state: isSame && isCounted && isWhole ? 'balanced' : unfinished,
    batches: row.batches,
    rows: {
      source: row.source,
      ...(row.rejected === '0' ? {} : { rejected: row.rejected }),
      sealed: row.sealed,
      received: row.received,
      applied: row.applied,
    },
  }
}

const batchView = (row: BatchRow): Statement['batches'][number] => ({
  stream: row.stream,
  generation: row.generation,
  sequence: row.sequence,
  rows: row.rows,
  sealedDigest: row.digest,
  receivedAt: row.received_at?.toISOString() ?? null,
  receipt: digestOf(row.receipt),
  appliedAt: row.applied_at?.toISOString() ?? null,
  consumerReceipt: digestOf(row.consumer_receipt),
})

const digestOf = (receipt: string | null) =>
  receipt === null ? null : createHash('sha256').update(receipt, 'utf8').digest('hex')

/** Abandoned generations were sent again by the next one, and a running one has not come to its end: neither adds up. */
function addedUp(runs: readonly Run[]): Pick<Statement, 'state' | 'totals'> {
  const counted = runs.filter(({ state }) => state === 'balanced' || state === 'unbalanced')
  const sum = (pick: (rows: Run['rows']) => string) =>
    counted.reduce((total, { rows }) => total + BigInt(pick(rows)), 0n).toString()
  const has = (state: Run['state']) => runs.some((run) => run.state === state)
  const ended = counted.length === 0 ? 'empty' : 'balanced'
  return {
    state: has('unbalanced') ? 'unbalanced' : has('running') ? 'running' : ended,
    totals: {
      runs: counted.length,
      batches: counted.reduce((total, run) => total + run.batches, 0),
      rows: {
        // A repair reads the keys that it is asked for: what it sealed is what the source had of them.
        source: sum((rows) => rows.source ?? rows.sealed),
        ...(counted.some(({ rows }) => rows.rejected !== undefined)
          ? { rejected: sum((rows) => rows.rejected ?? '0') }
          : {}),
        sealed: sum((rows) => rows.sealed),
        received: sum((rows) => rows.received),
        applied: sum((rows) => rows.applied),
      },
    },
  }
}

async function reconciliationsIn(
  db: Reader,
  channel: ChannelRow,
  period: Period,
): Promise<Statement['reconciliations']> {
  const rows = await db.many<{
    id: string
    started_at: Date
    state: Statement['reconciliations'][number]['state']
    source_rows: string | null
    target_rows: string | null
  }>(sql`select id, started_at, state, source_rows, target_rows from reconciliation
    where channel_id = ${channel.id} and ${during(period, 'started_at')} order by started_at, id limit ${RUNS_MAX}`)
  return rows.map((row) => ({
    id: row.id,
    startedAt: row.started_at.toISOString(),
    state: row.state,
    sourceRows: row.source_rows,
    targetRows: row.target_rows,
  }))
}
