import type { FoundField } from '@huitong/contract/work'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'

interface Refresh {
  /** Hash of the fields until now: a mount that is of another form already stays as it is. */
  readonly before: string
  readonly hash: string
  readonly fields: readonly FoundField[]
  /** Fields that came without anybody's word: the officer hears of them until the table is mounted again. Null: approved. */
  readonly news: { readonly added: readonly string[]; readonly at: Date } | null
}

interface Mount {
  table_id: string
  mapping: { field: string; type: string }[]
  unlisted: { at: string; fields: string[] } | null
}

/** A mounted table has other fields now. A mount one of whose own fields is no longer what it was waits for its officer. */
export async function refreshMount(db: Writer, distributionId: string, refresh: Refresh): Promise<void> {
  const { before, hash, fields, news } = refresh
  const mount = await db.maybe<Mount>(sql`select table_id, mapping, unlisted from distribution
    where id = ${distributionId} and schema_hash = ${before} for update`)
  const types = new Map(fields.map(({ name, canonicalType }) => [name, canonicalType]))
  if (mount === null || mount.mapping.some(({ field, type }) => types.get(field) !== type)) return
  const known = mount.unlisted?.fields ?? []
  const unlisted =
    news === null
      ? null
      : JSON.stringify({ at: news.at.toISOString(), fields: [...new Set([...known, ...news.added])] })
  await db.run(sql`update distribution set schema_hash = ${hash}, unlisted = ${unlisted} where id = ${distributionId}`)
  await db.run(sql`update source_table set fields = ${JSON.stringify(fields)}, schema_hash = ${hash}
    where id = ${mount.table_id}`)
}
