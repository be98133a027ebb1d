import { readColumns } from '@huitong/contract/exchange'
import { fieldsOf } from '@huitong/policy'
import { sql } from 'kysely'
import { query } from '../../kernel/verb.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'
import { grantedColumns } from './mapping.ts'
import { mountedOf } from './mounted-table.ts'

/** What a grant lets out of its mounted table, column by column: what a mapping chooses from. It shows no row. */
export const readColumnsVerb = query<typeof readColumns>({
  endpoint: readColumns,
  audit: null,
  async run({ db, now, legalNow }, { params }) {
    const grant = await findGrantRow(db, params.id)
    const plan = activePlan(grant, { now, legalNow })
    const { columns, key } = grantedColumns(plan, await mountedOf(db, grant.dataset_id))
    const { items } = await db.one<{ items: { code: string; name: { zh: string; en?: string } }[] }>(
      sql`select coalesce(v.content->'items', '[]') as items from access_request r
        join dataset_version v on v.dataset_id = r.dataset_id and v.number = r.dataset_version where r.id = ${grant.request_id}`,
    )
    const names = new Map(items.map(({ code, name }) => [code, name]))
    const filtering = fieldsOf(plan.rows)
    const masked = new Set(plan.columns.filter(({ mask }) => mask !== null).map(({ item }) => item))
    return {
      columns: columns.map(({ item, as, type }) => ({
        item,
        name: names.get(item) ?? { zh: item },
        type,
        masked: masked.has(item),
        key: key.includes(as),
        filters: filtering.has(item),
      })),
    }
  },
})
