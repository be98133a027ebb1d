import type { DiscoveredTable } from '@huitong/connectors'
import { FIELDS_MAX, type DiscoverInput, type DiscoverResult } from '@huitong/contract/work'
import type { WorkContext } from '../context.ts'
import { throughRestarts } from '../retry.ts'
import { cut, fieldsHash, NAME_CHARACTERS_MAX, toField, UNSPEAKABLE } from '../shape.ts'
import { openSource } from '../source.ts'

const TABLES_MAX = 10_000
const COLUMNS_MAX = 200_000
const LIMITS = { tablesMax: TABLES_MAX, columnsMax: COLUMNS_MAX }
const COMMENT_CHARACTERS_MAX = 4000

type Found = DiscoverResult['tables'][number]

/** Lists the tables and views of a source with fields, keys and comments. @throws ConnectorError, WorkError. */
export async function discover(input: DiscoverInput, context: WorkContext): Promise<DiscoverResult> {
  const source = await openSource(input.source, null, context)
  const { tables, truncated } = await throughRestarts(context.signal, () => source.discover(LIMITS))
  const readable = tables.filter(isReadable)
  const left = tables.length - readable.length
  if (truncated || left > 0) context.log.warn('discover.cut', { source: input.source.sourceId, truncated, left })
  return { tables: readable.map(toFound) }
}

/** Tables whose names the contract cannot carry, or with too many fields, cannot be exchanged. */
function isReadable(table: DiscoveredTable): boolean {
  const names = [table.schema, table.name, ...table.columns.map(({ name }) => name)]
  const speakable = names.every((name) => name.length <= NAME_CHARACTERS_MAX && !UNSPEAKABLE.test(name))
  return speakable && table.problem === null && table.columns.length <= FIELDS_MAX
}

function toFound(table: DiscoveredTable): Found {
  return {
    schema: table.schema,
    name: table.name,
    comment: cut(table.comment, COMMENT_CHARACTERS_MAX),
    suggestedName: cut(table.suggestedName, NAME_CHARACTERS_MAX),
    rowEstimate: table.rowEstimate,
    key: [...table.primaryKey],
    schemaHash: fieldsHash(table),
    fields: table.columns.map(toField),
  }
}
