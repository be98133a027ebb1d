import { reviewDataset, type DatasetContent } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { requireComplete } from './completeness.ts'
import { datasetDetail, detailOf } from './dataset-view.ts'
import { closeObligations } from './obligations.ts'
import { indexDatasets } from './search-index.ts'
import { requireRule, touch } from './update-dataset.ts'

/** The authority publishes the signed version (条例 16–17) or returns it with a reason. */
export const reviewDatasetVerb = command<typeof reviewDataset>({
  endpoint: reviewDataset,
  audit: ({ params, body }, reply) => ({
    objectKind: 'dataset',
    objectId: params.id,
    detail: { decision: body.decision, version: reply.live?.number ?? 0 },
  }),
  async run({ db, actor, now, legalNow, emit }, { params, body, match }) {
    const row = await requireRule(db, actor, params.id, 'review')
    if (body.decision === 'return' && !body.opinion)
      refuse('request.reason_required', { places: [place('/opinion', '退回必须说明理由', 'say why')] })
    const content = row.pending_content!
    if (body.decision === 'publish') requireComplete(content)
    await touch(db, params.id, match, now)
    await closeObligations(db, { subjectKind: 'dataset', subjectId: params.id, at: legalNow })
    if (body.decision === 'return') {
      await db.run(sql`update dataset_version set state = 'returned', opinion = ${body.opinion ?? null}
        where dataset_id = ${params.id} and number = ${row.pending_version}`)
      await indexDatasets(db, [params.id])
      // Returned, the entry is the department's own again: the reply is the last that the authority sees of it.
      const returned = { pending_state: 'returned', pending_opinion: body.opinion ?? null } as const
      return detailOf(db, actor, { ...row, ...returned, version: row.version + 1, updated_at: now }, 'pending')
    }
    await publish(db, params.id, row.pending_version!, content, actor.id, now)
    await emit('dataset.published', {
      datasetId: params.id,
      version: row.pending_version!,
      departmentId: row.department_id,
    })
    await indexDatasets(db, [params.id])
    return datasetDetail(db, actor, params.id, 'live')
  },
})

async function publish(
  db: Writer,
  id: string,
  number: number,
  content: DatasetContent,
  by: string,
  now: Date,
): Promise<void> {
  await db.run(sql`update dataset_version set state = 'superseded' where dataset_id = ${id} and state = 'published'`)
  await db.run(
    sql`update dataset_version set state = 'published', published_by = ${by} where dataset_id = ${id} and number = ${number}`,
  )
  await db.run(sql`update dataset set state = 'published', live_version = ${number}, pending_version = null, published_at = ${now}
    where id = ${id}`)
  await db.run(sql`insert into data_item (dataset_id, dataset_version, jurisdiction, position, code, name, type, share_attribute, level, is_key)
    select ${id}, ${number}, (select jurisdiction from dataset where id = ${id}), n, i->>'code', i->'name', i->>'type', i->>'shareAttribute', i->>'level', coalesce((i->>'key')::boolean, false)
    from jsonb_array_elements(${JSON.stringify(content.items ?? [])}::jsonb) with ordinality as items(i, n)`)
}
