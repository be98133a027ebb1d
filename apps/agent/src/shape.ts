import { ConnectorError, type DiscoveredColumn } from '@huitong/connectors'
import type { FoundField } from '@huitong/contract/work'
import { schemaHashOf } from '@huitong/segment'

const COMMENT_CHARACTERS_MAX = 4000
export const NAME_CHARACTERS_MAX = 255
const FIELDS_MAX = 1600
// oxlint-disable-next-line no-control-regex -- the contract refuses names with these
export const UNSPEAKABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/

interface Columns {
  readonly columns: readonly DiscoveredColumn[]
}

/** Hash of a table's fields as they were found: it changes with each name, type or place. */
export function fieldsHash(table: { readonly columns: readonly Pick<DiscoveredColumn, 'name' | 'type'>[] }): string {
  return schemaHashOf(table.columns.map(({ name, type }) => ({ name, type })))
}

/** Whether the table is as it was agreed: all of its fields, or those alone that are named. */
export function isShape(now: Columns, agreed: { schemaHash: string; schemaFields?: readonly string[] }): boolean {
  const only = agreed.schemaFields && new Set(agreed.schemaFields)
  const columns = only ? now.columns.filter(({ name }) => only.has(name)) : now.columns
  return fieldsHash({ columns }) === agreed.schemaHash
}

/** The table is not the one that was agreed; `fields` is all that it has now, for people to compare. */
export class ShapeError extends ConnectorError {
  readonly fields: FoundField[]
  constructor(cause: ConnectorError, table: Columns) {
    super('schema_changed', cause.detail, { hop: cause.hop, place: cause.place, cause })
    this.fields = table.columns.slice(0, FIELDS_MAX).map(toField)
  }
}

/** A changed table with the fields that it has now; any other error as it is. */
export async function withFields(fault: unknown, look: () => Promise<Columns | null>): Promise<unknown> {
  if (!(fault instanceof ConnectorError) || fault.code !== 'schema_changed' || fault.hop !== 'source') return fault
  const now = await look().catch(() => null)
  const isSpeakable = now?.columns.every(({ name }) => name.length <= NAME_CHARACTERS_MAX && !UNSPEAKABLE.test(name))
  return now !== null && isSpeakable ? new ShapeError(fault, now) : fault
}

/** A field as the contract carries it. */
export function toField(column: DiscoveredColumn): FoundField {
  return {
    name: column.name,
    type: cut(column.type, NAME_CHARACTERS_MAX) ?? '',
    canonicalType: column.canonicalType,
    nullable: column.nullable,
    length: column.length,
    position: column.position,
    comment: cut(column.comment, COMMENT_CHARACTERS_MAX),
    suggestedName: cut(column.suggestedName, NAME_CHARACTERS_MAX),
  }
}

/** A text that the contract takes. */
export function cut(text: string | null, charactersMax: number): string | null {
  if (text === null) return null
  const clean = text.replaceAll(new RegExp(UNSPEAKABLE, 'g'), ' ')
  return clean.slice(0, charactersMax).toWellFormed()
}
