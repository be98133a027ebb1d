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

export const outsideName = ({ namespace, name }: Pick<JobEnd, 'namespace' | 'name'>) =>
  JSON.stringify([namespace, name])
const endBox = (end: JobEnd) => end.box ?? `outside:${outsideName(end)}`

/** The jobs that wrote (`up`) or read (`down`) any of these datasets and data of others. */
export async function jobsNextTo(
  db: Reader,
  jurisdiction: string,
  near: { readonly ids: readonly string[]; readonly names: readonly string[] },
  direction: Direction,
): Promise<JobFact[]> {
  const [datasets, names] = direction === 'up' ? ['out_datasets', 'out_names'] : ['in_datasets', 'in_names']
  return db.many<JobFact>(sql`select j.id, j.department_id, d.name as department_name, j.namespace, j.name, j.inputs, j.outputs,
      j.in_datasets, j.out_datasets, j.in_names, j.out_names
    from lineage_job j join department d on d.id = j.department_id
    where j.jurisdiction = ${jurisdiction}
      and (${sql.ref(`j.${datasets}`)} && ${[...near.ids]}::uuid[] or ${sql.ref(`j.${names}`)} && ${[...near.names]}::text[])
    order by j.updated_at desc, j.id limit 200`)
}

/** What other systems did, between their own data and those of the catalogue. */
export function addJobs(graph: Graph, jobs: readonly JobFact[], sight: Sight): void {
  for (const job of jobs) {
    const seen = sight.job(job.department_id)
    const of = { departmentId: job.department_id, departmentName: job.department_name, seen }
    for (const end of [...job.inputs, ...job.outputs])
      if (end.box === null)
        graph.add(
          { id: endBox(end), kind: 'outside', name: { zh: end.name }, code: end.namespace, objectId: null, ...of },
          end.columns.map((one) => [one, null]),
        )
    const box = `job:${job.id}`
    graph.add({ id: box, kind: 'job', name: { zh: job.name }, code: job.namespace, objectId: job.id, ...of }, [])
    job.outputs.forEach((output, at) => addOutput(graph, { box, output, at, job }))
    // It wrote nothing that is known.
    if (job.outputs.length === 0) for (const input of job.inputs) leadWhole(graph, endBox(input), box)
  }
}

function addOutput(
  graph: Graph,
  { box, output, at, job }: { box: string; output: JobOutput; at: number; job: JobFact },
): void {
  const to = endBox(output)
  const own = (column: string) => ({ box, column: job.outputs.length === 1 ? column : `${at + 1}. ${column}` })
  const lead = ({ input, column, way, masking }: Link, spot: Spot) =>
    graph.lead({ box: endBox(job.inputs[input]!), column }, spot, { how: masking ? 'masked' : 'reported', way })
  for (const { column, from } of output.fields) {
    for (const link of from) lead(link, own(column))
    graph.lead(own(column), { box: to, column }, { how: 'reported', way: 'IDENTITY' })
  }
  for (const link of output.rows) lead(link, { box, column: null })
  if (output.fields.length > 0) return
  // Which column came from which was not said.
  for (const input of job.inputs) leadWhole(graph, endBox(input), box)
  leadWhole(graph, box, to)
}

const leadWhole = (graph: Graph, from: string, to: string) =>
  graph.lead({ box: from, column: null }, { box: to, column: null }, { how: 'reported', way: 'TRANSFORMATION' })
