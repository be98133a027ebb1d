import { listRegions } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'

interface Row {
  code: string
  name: { zh: string }
  level: 'province' | 'prefecture' | 'county'
  parent: string | null
  valid_from: string
  valid_to: string | null
}

/** Divisions by code, all or below one. */
export const listRegionsVerb = query<typeof listRegions>({
  endpoint: listRegions,
  audit: null,
  async run({ db }, input) {
    const at = pageAt(input.query, 1)
    const rows = await db.many<Row>(sql`select code, name, level, parent, valid_from, valid_to from region
      where code > ${at.after?.[0] ?? ''} ${input.query.parent ? sql`and parent = ${input.query.parent}` : sql``}
      order by code limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [row.code],
      ({ valid_from, valid_to, ...row }) => ({ ...row, validFrom: valid_from, validTo: valid_to }),
    )
  },
})
