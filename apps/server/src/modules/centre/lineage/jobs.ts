import { sql } from 'kysely'
import type { Reader } from '../../../kernel/db.ts'
import type { Names } from '../../exchange/index.ts'
import type { Graph, Spot } from './graph.ts'
import type { Direction } from './nearby.ts'
import type { Link } from './parse-event.ts'
import type { Sight } from './sight.ts'

/** What a reported job read or wrote; `box` null: data of another system, known by its name. */
export interface JobEnd {
  readonly namespace: string
  readonly name: string
  readonly box: string | null
  readonly columns: readonly string[]
}
export interface JobOutput extends JobEnd {
  readonly fields: readonly { readonly column: string; readonly from: readonly Link[] }[]
  readonly rows: readonly Link[]
}
export interface JobFact {
  id: string
  department_id: string
  department_name: Names
  namespace: string
  name: string
  inputs: JobEnd[]
  outputs: JobOutput[]
  in_datasets: string[]
  out_datasets: string[]
  in_names: string[]
  out_names: string[]
}

/** The most steps that are read at once. */
const JOBS_MAX = 200

export const outsideName = ({ namespace, name }: Pick<JobEnd, 'namespace' | 'name'>) =>
  JSON.stringify([namespace, name])
/** The same name of another department is another box: whoever guesses a name joins nothing to it. */
const boxesOf = (departmentId: string) => (end: JobEnd) => end.box ?? `outside:${departmentId}:${outsideName(end)}`

/** Data of other systems, as a department names them. */
export interface Outside {
  readonly departmentId: string
  readonly name: string
}

/** The jobs that wrote (`up`) or read (`down`) any of these datasets, and data of others that the same department reported. */
export async function jobsNextTo(
  db: Reader,
  jurisdiction: string,
  near: { readonly ids: readonly string[]; readonly names: readonly Outside[] },
  direction: Direction,
): Promise<{ readonly jobs: readonly JobFact[]; readonly isCut: boolean }> {
  const [datasets, names] = direction === 'up' ? ['out_datasets', 'out_names'] : ['in_datasets', 'in_names']
  const [owners, only] = [near.names.map((one) => one.departmentId), near.names.map((one) => one.name)]
  const jobs =
    await db.many<JobFact>(sql`select j.id, j.department_id, d.name as department_name, j.namespace, j.name, j.inputs, j.outputs,
      j.in_datasets, j.out_datasets, j.in_names, j.out_names
    from lineage_job j join department d on d.id = j.department_id
    where j.jurisdiction = ${jurisdiction}
      and (${sql.ref(`j.${datasets}`)} && ${[...near.ids]}::uuid[] or ${sql.ref(`j.${names}`)} && ${only}::text[]
        and exists (select 1 from unnest(${owners}::uuid[], ${only}::text[]) n (department_id, name)
          where n.department_id = j.department_id and n.name = any(${sql.ref(`j.${names}`)})))
    order by j.updated_at desc, j.id limit ${JOBS_MAX + 1}`)
  return { jobs: jobs.slice(0, JOBS_MAX), isCut: jobs.length > JOBS_MAX }
}

/** How much a step says: how many columns its data have, and how many links say which came from which. */
export function sizeOf({ inputs, outputs }: { inputs: readonly JobEnd[]; outputs: readonly JobOutput[] }) {
  const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0)
  return {
    columns: sum([...inputs, ...outputs].map((one) => one.columns.length)),
    links: sum(
      outputs.map(({ rows, fields }) => rows.length + sum(fields.map((field) => Math.max(1, field.from.length)))),
    ),
  }
}

/** What other systems did, between their own data and those of the catalogue. */
export function addJobs(graph: Graph, jobs: readonly JobFact[], sight: Sight): void {
  for (const job of jobs) {
    const seen = sight.job(job.department_id)
    const of = { departmentId: job.department_id, departmentName: job.department_name, seen }
    const endBox = boxesOf(job.department_id)
    for (const end of [...job.inputs, ...job.outputs])
      if (end.box === null)
        graph.add(
          { id: endBox(end), kind: 'outside', name: { zh: end.name }, code: end.namespace, objectId: null, ...of },
          end.columns.map((one) => [one, null]),
        )
    const box = `job:${job.id}`
    graph.add({ id: box, kind: 'job', name: { zh: job.name }, code: job.namespace, objectId: job.id, ...of }, [])
    job.outputs.forEach((output, at) => addOutput(graph, { box, output, at, job, seen }))
    // It wrote nothing that is known.
    if (job.outputs.length === 0) for (const input of job.inputs) leadWhole(graph, endBox(input), box, seen)
  }
}

function addOutput(
  graph: Graph,
  { box, output, at, job, seen }: { box: string; output: JobOutput; at: number; job: JobFact; seen: boolean },
): void {
  const endBox = boxesOf(job.department_id)
  const to = endBox(output)
  const own = (column: string) => ({ box, column: job.outputs.length === 1 ? column : `${at + 1}. ${column}` })
  const lead = ({ input, column, way, masking }: Link, spot: Spot) =>
    graph.lead({ box: endBox(job.inputs[input]!), column }, spot, { how: masking ? 'masked' : 'reported', way, seen })
  for (const { column, from } of output.fields) {
    for (const link of from) lead(link, own(column))
    graph.lead(own(column), { box: to, column }, { how: 'reported', way: 'IDENTITY', seen })
  }
  for (const link of output.rows) lead(link, { box, column: null })
  if (output.fields.length > 0) return
  // Which column came from which was not said.
  for (const input of job.inputs) leadWhole(graph, endBox(input), box, seen)
  leadWhole(graph, box, to, seen)
}

const leadWhole = (graph: Graph, from: string, to: string, seen: boolean) =>
  graph.lead({ box: from, column: null }, { box: to, column: null }, { how: 'reported', way: 'TRANSFORMATION', seen })
