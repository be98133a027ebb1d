import { type Column, OPERATION_COLUMN, sha256Hex } from '@huitong/segment'
import type { Cursor } from './connector.ts'
import type { ChangeSegment, LoadSegment, Position, TargetTable } from './database.ts'
import { ConnectorError, type ConnectorErrorCode } from './errors.ts'

// What every kind of target holds to, whatever its SQL.

/** The longest name that every kind of database takes, in bytes. */
const NAME_BYTES_MAX = 63
const LF = 0x0a

/** Name of the plain table into which a generation is loaded before it is made visible. */
export const stagingName = (table: string, generation: number): string => nameBeside(table, `g${generation}`)

/** Name of the plain table into which the changes of one stream are gathered before they are applied. */
export const changesName = (table: string): string => nameBeside(table, 'changes')

/** Name of a table of ours beside a receiving table. */
export function nameBeside(table: string, what: string): string {
  const name = `_huitong_${table}_${what}`
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return name
  return `_huitong_${sha256Hex(table).slice(0, 24)}_${what}`
}

function fault(code: ConnectorErrorCode, table: string, detail: string, column?: string): ConnectorError {
  return new ConnectorError(code, detail, {
    hop: 'target',
    place: { table, ...(column === undefined ? {} : { column }) },
  })
}

/** A receiving table that can be made. @throws ConnectorError `not_supported`. */
export function checkTable(table: TargetTable): void {
  if (table.columns.length === 0) throw fault('not_supported', table.name, 'a table without columns')
  const names = [table.schema, table.name, ...table.columns.map((column) => column.name)]
  for (const name of names) {
    // A longer name would be cut by the server without a word.
    if (name === '' || Buffer.byteLength(name) > NAME_BYTES_MAX) {
      throw fault('not_supported', table.name, `name of ${Buffer.byteLength(name)} bytes`)
    }
  }
  for (const name of table.key) {
    if (!table.columns.some((column) => column.name === name)) {
      throw fault('not_supported', table.name, `key column ${name} is not a column`)
    }
  }
}

/** How a receiving table was made, as it is registered beside it. */
export interface Shape {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[]
  readonly key: readonly string[]
}

/** The shape of a table. */
export function shapeOf(table: TargetTable): Shape {
  return { columns: table.columns.map(({ name, type, nullable }) => ({ name, type, nullable })), key: table.key }
}

/** Whether a table is wanted as it was made. @throws ConnectorError `schema_changed` naming the column. */
export function sameShape(table: TargetTable, registered: Shape): void {
  const changed = (column: string, detail: string) =>
    fault('schema_changed', table.name, `${table.name}.${column} ${detail}`, column)
  for (const { name, type, nullable } of registered.columns) {
    const wanted = table.columns.find((column) => column.name === name)
    if (wanted === undefined) throw changed(name, 'is no longer wanted')
    if (wanted.type !== type || wanted.nullable !== nullable) throw changed(name, `was made as ${type}`)
  }
  for (const { name } of table.columns) {
    if (!registered.columns.some((column) => column.name === name)) throw changed(name, 'is not in the table')
  }
  if (registered.key.join('\0') !== table.key.join('\0')) throw changed(table.key[0] ?? '', 'key was made otherwise')
}

/**
 * Whether a segment of a full copy is the next one; false when it was applied before.
 * @throws ConnectorError `stale_generation`, `sequence_gap`.
 */
export function isDue(table: string, position: Position, { generation, sequence }: LoadSegment): boolean {
  if (generation < position.generation) {
    throw fault('stale_generation', table, `${generation} after ${position.generation}`)
  }
  const applied = generation === position.generation ? position.sequence : 0
  if (sequence <= applied) return false
  if (sequence > applied + 1) throw fault('sequence_gap', table, `${sequence} after ${applied}`)
  if (generation === position.generation && position.complete) {
    throw fault('sequence_gap', table, `${sequence} after the final ${applied}`)
  }
  return true
}

/** A segment of a full copy fits its table. @throws ConnectorError `schema_changed`, `row_count_mismatch`. */
export function checkLoadSegment(table: TargetTable, segment: LoadSegment): void {
  const changed = (column: string, detail: string) =>
    new ConnectorError('schema_changed', `${table.name}.${column} ${detail}`, { place: { table: table.name, column } })
  for (const { name, type } of segment.columns) {
    const wanted = table.columns.find((column) => column.name === name)
    if (wanted === undefined) throw changed(name, 'is not in the receiving table')
    if (wanted.type !== type) throw changed(name, `is ${type}, the receiving table has ${wanted.type}`)
  }
  const missing = table.columns.find((column) => !segment.columns.some(({ name }) => name === column.name))
  if (missing !== undefined) throw changed(missing.name, 'is not in the segment')
  // Servers take a last line without its end as a row, which would hide a cut inside the last field.
  if (segment.plain.length > 0 && segment.plain.at(-1) !== LF) {
    throw new ConnectorError('row_count_mismatch', 'the text does not end at the end of a row', { hop: 'target' })
  }
}

/** As many rows were taken as the manifest says. @throws ConnectorError `row_count_mismatch`. */
export function checkTaken(table: string, taken: bigint, declared: string): void {
  if (taken !== BigInt(declared)) {
    throw fault('row_count_mismatch', table, `${taken} rows taken, the manifest says ${declared}`)
  }
}

/** Whether these changes are the ones that were applied last. */
export const isApplied = ({ applied }: Position, stream: string, generation: number): boolean =>
  applied?.stream === stream && applied.generation === generation

/** Last segment of a stream of changes that is gathered or applied; 0 for none. */
export function placeOf(position: Position, stream: string, generation: number): number {
  if (isApplied(position, stream, generation)) return position.applied!.sequence
  const { staged } = position
  return staged?.stream === stream && staged.generation === generation ? staged.sequence : 0
}

/**
 * Whether a segment of changes is the next one to gather; false when it was gathered before. Changes may overlap what was
 * applied, which only finds rows unchanged; they may not begin after it (changes between would be lost), and not end
 * before it (newer rows would be overwritten by older ones).
 * @throws ConnectorError `position_gap`, `sequence_gap`.
 */
export function isNextChange(table: string, position: Position, stream: string, segment: ChangeSegment): boolean {
  const gap = (detail: string) => fault('position_gap', table, detail)
  if (position.cursor === null) throw gap('no full copy has set a position')
  const cursor = JSON.parse(position.cursor) as Cursor
  if (segment.from.since > cursor.since) throw gap(`changes since ${segment.from.since}, applied to ${cursor.since}`)
  if (segment.to.since < cursor.since) throw gap(`changes up to ${segment.to.since}, applied to ${cursor.since}`)
  const reached = placeOf(position, stream, segment.generation)
  if (segment.sequence > reached + 1) throw fault('sequence_gap', table, `${segment.sequence} after ${reached}`)
  return segment.sequence === reached + 1
}

/** A segment of changes fits its table. @throws ConnectorError `schema_changed`, `digest_mismatch`. */
export function checkChangeSegment(table: TargetTable, segment: ChangeSegment): void {
  const wanted: Column[] = [OPERATION_COLUMN, ...table.columns]
  const at = wanted.findIndex(({ name, type }, i) => {
    const column = segment.columns[i]
    return column?.name !== name || column.type !== type
  })
  if (at >= 0 || segment.columns.length !== wanted.length) {
    const column = wanted[Math.max(0, at)]!.name
    throw new ConnectorError('schema_changed', `${table.name}.${column} is not so in the segment`, {
      place: { table: table.name, column },
    })
  }
  if (sha256Hex(segment.plain) !== segment.plainDigest) {
    throw fault('digest_mismatch', table.name, `sequence ${segment.sequence}`)
  }
}
