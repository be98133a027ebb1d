import { readdir } from 'node:fs/promises'
import { filePathFault } from '@huitong/segment'
import type { DiscoveredTable } from '../connector.ts'
import { findFolder } from './folder.ts'
import { UNFINISHED } from './places.ts'
import type { FilesSettings } from './settings.ts'

const FOLDERS_MAX = 200

/** What of each file of a folder can be granted. The content goes as it is; the rows of a grant are chosen by the others. */
const COLUMNS = [
  { name: 'path', type: 'text', suggestedName: '文件路径' },
  { name: 'bytes', type: 'bigint', suggestedName: '文件大小' },
  { name: 'modified_at', type: 'timestamptz', suggestedName: '修改时间' },
  { name: 'content', type: 'bytea', suggestedName: '文件内容' },
] as const

/** A folder as what is mounted for files as they are: one row for each file in it. */
export async function describeFolder(settings: FilesSettings, name: string): Promise<DiscoveredTable> {
  await findFolder(settings.root, name)
  return {
    schema: '',
    name,
    kind: 'folder',
    columns: COLUMNS.map(({ name: column, type, suggestedName }, i) => ({
      name: column,
      type,
      canonicalType: type,
      nullable: false,
      length: null,
      precision: null,
      scale: null,
      position: i + 1,
      comment: null,
      suggestedName,
    })),
    primaryKey: ['path'],
    rowEstimate: null,
    comment: name === './' ? '整个文件夹，文件原样交换' : '文件夹，文件原样交换',
    suggestedName: null,
    problem: null,
  }
}

/** The root, and the folders right below it. */
export async function listFolders(settings: FilesSettings): Promise<DiscoveredTable[]> {
  const root = await findFolder(settings.root, './')
  const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
  const names = entries
    .filter((entry) => entry.isDirectory() && !UNFINISHED.test(entry.name) && filePathFault(entry.name) === null)
    .map(({ name }) => `${name}/`)
    .sort()
  return Promise.all(['./', ...names.slice(0, FOLDERS_MAX)].map((name) => describeFolder(settings, name)))
}
