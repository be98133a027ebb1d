import { readLineage } from '@huitong/contract/lineage'
import { latestOf, type Times } from '@huitong/policy'
import { sql } from 'kysely'
import type { Person } from '../../../kernel/actor.ts'
import { type Reader, SYSTEM_ROWS } from '../../../kernel/db.ts'
import { place, refuse } from '../../../kernel/errors.ts'
import { query } from '../../../kernel/verb.ts'
import { type DatasetRow, datasetSees, SELECT_DATASET } from '../../catalogue/index.ts'
import { contentOf, readFacts } from './facts.ts'
import { addFlow, datasetBox } from './flow-graph.ts'
import { Graph } from './graph.ts'
import { addJobs } from './jobs.ts'
import { addMade } from './made-graph.ts'
import { datasetsNearby, type Direction } from './nearby.ts'
import { sightOf } from './sight.ts'
import { walk } from './walk.ts'

/** The graph around some datasets as this person may see it. `db` has the platform's own sight. */
export async function graphAround(
  db: Reader,
  actor: Person,
  given: { readonly ids: readonly string[]; readonly directions: readonly Direction[]; readonly times: Times },
): Promise<{ graph: Graph; truncated: boolean }> {
  const { ids, jobs, truncated } = await datasetsNearby(db, actor.jurisdiction, given.ids, given.directions)
  const facts = await readFacts(db, actor.jurisdiction, ids, latestOf(given.times))
  const [graph, sight] = [new Graph(), sightOf(actor)]
  addFlow(graph, facts, sight)
  addMade(graph, facts, sight)
  addJobs(graph, jobs, sight)
  return { graph, truncated: truncated || facts.truncated }
}

/** Up and down from a dataset or one of its items, the nearest first. */
export const readLineageVerb = query<typeof readLineage>({
  endpoint: readLineage,
  audit: null,
  async run({ db, actor, services, now, legalNow }, { params, query: { item, direction = 'both' } }) {
    const row = await db.one<DatasetRow>(sql`${SELECT_DATASET} where v.id = ${params.id} and ${datasetSees(actor)}`)
    const directions: readonly Direction[] = direction === 'both' ? ['up', 'down'] : [direction]
    const times = { now, legalNow }
    return () =>
      services.db.read(SYSTEM_ROWS, async (all) => {
        const { graph, truncated } = await graphAround(all, actor, { ids: [row.id], directions, times })
        const box = datasetBox(row.id)
        const items = [...graph.boxes.get(box)!.columns.keys()].filter((column) => graph.sees({ box, column }))
        if (item !== undefined && !items.includes(item))
          refuse('request.invalid', {
            places: [place('#/query/item', `没有信息项 ${item}`, `there is no item ${item}`)],
          })
        const starts = (item === undefined ? items : [item]).map((column) => ({ box, column }))
        const walked = walk(graph, starts.length > 0 ? starts : [{ box, column: null }], directions)
        return { start: box, name: contentOf(row).name, ...walked, truncated: truncated || walked.truncated }
      })
  },
})
