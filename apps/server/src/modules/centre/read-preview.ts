import type { DatasetContent } from '@huitong/contract/catalogue'
import { readPreview } from '@huitong/contract/centre'
import type { ReplyOf } from '@huitong/contract'
import { emitPostgres, maskPostgres, previewMask, quoteIdentifier, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import type { Services } from '../../kernel/services.ts'
import { query } from '../../kernel/verb.ts'
import { findDataset } from '../catalogue/index.ts'
import { isMissingTable, selectLanded, tableOf, type LandedRow } from '../exchange/index.ts'

const ROWS_MAX = 20

type Reply = ReplyOf<typeof readPreview>

const FIELDS: Record<string, string> = { applicant: 'c.consumer_department_id', provider: 'c.provider_department_id' }
const previewSees = (actor: Person) =>
  sql.raw(emitPostgres(VISIBILITY.preview(viewerOf(actor)), (field) => FIELDS[field]!))

/**
 * The first rows of a dataset as they landed in the centre, masked, for its provider, the centre and the authority.
 * Whoever else wants to see them asks for the data.
 */
export const readPreviewVerb = query<typeof readPreview>({
  endpoint: readPreview,
  audit: ({ params }, reply) => ({
    objectKind: 'dataset',
    objectId: params.id,
    detail: { rows: reply.rows.length, items: reply.items.map((one) => one.code) },
  }),
  async run({ db, actor, services }, { params }) {
    const dataset = await findDataset(db, actor, params.id)
    const content = dataset.live_content
    if (content === null) return nothing('none')
    // Of several landings the one that landed last.
    const [row] = await db.many<LandedRow>(sql`${selectLanded(services.centre.database)}
      where c.dataset_id = ${params.id} and g.revoked_at is null and ${previewSees(actor)}
      order by c.finished_at desc nulls last, c.number desc limit 1`)
    if (row === undefined) return nothing('none')
    return row.landed_at === null ? nothing('not_landed') : sampleOf(services, row, content)
  },
})

const nothing = (state: Reply['state']): Reply => ({ state, landedAt: null, items: [], hiddenCount: 0, rows: [] })

/** The published entry decides what may be shown today, whatever was granted when the table landed. */
async function sampleOf(services: Services, row: LandedRow, content: DatasetContent): Promise<Reply> {
  const items = new Map((content.items ?? []).map((item) => [item.code, item]))
  const shown = row.columns.flatMap((column) => {
    const item = items.get(column.item)
    if (item === undefined || item.shareAttribute === 'refused') return []
    // What nobody has declared not to be personal is treated as if it were.
    const mask = previewMask({ code: item.code, name: item.name.zh, personal: item.personal ?? true })
    const expression = quoteIdentifier(column.as)
    return [{ item, masked: mask !== null, sql: mask ? maskPostgres(mask, expression) : expression }]
  })
  // By the columns of the table: a bare name would mean the text that is answered.
  const key = row.key.map((name) => `t.${quoteIdentifier(name)}`).join(', ')
  const text = `select ${shown.map((one) => `(${one.sql})::text`).join(', ')} from ${tableOf(row)} t
    ${key === '' ? '' : `order by ${key}`} limit ${ROWS_MAX}`
  try {
    const rows = shown.length === 0 ? [] : await services.centre.rows(text, [])
    return {
      state: 'shown',
      landedAt: row.landed_at!.toISOString(),
      items: shown.map(({ item, masked }) => ({ code: item.code, name: item.name, masked })),
      hiddenCount: row.columns.length - shown.length,
      rows: rows.map((one) => [...one]),
    }
  } catch (error) {
    if (isMissingTable(error)) return nothing('not_landed')
    throw error
  }
}
