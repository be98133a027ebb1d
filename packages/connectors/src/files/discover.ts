import type { DiscoveredTable, DiscoverLimits, Discovery } from '../connector.ts'
import { ConnectorError, inTable } from '../errors.ts'
import { suggestName } from '../suggest-name.ts'
import { TypeInference } from './infer-type.ts'
import { listFolders } from './folder-table.ts'
import { openTable, partsOf } from './open-table.ts'
import { listFiles } from './places.ts'
import type { FilesSettings } from './settings.ts'
import type { TableScan, TabularFile } from './tabular.ts'

/** Read a table to its end for the types of its columns. Records of another width are left to the reader to report. */
export async function scanTable(table: TabularFile): Promise<TableScan> {
  if (table.scan !== undefined) return table.scan
  const columns = table.header.map((name) => new TypeInference(name))
  let rows = 0n
  for await (const { fields } of table.records()) {
    if (fields.length !== columns.length) continue
    rows++
    for (let i = 0; i < columns.length; i++) columns[i]!.push(fields[i]!)
  }
  return { types: columns.map((c) => c.result()), nullable: columns.map((c) => c.nulls), rows }
}

/** All tables of files under the root, and its folders as they are. A file that cannot be read is listed with its problem. */
export async function discover(settings: FilesSettings, limits: DiscoverLimits): Promise<Discovery> {
  const { names, truncated } = await listFiles(settings.root, limits.tablesMax)
  const folders = await listFolders(settings)
  const tables: DiscoveredTable[] = []
  let columns = 0
  for (const name of names) {
    for (const tableName of await tableNames(settings, name)) {
      const table = await describeFile(settings, tableName)
      columns += table.columns.length
      if (tables.length >= limits.tablesMax || columns > limits.columnsMax)
        return { ...within(limits, tables, folders), truncated: true }
      tables.push(table)
    }
  }
  const found = within(limits, tables, folders)
  return { ...found, truncated: truncated || found.truncated }
}

/** Tables first, then as many of the folders as the limit leaves. */
function within(
  { tablesMax }: DiscoverLimits,
  tables: readonly DiscoveredTable[],
  folders: readonly DiscoveredTable[],
): Discovery {
  const all = [...tables, ...folders]
  return { tables: all.slice(0, tablesMax), truncated: all.length > tablesMax }
}

async function tableNames(settings: FilesSettings, name: string): Promise<string[]> {
  try {
    const parts = await partsOf(settings, name)
    return parts === null ? [name] : parts.map((part) => `${name}#${part}`)
  } catch {
    // Listed under its own name; describing it meets the same error and tells it.
    return [name]
  }
}

/** One table as it is now; its `problem` says why it cannot be read. */
export async function describeFile(settings: FilesSettings, name: string): Promise<DiscoveredTable> {
  const bare = {
    schema: '',
    name,
    kind: 'file' as const,
    primaryKey: [],
    comment: null,
    suggestedName: suggestName(name.replace(/^.*\/|\.[a-z]+(?=#|$)/gi, ''), null),
  }
  try {
    const { table, close } = await openTable(settings, name)
    try {
      const scan = await scanTable(table)
      const columns = table.header.map((column, i) => ({
        name: column,
        type: scan.types[i]!,
        canonicalType: scan.types[i]!,
        nullable: scan.nullable[i]!,
        length: null,
        precision: null,
        scale: null,
        position: i + 1,
        comment: null,
        suggestedName: suggestName(column, null),
      }))
      return { ...bare, columns, rowEstimate: scan.rows.toString(), problem: null }
    } finally {
      await close()
    }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return { ...bare, columns: [], rowEstimate: null, problem: inTable(error, name) as ConnectorError }
  }
}
