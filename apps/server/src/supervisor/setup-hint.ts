import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where the one-time set-up token lies, for who starts a platform that has no administrators yet; else nothing. */
export function setupHint(dataDir: string): string[] {
  const path = join(dataDir, 'secrets', 'setup-token')
  return existsSync(path) ? [`初始化口令在此文件中 the one-time set-up token is in: ${path}`] : []
}
