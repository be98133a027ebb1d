import { diffDatasetVersions, type DatasetContent } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { query } from '../../kernel/verb.ts'
import { diffContent } from './diff-content.ts'
import { findDataset } from './dataset-view.ts'

/** What changed between two versions of a dataset, field by field and item by item. */
export const diffVersionsVerb = query<typeof diffDatasetVersions>({
  endpoint: diffDatasetVersions,
  audit: null,
  async run({ db, actor }, input) {
    const dataset = await findDataset(db, actor, input.params.id)
    const [from, to] = [Number(input.query.from), Number(input.query.to)]
    const rows = await db.many<{
      number: number
      content: DatasetContent
    }>(sql`select number, content from dataset_version
      where dataset_id = ${input.params.id} and number = any(${[from, to]}::int[])
        and (state in ('published', 'superseded') or number is not distinct from ${dataset.pending_version})`)
    const contentOf = (number: number) =>
      rows.find((row) => row.number === number)?.content ?? refuse('object.not_found')
    return { from, to, changes: diffContent(contentOf(from), contentOf(to)) }
  },
})
