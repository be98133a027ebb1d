import { listObligations } from '@huitong/contract/catalogue'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf } from '../../kernel/actor.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { obligationView, SELECT_OBLIGATION, type ObligationRow } from './obligations.ts'

/** Legal deadlines that the viewer may see, nearest first. */
export const listObligationsVerb = query<typeof listObligations>({
  endpoint: listObligations,
  audit: null,
  async run({ db, actor, legalNow }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const visible = sql.raw(emitPostgres(VISIBILITY.obligation(viewerOf(actor)), () => 'o.department_id'))
    const due = sql`coalesce(o.extended_to, o.due_at)`
    const { state } = input.query
    const rows = await db.many<ObligationRow>(sql`${SELECT_OBLIGATION} where ${visible} and o.cancelled_at is null
      ${state === 'open' || state === 'overdue' ? sql`and o.fulfilled_at is null` : sql``}
      ${state === 'overdue' ? sql`and ${due} <= ${legalNow}` : sql``}
      ${state === 'fulfilled' ? sql`and o.fulfilled_at is not null` : sql``}
      ${at.after ? sql`and (${due}, o.id) > (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by ${due}, o.id limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [(row.extended_to ?? row.due_at).toISOString(), row.id],
      (row) => obligationView(row, legalNow),
    )
  },
})
