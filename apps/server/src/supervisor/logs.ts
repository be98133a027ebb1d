import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
} from 'node:fs'
import { join } from 'node:path'

const LOG_BYTES_MAX = 16 * 1024 * 1024
const OLD_LOGS_MAX = 3

/** One process's log file; the process writes to it itself, so nothing is lost when the supervisor dies. */
export interface ProcessLog {
  path: string
  /** Opened for appending; give it to the child as stdout and stderr. */
  fd: number
  /** Moves the content to `<name>.log.1` (and older ones on) when the file has grown over its limit. */
  rotate(bytesMax?: number): void
  /** The last lines, to show when a process failed. */
  tail(lines: number): string[]
  close(): void
}

/** Opens `<dataDir>/logs/<name>.log`. */
export function openLog(dataDir: string, name: string): ProcessLog {
  const folder = join(dataDir, 'logs')
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const path = join(folder, `${name}.log`)
  const fd = openSync(path, 'a+', 0o640)
  return {
    path,
    fd,
    rotate: (bytesMax = LOG_BYTES_MAX) => {
      if (fstatSync(fd).size <= bytesMax) return
      for (let age = OLD_LOGS_MAX - 1; age >= 1; age--) {
        if (existsSync(`${path}.${age}`)) renameSync(`${path}.${age}`, `${path}.${age + 1}`)
      }
      // The child holds the descriptor, so the file itself stays and is emptied; it was opened for appending, so the
      // child's next line goes to the beginning.
      copyFileSync(path, `${path}.1`)
      ftruncateSync(fd)
    },
    tail: (lines) => lastLines(fd, lines),
    close: () => closeSync(fd),
  }
}

function lastLines(fd: number, lines: number): string[] {
  const size = fstatSync(fd).size
  const buffer = Buffer.alloc(Math.min(size, 8192))
  const read = readSync(fd, buffer, 0, buffer.length, size - buffer.length)
  return buffer.toString('utf8', 0, read).trimEnd().split('\n').slice(-lines)
}
