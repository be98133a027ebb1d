import type { ConnectorDescription, FieldConnector, TestResult } from '../connector.ts'
import { describeFile, discover } from './discover.ts'
import { listFiles } from './places.ts'
import { readRows } from './read-rows.ts'
import { FilesSettings, UploadsSettings } from './settings.ts'

/** Shared by all kinds whose files are read in a folder of the node. */
export const DESCRIPTION: ConnectorDescription = {
  kind: 'files',
  words: {
    zh: '文件夹（CSV、XLSX、JSON Lines、XML，或任意文件原样）',
    en: 'Folder (CSV, XLSX, JSON lines, XML, or any files as they are)',
  },
  settingsSchema: FilesSettings,
  defaultSchema: () => '',
  capabilities: {
    snapshot: true,
    sqlFragments: false,
    load: false,
    digest: false,
    repair: false,
    cursor: false,
    changes: false,
    folders: true,
    receivesFiles: true,
  },
}

/**
 * Files that a department uploads by the portal. The node fetches them into a folder of its own and reads that by
 * {@link files}.
 */
export const UPLOADED: ConnectorDescription = {
  ...DESCRIPTION,
  kind: 'uploads',
  words: { zh: '门户上传的文件', en: 'Files uploaded by the portal' },
  settingsSchema: UploadsSettings,
  capabilities: { ...DESCRIPTION.capabilities, receivesFiles: false },
}

/** The connector for a folder with files that hold tables. */
export const files: FieldConnector<FilesSettings> = {
  describe: () => DESCRIPTION,
  async test(settings): Promise<TestResult> {
    const started = performance.now()
    const { names } = await listFiles(settings.root, 1000)
    return { ok: true, server: `${names.length} files`, elapsedMs: Math.round(performance.now() - started) }
  },
  discover,
  describeTable: describeFile,
  readRows,
}
