import { Readable } from 'node:stream'
import { listRunEvents } from '@huitong/contract/lineage'
import type { Step } from '@huitong/recipes'
import { sql } from 'kysely'
import type { Person } from '../../../kernel/actor.ts'
import { type Reader, STATEMENT_TIMEOUT_MS } from '../../../kernel/db.ts'
import { bytes, query } from '../../../kernel/verb.ts'
import { channelSees } from '../../exchange/index.ts'
import { qualitySees } from '../../governance/index.ts'
import { lakeType } from '../../engine/index.ts'
import type { FusionSettings } from '../fusion-rules.ts'
import type { LibraryName } from '../library.ts'
import { type Facts, readFacts } from './facts.ts'
import { addFlow, taskTable } from './flow-graph.ts'
import { Graph } from './graph.ts'
import { addMade } from './made-graph.ts'
import { type FinishedRun, runEvent } from './open-lineage.ts'
import { type Sight, sightOf } from './sight.ts'

const LIMIT_DEFAULT = 50
/** A transaction that commits late must not slip in behind a reader: longer than its last statement may take. */
const SETTLING_MS = STATEMENT_TIMEOUT_MS + 10_000

interface RunRow extends FinishedRun {
  /** The task, the dataset or the library that was written. */
  readonly subject: string
  readonly dataset_id: string | null
  readonly steps: Step[] | null
  readonly settings: FusionSettings | null
}

/** Runs that are over and that the reader may see, by the time of their end. */
const selectRuns = (actor: Person) => sql`
  select w.id, date_trunc('milliseconds', w.finished_at) as at, 'exchange' as kind, w.state, c.id::text as subject, c.dataset_id,
      'exchange/' || c.number as job, w.problem, null::jsonb as steps, null::jsonb as settings, x.rows, x.bytes
    from node_work w join channel c on c.id = w.subject_id
      left join lateral (select sum(g.rows)::text as rows, sum(g.plain_bytes)::text as bytes from stream s
        join segment g on g.stream_id = s.id and g.generation = s.generation
        where s.apply_work_id = w.id and g.state = 'applied') x on true
    where w.kind = 'apply' and w.subject_kind = 'channel' and w.state in ('done', 'failed') and w.finished_at is not null
      and ${channelSees(actor)}
  union all
  select r.id, date_trunc('milliseconds', r.finished_at), 'recipe', r.state, r.dataset_id::text, r.dataset_id, 'recipe/' || d.code,
      r.problem, r.steps, null, r.rows_left::text, r.bytes::text
    from recipe_run r join dataset d on d.id = r.dataset_id
    where r.state in ('done', 'failed', 'undone') and r.finished_at is not null and ${qualitySees(actor, 'r.department_id')}
  union all
  select f.id, date_trunc('milliseconds', f.finished_at), 'fusion', f.state, f.library, null, 'fusion/' || f.library, f.problem,
      null, f.settings, f.figures->>'masters', null
    from fusion_run f where f.state in ('done', 'failed', 'stopped') and f.finished_at is not null
      and ${actor.permissions.has('library.read')} and f.jurisdiction = ${actor.jurisdiction}`

/** An event for each run that is over, as OpenLineage writes it, a line each, in the order of their end. */
export const listRunEventsVerb = query<typeof listRunEvents>({
  endpoint: listRunEvents,
  audit: null,
  async run({ db, actor, now }, { query: { after, afterRun, limit } }) {
    const from =
      after === undefined ? sql`` : sql`and (e.at, e.id) > (${after}::timestamptz, ${afterRun ?? LAST_ID}::uuid)`
    const rows = await db.many<RunRow>(sql`select * from (${selectRuns(actor)}) e
      where e.at <= ${new Date(now.getTime() - SETTLING_MS)} ${from}
      order by e.at, e.id limit ${limit === undefined ? LIMIT_DEFAULT : Number(limit)}`)
    const write = await writerOf(db, actor, rows, now)
    const lines = rows.map((row) => `${JSON.stringify(write(row))}\n`)
    return bytes({ contentType: 'application/x-ndjson', body: Readable.from(lines, { objectMode: false }) })
  },
})
/** Comes after every run of the same time. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

async function writerOf(db: Reader, actor: Person, rows: readonly RunRow[], at: Date) {
  const channels = rows.flatMap((row) => row.settings?.sources.map((one) => one.channelId) ?? [])
  const fused = await db.many<{ id: string }>(
    sql`select distinct dataset_id as id from channel where id = any(${channels}::uuid[])`,
  )
  // A recipe may look in other datasets.
  const filled = rows.flatMap((row) => (row.steps ?? []).map((one) => one.parameters['table']))
  const ids = [...rows.map((row) => row.dataset_id), ...fused.map((one) => one.id), ...filled]
  const known = [...new Set(ids.filter((one): one is string => typeof one === 'string'))]
  const facts = await readFacts(db, actor.jurisdiction, known, at)
  const named = namesOf(facts)
  const sight = sightOf(actor)
  return (row: RunRow) => {
    const { graph, output } = graphOf(row, facts, sight)
    const types = new Map(
      facts.tasks.flatMap((task) =>
        task.columns.map(({ as, type }) => [`${taskTable(task)} ${as}`, lakeType(type)] as const),
      ),
    )
    return runEvent(row, {
      jurisdiction: actor.jurisdiction,
      graph,
      output,
      // A task beyond the bounds of the facts is called by the name of its job.
      nameOf: (box) => named.get(box) ?? (box === output ? row.job.replace(/^exchange/, 'task') : box),
      typeOf: ({ box, column }) => types.get(`${box} ${column}`),
    })
  }
}

/** What a run itself did: its own steps or settings, not those that hold now. */
function graphOf(row: RunRow, facts: Facts, sight: Sight): { graph: Graph; output: string } {
  const graph = new Graph()
  const none = { mounts: [], services: [], openings: [], libraries: [], recipes: [] }
  if (row.kind === 'exchange') {
    addFlow(graph, { ...facts, ...none, tasks: facts.tasks.filter((one) => one.id === row.subject) }, sight)
    return { graph, output: `task:${row.subject}` }
  }
  addFlow(graph, { ...facts, ...none }, sight)
  const own = { id: row.id, dataset_id: row.dataset_id!, department_id: '', steps: row.steps ?? [], run_steps: null }
  const recipes = row.kind === 'recipe' ? [own] : []
  const library = { library: row.subject as LibraryName, settings: row.settings, parts: [] }
  addMade(graph, { ...facts, ...none, recipes, libraries: row.kind === 'fusion' ? [library] : [] }, sight)
  const output = `${row.kind === 'recipe' ? 'governed' : 'library'}:${row.subject}`
  return { graph, output }
}

/** How boxes are called outside the platform. */
function namesOf(facts: Facts): Map<string, string> {
  return new Map([
    ...facts.datasets.flatMap((one) => [
      [`dataset:${one.id}`, `dataset/${one.code}`] as const,
      [`governed:${one.id}`, `governed/${one.code}`] as const,
    ]),
    ...facts.tasks.flatMap((one) => [
      [`task:${one.id}`, `task/${one.number}`] as const,
      [taskTable(one), `task/${one.number}`] as const,
    ]),
    ...(['person', 'firm'] as const).map((one) => [`library:${one}`, `library/${one}`] as const),
  ])
}
