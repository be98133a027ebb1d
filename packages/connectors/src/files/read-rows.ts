import type { ReadOptions, ReadRequest, RowStream } from '../connector.ts'
import { ConnectorError, inTable } from '../errors.ts'
import { readFields } from '../field-rows.ts'
import { scanTable } from './discover.ts'
import { openTable } from './open-table.ts'
import type { FilesSettings } from './settings.ts'

/** Read a file's rows as segment CSV, after a first pass for the types of its columns. */
export async function readRows(
  settings: FilesSettings,
  request: ReadRequest,
  options: ReadOptions = {},
): Promise<RowStream> {
  if (!('fields' in request)) throw new ConnectorError('not_supported', 'files take no SQL')
  const { name } = request.table
  try {
    const { table, sha256, verify, close } = await openTable(settings, name)
    try {
      const { types } = await scanTable(table)
      const opened = {
        header: table.header,
        types,
        snapshot: `sha256:${sha256}`,
        records: () => table.records(),
        verify,
        close,
      }
      return await readFields(opened, request, options)
    } catch (error) {
      await close()
      throw error
    }
  } catch (error) {
    throw inTable(error, name)
  }
}
