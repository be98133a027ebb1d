import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = join(import.meta.dirname, '../../..')

/** A file of the referees' data, or undefined, loudly, when this machine does not have it. */
export function refereeFile(name: string): string | undefined {
  const path = join(resolve(ROOT, process.env['HUITONG_REFEREES'] ?? '../shared/data'), name)
  if (existsSync(path)) return path
  console.warn(`SKIPPED: no referee data at ${path}; set HUITONG_REFEREES`)
  return undefined
}
