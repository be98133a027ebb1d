import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../..')

/** Folder of a referee's data, or undefined after saying loudly that its tests are skipped. */
export function refereeFolder(name: string): string | undefined {
  const folder = join(resolve(ROOT, process.env['HUITONG_REFEREES'] ?? '../shared/data'), name)
  if (existsSync(folder)) return folder
  // oxlint-disable-next-line no-console -- a skipped referee must be seen
  console.warn(`SKIPPED: no referee data at ${folder}; set HUITONG_REFEREES`)
  return undefined
}
