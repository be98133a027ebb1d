import { listDatasetVersions, type VersionState } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { query } from '../../kernel/verb.ts'
import { findDataset } from './dataset-view.ts'

interface Row {
  number: number
  state: Static<typeof VersionState>
  changed_at: Date
  opinion: string | null
  changed_by: string | null
}

/** Versions of a dataset, newest first; a pending one only for those who may see it. */
export const listVersionsVerb = query<typeof listDatasetVersions>({
  endpoint: listDatasetVersions,
  audit: null,
  async run({ db, actor }, { params }) {
    const dataset = await findDataset(db, actor, params.id)
    const rows = await db.many<Row>(sql`select v.number, v.state, v.changed_at, v.opinion, p.name as changed_by
      from dataset_version v left join person p on p.id = v.changed_by
      where v.dataset_id = ${params.id} and (v.state in ('published', 'superseded') or v.number is not distinct from ${dataset.pending_version})
      order by v.number desc`)
    const own = dataset.department_id === actor.departmentId
    return {
      items: rows.map((row) => ({
        number: row.number,
        state: row.state,
        changedAt: row.changed_at.toISOString(),
        // What head and authority wrote to the officer stays between them.
        opinion: row.number === dataset.pending_version || own ? row.opinion : null,
        changedBy: row.changed_by,
      })),
    }
  },
})
