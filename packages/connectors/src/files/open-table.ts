import { open, stat } from 'node:fs/promises'
import { ConnectorError } from '../errors.ts'
import { openCsv } from './csv-file.ts'
import { openJsonLines } from './json-lines.ts'
import { findFile, type Place } from './places.ts'
import type { FilesSettings } from './settings.ts'
import type { TabularFile } from './tabular.ts'
import { digestFile, type FileScan, scanFile } from './text.ts'
import { Workbook } from './xlsx-file.ts'
import { declaredEncoding, openXml, xmlTables } from './xml-file.ts'

/** A table of a file, its digest, and a check that it is still the same file. */
export interface OpenTable {
  readonly place: Place
  readonly sha256: string
  readonly table: TabularFile
  /** @throws ConnectorError `source_changed`. */
  verify(): Promise<void>
  close(): Promise<void>
}

/** `folder/book.xlsx#Sheet1` into its file and sheet, `people.xml#person` into its file and record; others have no part. */
function splitName(name: string): { file: string; part: string | null } {
  const match = /^(.*\.(?:xlsx|xml))#(.+)$/is.exec(name)
  return match === null ? { file: name, part: null } : { file: match[1]!, part: match[2]! }
}

/** The file that holds a table. */
export const fileOfTable = (name: string): string => splitName(name).file

const isWorkbook = (file: string) => /\.xlsx$/i.test(file)
const isXml = (file: string) => /\.xml$/i.test(file)

/** The tables of a file that has several: sheets, kinds of records; null for one that is a table itself. @throws ConnectorError. */
export async function partsOf(settings: FilesSettings, name: string): Promise<string[] | null> {
  if (!isWorkbook(name) && !isXml(name)) return null
  const { path } = await findFile(settings.root, name)
  if (isXml(name)) return nonEmpty(await xmlTables(path, (await scanText(path, name, settings)).encoding))
  const workbook = await Workbook.open(path)
  const { sheetNames } = workbook
  await workbook.close()
  return nonEmpty(sheetNames)
}

function nonEmpty(parts: string[]): string[] {
  if (parts.length === 0) throw new ConnectorError('bad_file', 'the file has no table that is to be seen')
  return parts
}

/** Open the table that `name` means. @throws ConnectorError. */
export async function openTable(settings: FilesSettings, name: string): Promise<OpenTable> {
  const { file, part } = splitName(name)
  const place = await findFile(settings.root, file)
  const { path } = place
  if (part === null && (isWorkbook(file) || isXml(file))) {
    await partsOf(settings, file)
    throw new ConnectorError('table_missing', 'this file needs the name of a sheet or record')
  }
  if (isWorkbook(file)) {
    const sha256 = await digestFile(path)
    const workbook = await Workbook.open(path)
    const close = () => workbook.close()
    try {
      return { place, sha256, table: await workbook.sheet(part!), verify: () => verifyFile(place, sha256), close }
    } catch (error) {
      await close()
      throw error
    }
  }
  const { sha256, encoding } = await scanText(path, file, settings)
  const table = isXml(file)
    ? await openXml(path, encoding, part!)
    : /\.(?:jsonl|ndjson)$/i.test(file)
      ? await openJsonLines(path, encoding)
      : await openCsv(path, encoding, settings.delimiter)
  return { place, sha256, table, verify: () => verifyFile(place, sha256), close: async () => undefined }
}

/** What an XML file says of its encoding counts where nobody has set one. */
async function scanText(path: string, name: string, settings: FilesSettings): Promise<FileScan> {
  if (!isXml(name) || settings.encoding !== 'auto') return scanFile(path, settings.encoding)
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0)
    return await scanFile(path, declaredEncoding(buffer.toString('latin1', 0, bytesRead).replace(/^ï»¿/, '')) ?? 'auto')
  } finally {
    await handle.close()
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
