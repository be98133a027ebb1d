import { updateDataset } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import type { Person } from '../../kernel/actor.ts'
import type { Reader, Writer } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { requireConsistent } from './content-rules.ts'
import { requireNewName } from './create-dataset.ts'
import { DATASET_RULES, datasetDetail, findDataset, SAME_PERSON, type DatasetRow } from './dataset-view.ts'
import { indexDatasets } from './search-index.ts'

/** Changes a dataset. What is published stays as it is: the change makes, or goes into, a pending version beside it. */
export const updateDatasetVerb = command<typeof updateDataset>({
  endpoint: updateDataset,
  audit: ({ params }, reply) => ({
    objectKind: 'dataset',
    objectId: params.id,
    detail: { version: reply.pending?.number ?? 0 },
  }),
  async run({ db, actor, now }, { params, body, match }) {
    const row = await requireRule(db, actor, params.id, 'update')
    requireConsistent(body)
    await requireNewName(db, actor.departmentId, body, params.id)
    await touch(db, params.id, match, now)
    const number = row.pending_version ?? (row.live_version ?? 0) + 1
    await db.run(sql`insert into dataset_version (dataset_id, number, jurisdiction, department_id, state, content, name_zh, changed_at, changed_by)
      values (${params.id}, ${number}, ${actor.jurisdiction}, ${actor.departmentId}, 'draft', ${JSON.stringify(body)}, ${body.name.zh}, ${now}, ${actor.id})
      on conflict (dataset_id, number) do update set state = 'draft', content = excluded.content, name_zh = excluded.name_zh,
        changed_at = excluded.changed_at, changed_by = excluded.changed_by, submitted_by = null, signed_by = null`)
    await db.run(sql`update dataset set pending_version = ${number} where id = ${params.id}`)
    await indexDatasets(db, [params.id])
    return datasetDetail(db, actor, params.id, 'pending')
  },
})

/** Holds one of the dataset rules; `permission.denied` or `object.state` with its reason otherwise. */
export async function requireRule(
  db: Reader,
  actor: Person,
  id: string,
  rule: keyof typeof DATASET_RULES,
): Promise<DatasetRow> {
  const row = await findDataset(db, actor, id)
  const reason = DATASET_RULES[rule](row, actor)
  if (reason === null) return row
  if (reason === SAME_PERSON) refuse('request.same_person')
  const foreign = row.department_id !== actor.departmentId && rule !== 'review' && rule !== 'request'
  refuse(foreign ? 'permission.denied' : 'object.state', { places: [{ path: '', problem: reason }], detail: reason.en })
}

/** Moves the version on when it still is what the caller read; `object.changed` otherwise. */
export async function touch(db: Writer, id: string, match: number, now: Date): Promise<void> {
  const changed = await db.run(
    sql`update dataset set version = version + 1, updated_at = ${now} where id = ${id} and version = ${match}`,
  )
  if (changed === 0) refuse('object.changed')
}
