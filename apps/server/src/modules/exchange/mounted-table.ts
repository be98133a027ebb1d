import type { Convention, FoundField } from '@huitong/contract/work'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import type { MountedFields } from './mapping.ts'

interface MountedName {
  schema: string
  name: string
  hash: string
  /** With a batch field besides, which the work does not need. */
  convention: Convention | null
}

/** The table behind a distribution, its schema hash and convention, as the provider, the centre and the platform itself see it. */
export const mountedTable = (db: Reader, distributionId: string) =>
  db.one<MountedName>(
    sql`select t.schema_name as schema, t.table_name as name, b.schema_hash as hash, b.convention from distribution b join source_table t on t.id = b.table_id where b.id = ${distributionId}`,
  )

/** What nodes need of a convention. */
export const conventionOf = (mounted: Convention | null): Convention | null =>
  mounted === null ? null : { operation: mounted.operation, updatedAt: mounted.updatedAt }

/** The table of a dataset as it was mounted. */
export interface Mounted extends MountedFields {
  readonly id: string
  readonly source_id: string
  readonly schema_hash: string
  readonly table_hash: string
  readonly fields: FoundField[]
  readonly gone: boolean
  readonly convention: object | null
}

/** The table, or the folder of files, that is mounted to a dataset. @throws Refusal `object.state`, `source.changed`. */
export async function mountedOf(db: Reader, datasetId: string, kind: 'table' | 'file' = 'table'): Promise<Mounted> {
  const mounted =
    await db.maybe<Mounted>(sql`select b.id, b.source_id, b.schema_hash, t.schema_hash as table_hash, t.fields, t.gone, t.key, b.mapping, b.convention
    from distribution b join source_table t on t.id = b.table_id where b.dataset_id = ${datasetId} and b.kind = ${kind}`)
  if (!mounted)
    refuse('object.state', {
      places: [
        kind === 'table'
          ? place('/grantId', '该目录尚未挂接库表', 'no table is mounted to the dataset')
          : place('/grantId', '该目录尚未挂接文件夹', 'no folder is mounted to the dataset'),
      ],
    })
  if (mounted.gone || mounted.table_hash !== mounted.schema_hash) refuse('source.changed')
  return mounted
}
