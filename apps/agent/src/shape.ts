import { createHash } from 'node:crypto'
import { ConnectorError, type DiscoveredColumn } from '@huitong/connectors'
import { FIELDS_MAX, FoundField } from '@huitong/contract/work'
import { schemaHashOf } from '@huitong/segment'
import { Check } from 'typebox/value'

const COMMENT_CHARACTERS_MAX = 4000
export const NAME_CHARACTERS_MAX = 255
const LONG_TYPE_CHARACTERS = 160
// oxlint-disable-next-line no-control-regex -- the contract refuses names with these
export const UNSPEAKABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/

interface Columns {
  readonly columns: readonly DiscoveredColumn[]
}

/** Hash of a table's fields as they were found: it changes with each name, type or place. */
export function fieldsHash(table: { readonly columns: readonly Pick<DiscoveredColumn, 'name' | 'type'>[] }): string {
  return schemaHashOf(table.columns.map(({ name, type }) => ({ name, type: typeText(type) })))
}

/** Whether the table is as it was agreed: all of its fields, or those alone that are named. */
export function isShape(
  now: Columns,
  agreed: { schemaHash: string; schemaFields?: readonly string[]; schemaTypes?: Readonly<Record<string, string>> },
): boolean {
  const only = agreed.schemaFields && new Set(agreed.schemaFields)
  const types = new Map(Object.entries(agreed.schemaTypes ?? {}))
  const columns = now.columns
    .filter(({ name }) => only?.has(name) ?? true)
    // A value that does not fit has made another type of the column: its record is bad, and not the table another.
    .map((column) => ({ ...column, type: types.get(column.name) ?? column.type }))
  return fieldsHash({ columns }) === agreed.schemaHash
}

/** The table is not the one that was agreed; `fields` is all that it has now, for people to compare. */
export class ShapeError extends ConnectorError {
  readonly fields: FoundField[]
  constructor(cause: ConnectorError, fields: FoundField[]) {
    super('schema_changed', cause.detail, { hop: cause.hop, place: cause.place, cause })
    this.fields = fields
  }
}

/** A changed table with the fields that it has now; any other error as it is. */
export async function withFields(fault: unknown, look: () => Promise<Columns | null>): Promise<unknown> {
  if (!(fault instanceof ConnectorError) || fault.code !== 'schema_changed' || fault.hop !== 'source') return fault
  const now = await look().catch(() => null)
  const fields = now?.columns.map(toField) ?? []
  // What the contract cannot carry would keep the fault itself from being told.
  const canBeTold = now !== null && fields.length <= FIELDS_MAX && fields.every((field) => Check(FoundField, field))
  return canBeTold ? new ShapeError(fault, fields) : fault
}

/** A field as the contract carries it. */
export function toField(column: DiscoveredColumn): FoundField {
  return {
    name: column.name,
    type: typeText(column.type),
    canonicalType: column.canonicalType,
    nullable: column.nullable,
    length: column.length,
    position: column.position,
    comment: cut(column.comment, COMMENT_CHARACTERS_MAX),
    suggestedName: cut(column.suggestedName, NAME_CHARACTERS_MAX),
  }
}

/** A type as it is told and compared; of one that is too long (an enumeration) the beginning, and a digest of the whole. */
function typeText(type: string): string {
  const clean = cut(type, type.length)!
  if (clean.length <= NAME_CHARACTERS_MAX) return clean
  return `${cut(clean, LONG_TYPE_CHARACTERS)}… ${createHash('sha256').update(type).digest('hex')}`
}

/** A text that the contract takes. */
export function cut(text: string | null, charactersMax: number): string | null {
  if (text === null) return null
  const clean = text.replaceAll(new RegExp(UNSPEAKABLE, 'g'), ' ')
  return clean.slice(0, charactersMax).toWellFormed()
}
