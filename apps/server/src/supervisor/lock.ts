import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { writeFileAtomic } from './files.ts'

/**
 * Takes the lock of a data folder for as long as this process lives, and returns how to give it back.
 * Throws with a message for people when another supervisor holds it.
 *
 * The lock is SQLite's file lock, the only lock of the kernel that Node.js offers: it is gone the moment its holder is,
 * so there are no stale locks to guess about.
 */
export function lockDataFolder(dataDir: string): () => void {
  const run = join(dataDir, 'run')
  mkdirSync(run, { recursive: true, mode: 0o755 })
  const holder = join(run, 'supervisor.pid')
  const lock = new DatabaseSync(join(run, 'supervisor.lock'), { timeout: 0 })
  try {
    lock.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw new Error(
      `数据目录 ${dataDir} 已被另一个汇通进程（${readHolder(holder)}）使用。\n` +
        `Data folder ${dataDir} is in use by another Huitong supervisor (pid ${readHolder(holder)}). ` +
        'Stop it first, or set HUITONG_DATA to another folder.',
      { cause: error },
    )
  }
  writeFileAtomic(holder, `${process.pid}\n`)
  return () => lock.close()
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return '?'
  }
}
