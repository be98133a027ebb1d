import { listAssets, type AssetView } from '@huitong/contract/centre'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { selectLanded, type LandedRow } from '../exchange/index.ts'

interface AssetRow extends LandedRow {
  rows: string | null
  bytes: string | null
  counted_at: Date | null
  earlier_rows: string | null
  earlier_bytes: string | null
  earlier_at: Date | null
}

const FIELDS: Record<string, string> = { applicant: 'c.consumer_department_id', provider: 'c.provider_department_id' }
const assetSees = (actor: Person) => sql.raw(emitPostgres(VISIBILITY.asset(viewerOf(actor)), (field) => FIELDS[field]!))

/** Tables that landed, newest channel first, with what the centre's own database counted. */
export const listAssetsVerb = query<typeof listAssets>({
  endpoint: listAssets,
  audit: null,
  async run({ db, actor, services }, input) {
    const at = pageAt(input.query, 1)
    const visible = sql`select l.* from (${selectLanded(services.centre.database)} where ${assetSees(actor)}) l`
    const rows = await db.many<AssetRow>(sql`with landed as (${visible})
      select l.*, n.rows, n.bytes, n.counted_at, e.rows as earlier_rows, e.bytes as earlier_bytes, e.counted_at as earlier_at
      from landed l
        left join lateral (select * from landing_count where channel_id = l.id order by counted_at desc limit 1) n on true
        left join lateral (select * from landing_count where channel_id = l.id
          and counted_at < date_trunc('day', n.counted_at, 'Asia/Shanghai') order by counted_at desc limit 1) e on true
      where true ${at.after ? sql`and l.number < ${at.after[0]}` : sql``} order by l.number desc limit ${at.limit + 1}`)
    const total = await db.one<{ tables: number; rows: string; bytes: string }>(sql`with landed as (${visible})
      select count(*)::int as tables, coalesce(sum(n.rows), 0)::text as rows, coalesce(sum(n.bytes), 0)::text as bytes
      from landed l left join lateral (
        select rows, bytes from landing_count where channel_id = l.id order by counted_at desc limit 1) n on true`)
    return { ...pageOf(rows, at, (row) => [row.number], assetView), total }
  },
})

function assetView(row: AssetRow): Static<typeof AssetView> {
  return {
    channelId: row.id,
    channelNumber: row.number,
    datasetId: row.dataset_id,
    datasetCode: row.dataset_code,
    datasetName: row.dataset_name,
    providerDepartmentId: row.provider_department_id,
    providerDepartmentName: row.provider_name,
    schema: row.target_schema,
    table: row.target_table,
    itemCount: row.columns.length,
    state: row.state,
    rows: row.rows,
    bytes: row.bytes,
    countedAt: row.counted_at?.toISOString() ?? null,
    landedAt: row.landed_at?.toISOString() ?? null,
    growth: growthOf(row),
  }
}

function growthOf(row: AssetRow): Static<typeof AssetView>['growth'] {
  if (row.rows === null || row.bytes === null || row.earlier_at === null) return null
  const more = (now: string, then: string | null) => String(BigInt(now) - BigInt(then ?? '0'))
  return {
    rows: more(row.rows, row.earlier_rows),
    bytes: more(row.bytes, row.earlier_bytes),
    since: row.earlier_at.toISOString(),
  }
}
