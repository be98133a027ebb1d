import type { ChannelState } from '@huitong/contract/exchange'
import type { TransitColumn } from '@huitong/contract/work'
import { quoteIdentifier } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'

export type Names = { zh: string; en?: string }

/** A channel that lands in the resource centre. */
export interface LandedRow {
  id: string
  number: string
  jurisdiction: string
  dataset_id: string
  dataset_code: string
  dataset_name: Names
  provider_department_id: string
  provider_name: Names
  target_schema: string
  target_table: string
  columns: TransitColumn[]
  key: string[]
  state: Static<typeof ChannelState>
  landed_at: Date | null
  document: string
  revoked_at: Date | null
  items: { code: string; name: Names; personal?: boolean }[]
}

/**
 * Channels whose consumer is a data centre and whose target is the centre's database, with what the catalogue says of
 * their items in the version that was granted.
 */
export const selectLanded = (
  database: string,
) => sql`select c.id, c.number, c.jurisdiction, c.dataset_id, s.code as dataset_code,
    v.content->'name' as dataset_name, c.provider_department_id, p.name as provider_name, c.target_schema, c.target_table,
    c.columns, c.key, c.state, c.finished_at as landed_at, g.document, g.revoked_at,
    coalesce(v.content->'items', '[]') as items
  from channel c
    join data_source t on t.id = c.target_id and t.settings->>'database' = ${database}
    join department u on u.id = c.consumer_department_id and u.kind = 'data_centre'
    join department p on p.id = c.provider_department_id
    join dataset s on s.id = c.dataset_id
    join access_grant g on g.id = c.grant_id
    join access_request r on r.id = g.request_id
    join dataset_version v on v.dataset_id = r.dataset_id and v.number = r.dataset_version`

/** The landed table in SQL. */
export const tableOf = (row: Pick<LandedRow, 'target_schema' | 'target_table'>): string =>
  `${quoteIdentifier(row.target_schema)}.${quoteIdentifier(row.target_table)}`

/** SQLSTATE of a table that is not there yet. */
export const isMissingTable = (error: unknown): boolean => (error as { code?: string }).code === '42P01'

/** The item as the catalogue names it; its code where the catalogue says nothing. */
export function itemOf(row: Pick<LandedRow, 'items'>, code: string): { code: string; name: Names; personal: boolean } {
  const found = row.items.find((one) => one.code === code)
  // What nobody has declared not to be personal is treated as if it were.
  return { code, name: found?.name ?? { zh: code }, personal: found?.personal ?? true }
}
