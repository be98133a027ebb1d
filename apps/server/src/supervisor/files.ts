import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'

/** Writes a small file so that a reader sees the old or the new content, never a half; durable when it returns. */
export function writeFileAtomic(path: string, content: string, mode = 0o644): void {
  const half = `${path}.${process.pid}.half`
  const file = openSync(half, 'w', mode)
  try {
    writeSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(half, path)
}
