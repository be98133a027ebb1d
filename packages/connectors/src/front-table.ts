/** A column of a front database's table, in the catalogue's words about it. */
export interface FrontColumn {
  readonly name: string
  /** Item type of the catalogue. */
  readonly type: 'text' | 'integer' | 'decimal' | 'money' | 'date' | 'datetime' | 'boolean' | 'memo' | 'binary'
  /** Characters, of texts; null where the catalogue says none. */
  readonly length: number | null
  readonly nullable: boolean
  readonly key: boolean
  readonly comment: string
}

/** A table into which a department pushes rows for others (前置推送库). */
export interface FrontTable {
  readonly name: string
  readonly comment: string
  readonly columns: readonly FrontColumn[]
}

/**
 * The technical columns that every front table has beside its items: the last operation on a row, when it was, and the
 * batch it came with. Mounting recognises them by these names.
 */
export const TECHNICAL = {
  operation: { name: 'op', comment: '操作标识：I 新增，U 更新，D 删除' },
  updatedAt: { name: 'updated_at', comment: '更新时间，由触发器写入' },
  batch: { name: 'batch_no', comment: '推送批次号' },
} as const

/** The exchange mark, of the kinds of databases whose nodes can write it. A change of the row by the department empties it. */
export const MARK = {
  name: 'exchanged_at',
  comment: '交换标记：平台取走该行的时间，空为尚未取走；由交换节点写入',
} as const

export const TECHNICAL_NAMES: readonly string[] = [...Object.values(TECHNICAL), MARK].map(({ name }) => name)

const VARCHAR_MAX = 10_485_760

/** The canonical type of an item, from which its column's type follows as for any receiving table. */
export function canonicalType({ type, length }: FrontColumn): string {
  switch (type) {
    case 'text':
      return length !== null && length > 0 && length <= VARCHAR_MAX ? `varchar(${length})` : 'text'
    case 'integer':
      return 'bigint'
    case 'decimal':
      return 'numeric'
    case 'money':
      return 'numeric(18,2)'
    case 'date':
      return 'date'
    case 'datetime':
      return 'timestamp'
    case 'boolean':
      return 'boolean'
    case 'memo':
      return 'text'
    case 'binary':
      return 'bytea'
  }
}
