import type { Convention } from '@huitong/contract/work'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'

interface Mounted {
  schema: string
  name: string
  hash: string
  /** With a batch field besides, which the work does not need. */
  convention: Convention | null
}

/** The table behind a distribution, its schema hash and convention, as the provider, the centre and the platform itself see it. */
export const mountedTable = (db: Reader, distributionId: string) =>
  db.one<Mounted>(
    sql`select t.schema_name as schema, t.table_name as name, b.schema_hash as hash, b.convention from distribution b join source_table t on t.id = b.table_id where b.id = ${distributionId}`,
  )

/** What nodes need of a convention. */
export const conventionOf = (mounted: Convention | null): Convention | null =>
  mounted === null ? null : { operation: mounted.operation, updatedAt: mounted.updatedAt }
