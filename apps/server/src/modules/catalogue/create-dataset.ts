import { randomUUID } from 'node:crypto'
import { provisionalResourceCode } from '@huitong/codes'
import { createDataset, type DatasetContent } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { requireConsistent } from './content-rules.ts'
import { datasetDetail } from './dataset-view.ts'
import { nextOf } from './numbers.ts'
import { indexDatasets } from './search-index.ts'

/** Starts a catalogue entry as a draft, with a provisional code. It may be incomplete; submission asks for the rest. */
export const createDatasetVerb = command<typeof createDataset>({
  endpoint: createDataset,
  audit: (_input, reply) => ({ objectKind: 'dataset', objectId: reply.id, detail: { code: reply.code } }),
  async run({ db, actor, now }, { body }) {
    requireConsistent(body)
    const department = await db.one<{ valid_to: string | null }>(
      sql`select valid_to from department where id = ${actor.departmentId}`,
    )
    if (department.valid_to !== null) refuse('department.abolished')
    await requireNewName(db, actor.departmentId, body, null)
    const id = randomUUID()
    await db.run(sql`insert into dataset (id, jurisdiction, department_id, code, state, pending_version, created_at, updated_at)
      values (${id}, ${actor.jurisdiction}, ${actor.departmentId}, ${await provisionalCode(db, body)}, 'draft', 1, ${now}, ${now})`)
    await db.run(sql`insert into dataset_version (dataset_id, number, jurisdiction, department_id, state, content, name_zh, changed_at, changed_by)
      values (${id}, 1, ${actor.jurisdiction}, ${actor.departmentId}, 'draft', ${JSON.stringify(body)}, ${body.name.zh}, ${now}, ${actor.id})`)
    await indexDatasets(db, [id])
    return datasetDetail(db, actor, id)
  },
})

/** Department resources (类 3) without a finer class yet. */
const UNCLASSIFIED = '300000'

/** A provisional 信息资源代码 (编制指南): class code and a running number that is never used twice. */
async function provisionalCode(db: Writer, content: DatasetContent): Promise<string> {
  const prefix = content.classification ?? UNCLASSIFIED
  const last = await nextOf(db, prefix)
  const [kind, item, category, detail] = [prefix.slice(0, 1), prefix.slice(1, 3), prefix.slice(3, 6), prefix.slice(6)]
  return provisionalResourceCode({ kind, item, category, detail }, last)
}

/** Within a department a name is used once, whatever the spaces and the width of its punctuation. */
export async function requireNewName(
  db: Writer,
  departmentId: string,
  content: DatasetContent,
  except: string | null,
): Promise<void> {
  // Two drafts of one name at the same time must not both find the name free.
  await db.many(sql`select pg_advisory_xact_lock(hashtextextended(${`dataset-name/${departmentId}`}, 0))`)
  const normal = (name: string) => name.normalize('NFKC').replace(/\s+/gu, '')
  const rows = await db.many<{ name_zh: string }>(sql`select v.name_zh from dataset d
    join dataset_version v on v.dataset_id = d.id and v.number in (d.live_version, d.pending_version)
    where d.department_id = ${departmentId} and d.id is distinct from ${except}`)
  if (rows.some((row) => normal(row.name_zh) === normal(content.name.zh)))
    refuse('object.exists', {
      places: [place('/name/zh', '本部门已有同名目录', 'your department has a dataset of this name')],
    })
}
