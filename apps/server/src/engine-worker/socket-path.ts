import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Path limit of a unix-domain socket: 108 bytes on Linux, 104 on macOS. */
const SOCKET_PATH_BYTES_MAX = 100

/**
 * The path at which both ends meet for a wanted socket path: that path, or one in a private temporary folder, derived
 * from it, when it is longer than the operating system allows.
 */
export function usableSocketPath(wanted: string): string {
  if (Buffer.byteLength(wanted) <= SOCKET_PATH_BYTES_MAX) return wanted
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 16)
  const folder = join(tmpdir(), `huitong-${process.getuid?.() ?? 0}-${name}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return join(folder, 'engine.sock')
}
