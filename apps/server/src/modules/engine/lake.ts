import { join } from 'node:path'
import type { TransitColumn } from '@huitong/contract/work'
import type { ColumnClass } from '@huitong/quality'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'

/** The type of a column in the lake, from the type under which it travels; what has no exact counterpart stays text. */
export function lakeType(type: string): string {
  const [, name, precision, scale] = /^([a-z ]+?)(?:\((\d+)(?:,\s*(\d+))?\))?$/.exec(type) ?? []
  if (name === 'smallint' || name === 'integer' || name === 'bigint') return 'BIGINT'
  if (name === 'numeric' && precision !== undefined && Number(precision) <= 38)
    return `DECIMAL(${precision},${scale ?? '0'})`
  if (name === 'double' || name === 'real') return 'DOUBLE'
  if (name === 'boolean') return 'BOOLEAN'
  return name === 'date' ? 'DATE' : 'VARCHAR'
}

const CLASSES: Readonly<Record<string, ColumnClass>> = {
  BIGINT: 'integer',
  DOUBLE: 'float',
  BOOLEAN: 'boolean',
  DATE: 'date',
  VARCHAR: 'text',
}
/** What rules may ask of a column of this type. */
export const lakeClass = (type: string): ColumnClass => CLASSES[lakeType(type)] ?? 'decimal'

/** Where the file of a segment lies, from the folder of data on. */
export const lakePath = (row: { channel_id: string; stream_id: string; generation: number; sequence: number }) =>
  join('lake', row.channel_id, `${row.stream_id}-${row.generation}-${row.sequence}.parquet`)

/** A table that lands in the resource centre. */
export interface LandedTable {
  channel_id: string
  dataset_id: string
  provider_department_id: string
  jurisdiction: string
  columns: TransitColumn[]
  /** Columns of the landed table that name a row. */
  key: string[]
}

/** The landed table of a dataset: of several channels to the centre the newest; null when it does not land. */
export const landedTable = (db: Reader, datasetId: string): Promise<LandedTable | null> =>
  db.maybe<LandedTable>(sql`select c.id as channel_id, c.dataset_id, c.provider_department_id, c.jurisdiction, c.columns, c.key
    from channel c join department u on u.id = c.consumer_department_id and u.kind = 'data_centre'
    where c.dataset_id = ${datasetId} order by c.created_at desc limit 1`)

/** What a landed table consists of in the lake: paths from the folder of data on. */
export interface LakeTable {
  /** The generation of the full copy. */
  readonly generation: number
  readonly base: readonly string[]
  /** Later changes, oldest first. */
  readonly changes: readonly string[]
}

interface FileRow {
  stream_id: string
  generation: number
  sequence: number
  channel_id: string
  kind: 'copy' | 'changes'
  final: boolean
}

/** The latest complete copy and the complete changes after it; null when none is complete yet. */
export async function lakeTable(db: Reader, channelId: string): Promise<LakeTable | null> {
  const rows = await db.many<FileRow>(sql`select f.stream_id, f.generation, f.sequence, f.channel_id, f.kind, f.final
    from lake_file f join stream s on s.id = f.stream_id and s.generation = f.generation and not s.abandoned
    where f.channel_id = ${channelId} and f.problem is null
    order by s.created_at, f.stream_id, f.generation, f.sequence`)
  const streams = Map.groupBy(rows, (row) => `${row.stream_id}/${row.generation}`)
  const whole = [...streams.values()].filter((files) => files.at(-1)!.final && files.length === files.at(-1)!.sequence)
  const at = whole.findLastIndex((files) => files[0]!.kind === 'copy')
  if (at < 0) return null
  const changes = whole.slice(at + 1).flat()
  return { generation: whole[at]![0]!.generation, base: whole[at]!.map(lakePath), changes: changes.map(lakePath) }
}

/** Segments of channels into the centre that the lake must still take. */
export const WAITING = sql`from segment x
    join stream s on s.id = x.stream_id and s.generation = x.generation and not s.abandoned and s.kind in ('copy', 'changes')
    join channel c on c.id = x.channel_id
    join department u on u.id = c.consumer_department_id and u.kind = 'data_centre'
  where x.state in ('verified', 'applied') and not exists (select from lake_file f
    where f.stream_id = x.stream_id and f.generation = x.generation and f.sequence = x.sequence)`

/** True while some segment of these channels has been verified but is not in the lake yet. */
export async function isLakeBehind(db: Reader, channelIds: readonly string[]): Promise<boolean> {
  const row = await db.maybe(sql`select 1 ${WAITING} and x.channel_id = any(${[...channelIds]}::uuid[]) limit 1`)
  return row !== null
}
