import { sql } from 'kysely'
import type { Reader } from '../../../kernel/db.ts'
import { UUID_KEY } from '../../../kernel/paging.ts'
import { type JobFact, jobsNextTo, type Outside, sizeOf } from './jobs.ts'

/** The most datasets that one walk meets, and how many of them may follow each other. */
const DATASETS_MAX = 100
const ROUNDS_MAX = 8
/** The most columns and links of columns of all steps of other systems that one walk meets. */
const LINKS_MAX = 50_000

export type Direction = 'up' | 'down'

interface Next {
  id: string
}

/**
 * Datasets that others are made from (`up`) or that are made from them (`down`): a recipe looks in another dataset, or what
 * was received is provided again.
 */
async function nextTo(
  db: Reader,
  jurisdiction: string,
  ids: readonly string[],
  direction: Direction,
): Promise<string[]> {
  const given = sql`any(${[...ids]}::uuid[])`
  const rows =
    direction === 'up'
      ? await db.many<Next>(sql`select distinct s->'parameters'->>'table' as id from recipe r, jsonb_array_elements(r.steps) s
          where r.dataset_id = ${given} and s->'parameters'->>'table' is not null
        union select c.dataset_id::text from distribution b join source_table t on t.id = b.table_id
          join channel c on c.target_id = b.source_id and c.target_schema = t.schema_name and c.target_table = t.table_name
          where b.dataset_id = ${given} and c.jurisdiction = ${jurisdiction}`)
      : await db.many<Next>(sql`select distinct r.dataset_id as id from recipe r, jsonb_array_elements(r.steps) s
          where r.jurisdiction = ${jurisdiction} and s->'parameters'->>'table' = any(${[...ids]}::text[])
        union select b.dataset_id from channel c join source_table t on t.source_id = c.target_id
            and t.schema_name = c.target_schema and t.table_name = c.target_table
          join distribution b on b.table_id = t.id where c.dataset_id = ${given}`)
  return rows.map((row) => row.id).filter((id) => UUID_KEY.test(id))
}

export interface Nearby {
  readonly ids: readonly string[]
  /** Steps of other systems in between. */
  readonly jobs: readonly JobFact[]
  readonly truncated: boolean
}

/** What lies on the way up, down or both from some datasets, themselves among it, the nearest first. */
export async function datasetsNearby(
  db: Reader,
  jurisdiction: string,
  from: readonly string[],
  directions: readonly Direction[],
): Promise<Nearby> {
  const met = new Set(from)
  const jobs = new Map<string, JobFact>()
  let [truncated, links] = [false, 0]
  for (const direction of directions) {
    const walked = { ids: new Set(from), names: new Set<string>() }
    let near = { ids: [...from], names: [] as Outside[] }
    for (let round = 0; near.ids.length + near.names.length > 0; round++) {
      if (round === ROUNDS_MAX || met.size >= DATASETS_MAX || jobs.size >= DATASETS_MAX) {
        truncated = true
        break
      }
      const found = await jobsNextTo(db, jurisdiction, near, direction)
      const reported = found.jobs.filter((job) => {
        if (jobs.has(job.id)) return true
        const size = sizeOf(job)
        links += size.columns + size.links
        return links <= LINKS_MAX
      })
      for (const job of reported) jobs.set(job.id, job)
      const isUp = direction === 'up'
      const ids = [
        ...(await nextTo(db, jurisdiction, near.ids, direction)),
        ...reported.flatMap((job) => (isUp ? job.in_datasets : job.out_datasets)),
      ]
      const names = new Map<string, Outside>()
      for (const { department_id: departmentId, in_names: ins, out_names: outs } of reported)
        for (const name of isUp ? ins : outs) names.set(`${departmentId} ${name}`, { departmentId, name })
      const others = fresh([...names.keys()], walked.names)
      const next = fresh(ids, walked.ids)
      near = { ids: next.news, names: others.news.map((key) => names.get(key)!) }
      truncated ||= found.isCut || reported.length < found.jobs.length || next.isCut || others.isCut
      for (const id of near.ids) met.add(id)
    }
  }
  return { ids: [...met], jobs: [...jobs.values()], truncated }
}

/** Those that were not met before, each once, up to a bound; they are met from now on. */
function fresh(found: readonly string[], met: Set<string>): { news: string[]; isCut: boolean } {
  const all = [...new Set(found)].filter((one) => !met.has(one))
  const news = all.slice(0, DATASETS_MAX)
  for (const one of news) met.add(one)
  return { news, isCut: all.length > news.length }
}
