import type { readLibrary } from '@huitong/contract/centre'
import type { ReplyOf } from '@huitong/contract'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import { itemOf, selectLanded, type LandedRow } from '../exchange/index.ts'

export type LibraryName = 'person' | 'firm'
export type PartRow = LandedRow & { key_item: string }

/** The parts of a library in their order. */
export const partsOf = (db: Reader, database: string, library: LibraryName) =>
  db.many<PartRow>(sql`select l.*, o.key_item from library_part o
    join (${selectLanded(database)}) l on l.id = o.channel_id and l.jurisdiction = o.jurisdiction
    where o.library = ${library} order by o.position`)

export async function libraryView(
  db: Reader,
  database: string,
  library: LibraryName,
): Promise<ReplyOf<typeof readLibrary>> {
  const parts = await partsOf(db, database, library)
  const landed = await db.many<LandedRow>(sql`${selectLanded(database)} order by c.number`)
  return {
    library,
    parts: parts.map((row) => ({
      channelId: row.id,
      datasetId: row.dataset_id,
      datasetName: row.dataset_name,
      providerDepartmentName: row.provider_name,
      keyItem: row.key_item,
    })),
    candidates: landed.map((row) => ({
      channelId: row.id,
      datasetName: row.dataset_name,
      providerDepartmentName: row.provider_name,
      items: row.columns.map((column) => {
        const { code, name } = itemOf(row, column.item)
        return { code, name }
      }),
    })),
  }
}
