import { stat } from 'node:fs/promises'
import { ConnectorError } from '../errors.ts'
import { digestFile, openCsv, scanFile } from './csv-file.ts'
import { findFile, type Place } from './places.ts'
import type { FilesSettings } from './settings.ts'
import type { TabularFile } from './tabular.ts'
import { Workbook } from './xlsx-file.ts'

/** A table of a file, its digest, and a check that it is still the same file. */
export interface OpenTable {
  readonly place: Place
  readonly sha256: string
  readonly table: TabularFile
  /** @throws ConnectorError `source_changed`. */
  verify(): Promise<void>
  close(): Promise<void>
}

/** `folder/book.xlsx#Sheet1` into its file and sheet; other files have no sheet. */
export function splitName(name: string): { file: string; sheet: string | null } {
  const match = /^(.*\.xlsx)#(.+)$/is.exec(name)
  return match === null ? { file: name, sheet: null } : { file: match[1]!, sheet: match[2]! }
}

/** Open the table that `name` means. @throws ConnectorError. */
export async function openTable(settings: FilesSettings, name: string): Promise<OpenTable> {
  const { file, sheet } = splitName(name)
  const place = await findFile(settings.root, file)
  const isWorkbook = /\.xlsx$/i.test(file)
  const verify = () => verifyFile(place, sha256)
  let sha256 = ''
  if (!isWorkbook) {
    const scan = await scanFile(place.path, settings.encoding)
    sha256 = scan.sha256
    const { encoding } = scan
    const table = await openCsv(place.path, encoding, settings.delimiter)
    return { place, sha256, table, verify, close: async () => undefined }
  }
  if (sheet === null) throw new ConnectorError('table_missing', 'a workbook needs the name of a sheet')
  sha256 = await digestFile(place.path)
  const workbook = await Workbook.open(place.path)
  try {
    return { place, sha256, table: await workbook.sheet(sheet), verify, close: () => workbook.close() }
  } catch (error) {
    await workbook.close()
    throw error
  }
}

async function verifyFile(place: Place, sha256: string): Promise<void> {
  const now = await stat(place.path).catch(() => null)
  const same =
    now !== null && now.size === place.stats.size && now.mtimeMs === place.stats.mtimeMs && now.ino === place.stats.ino
  // Size and time can be the same for another content, within the clock's grain; the digest cannot.
  if (!same || (await digestFile(place.path)) !== sha256) {
    throw new ConnectorError('source_changed', 'the file changed', { place: { table: place.name } })
  }
}
