import { createHash } from 'node:crypto'
import { filePathFault } from '@huitong/segment'
import type { Client, ConnectConfig, FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2'
import { ConnectorError } from '../../errors.ts'
import { DEPTH_MAX, FOLDER_FILES_MAX, printable } from '../folder.ts'
import { UNFINISHED } from '../places.ts'
import type { RemoteFile, RemoteLook, RemotePlace } from './place.ts'
import type { SftpSettings } from './settings.ts'

const CONNECT_TIMEOUT_MS = 20_000
/** Until the server has opened its file transfer. */
const OPEN_TIMEOUT_MS = 40_000
const KEEPALIVE_MS = 15_000
/** What servers give in one answer at least (SFTP version 3), and how many questions are on the way at a time. */
const READ_BYTES = 32 * 1024
const READS_AHEAD = 32
const STALL_TIMEOUT_MS = 120_000

/** Status codes of SFTP version 3 (draft-ietf-secsh-filexfer-02, section 7), as far as they are told apart. */
const STATUS = { eof: 1, noSuchFile: 2, permissionDenied: 3 } as const

/**
 * Opens a folder by SFTP.
 * @throws ConnectorError `unreachable`, `host_key` with the key that the server has, `access_denied`, `table_missing`,
 *   `file_denied`.
 */
export async function openSftp(settings: SftpSettings, signal: AbortSignal): Promise<RemotePlace> {
  signal.throwIfAborted()
  // Loaded where it is used: most processes never are.
  const { default: ssh2 } = await import('ssh2')
  const client = new ssh2.Client()
  const seen = { key: '' }
  let late: NodeJS.Timeout | undefined
  try {
    const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
      // Bound before anything can go wrong, and for as long as the client lives: nobody else hears an error.
      client.on('error', reject)
      client.on('close', () => reject(new Error('the connection was closed')))
      signal.addEventListener('abort', () => (reject(signal.reason as Error), client.destroy()), { once: true })
      late = setTimeout(() => reject(new Error('no answer')), OPEN_TIMEOUT_MS)
      client.on('ready', () => client.sftp((error, opened) => (error ? reject(error) : resolve(opened))))
      client.connect(configOf(settings, seen))
    })
    return new SftpPlace(client, sftp, settings.folder.replace(/\/+$/, ''), signal)
  } catch (cause) {
    client.destroy()
    signal.throwIfAborted()
    throw connectError(cause, settings, seen.key)
  } finally {
    clearTimeout(late)
  }
}

const configOf = (settings: SftpSettings, seen: { key: string }): ConnectConfig => ({
  host: settings.host,
  port: settings.port,
  username: settings.user,
  ...(settings.password ? { password: settings.password } : {}),
  ...(settings.privateKey ? { privateKey: settings.privateKey } : {}),
  readyTimeout: CONNECT_TIMEOUT_MS,
  keepaliveInterval: KEEPALIVE_MS,
  hostVerifier: (key: Buffer) => {
    seen.key = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
    return seen.key === settings.hostKey
  },
})

function connectError(cause: unknown, { host, port, hostKey }: SftpSettings, seen: string): ConnectorError {
  const level = cause instanceof Error && 'level' in cause ? cause.level : null
  const message = cause instanceof Error ? cause.message : String(cause)
  if (seen !== '' && seen !== hostKey)
    return new ConnectorError('host_key', 'another host key', { place: { setting: seen }, cause })
  const place = { setting: `${host}:${port}` }
  if (level === 'client-authentication') return new ConnectorError('access_denied', message, { place, cause })
  if (message.startsWith('Cannot parse privateKey'))
    return new ConnectorError('bad_settings', 'the private key cannot be read', { place, cause })
  return new ConnectorError('unreachable', message, { place, cause })
}

class SftpPlace implements RemotePlace {
  readonly server = 'SFTP'
  readonly isAtomic = false
  readonly #client: Client
  readonly #sftp: SFTPWrapper
  readonly #folder: string
  readonly #signal: AbortSignal
  #lost: Error | null = null

  constructor(client: Client, sftp: SFTPWrapper, folder: string, signal: AbortSignal) {
    this.#client = client
    this.#sftp = sftp
    this.#folder = folder
    this.#signal = signal
    // Each question waits for the end of the line too.
    client.setMaxListeners(READS_AHEAD + 10)
    client.on('error', (error) => (this.#lost ??= error))
    client.on('close', () => (this.#lost ??= new Error('the connection was closed')))
  }

  async list(held: Parameters<RemotePlace['list']>[0]): Promise<RemoteLook> {
    const files: RemoteFile[] = []
    const folders: string[] = []
    const walk = async (path: string, depth: number): Promise<void> => {
      for await (const { filename, attrs } of this.#entries(path)) {
        if (filename === '.' || filename === '..' || UNFINISHED.test(filename)) continue
        const inner = path === '' ? filename : `${path}/${filename}`
        if (filePathFault(inner) !== null || depth > DEPTH_MAX) held(printable(inner), 'name')
        else if (attrs.isSymbolicLink()) held(inner, 'link')
        else if (attrs.isDirectory()) {
          folders.push(inner)
          await walk(inner, depth + 1).catch((error: unknown) => {
            if (!(error instanceof ConnectorError) || error.code !== 'file_denied') throw error
            held(inner, 'unreadable')
          })
        } else if (!attrs.isFile()) held(inner, 'special')
        else files.push(fileOf(inner, attrs))
        if (files.length > FOLDER_FILES_MAX || folders.length > FOLDER_FILES_MAX)
          throw new ConnectorError('file_refused', `more than ${FOLDER_FILES_MAX} files`, {
            place: { file: this.#folder },
          })
      }
    }
    await walk('', 1)
    return { files: files.sort(byPath), folders: folders.sort() }
  }

  /** A folder's entries as the server gives them, some at a time. */
  async *#entries(path: string): AsyncGenerator<FileEntryWithStats> {
    const at = this.#at(path)
    const handle = await this.#ask<Buffer>(path, (done) => this.#sftp.opendir(at, done))
    try {
      for (;;) {
        const some = await this.#ask<FileEntryWithStats[]>(path, (done) =>
          this.#sftp.readdir(handle, (error, list) => (isEnd(error) ? done(undefined, []) : done(error, list))),
        )
        if (some.length === 0) return
        yield* some
      }
    } finally {
      this.#sftp.close(handle, () => undefined)
    }
  }

  async *read(file: RemoteFile, from: number): AsyncGenerator<Buffer> {
    const handle = await this.#ask<Buffer>(file.path, (done) => this.#sftp.open(this.#at(file.path), 'r', done))
    try {
      await this.#requireSame(file, handle)
      const ahead: Promise<Buffer>[] = []
      for (let at = from, asked = from; at < file.bytes;) {
        for (; asked < file.bytes && ahead.length < READS_AHEAD; asked += READ_BYTES) {
          const piece = this.#piece(file, handle, asked)
          piece.catch(() => undefined)
          ahead.push(piece)
        }
        const data = await ahead.shift()!
        yield data
        at += data.length
      }
      await this.#requireSame(file, handle)
    } finally {
      this.#sftp.close(handle, () => undefined)
    }
  }

  /** A piece of full size, or up to the end; servers may answer with less than was asked. */
  async #piece(file: RemoteFile, handle: Buffer, at: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, file.bytes - at))
    for (let filled = 0; filled < buffer.length;) {
      const got = await this.#ask<number>(file.path, (done) =>
        this.#sftp.read(handle, buffer, filled, buffer.length - filled, at + filled, (error, bytes) =>
          isEnd(error) ? done(undefined, 0) : done(error, bytes),
        ),
      )
      if (got === 0) throw changed(file)
      filled += got
    }
    return buffer
  }

  async #requireSame(file: RemoteFile, handle: Buffer): Promise<void> {
    const stats = await this.#ask<Stats>(file.path, (done) => this.#sftp.fstat(handle, done))
    if (!stats.isFile() || fileOf(file.path, stats).version !== file.version) throw changed(file)
  }

  #at(path: string): string {
    return path === '' ? this.#folder || '/' : `${this.#folder}/${path}`
  }

  /** One question to the server; its answer comes within {@link STALL_TIMEOUT_MS}, or the line is given up. */
  #ask<T>(path: string, ask: (done: (error: Error | undefined, answer: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#lost !== null) return reject(this.#error(this.#lost, path))
      const late = setTimeout(() => {
        this.#lost ??= new Error('no answer')
        this.#client.destroy()
        settle(() => reject(new ConnectorError('stalled', 'no answer', { place: { file: path } })))
      }, STALL_TIMEOUT_MS)
      const closed = () => settle(() => reject(this.#error(this.#lost ?? new Error('closed'), path)))
      const settle = (end: () => void) => {
        clearTimeout(late)
        this.#client.off('close', closed)
        end()
      }
      this.#client.on('close', closed)
      ask((error, answer) => settle(() => (error ? reject(this.#error(error, path)) : resolve(answer))))
    })
  }

  #error(cause: Error, path: string): ConnectorError {
    this.#signal.throwIfAborted()
    const file = path === '' ? this.#folder : path
    const status = 'code' in cause ? cause.code : null
    if (status === STATUS.noSuchFile)
      return new ConnectorError('table_missing', 'not there', { place: { file }, cause })
    if (status === STATUS.permissionDenied)
      return new ConnectorError('file_denied', cause.message, { place: { file }, cause })
    return new ConnectorError('connection_lost', cause.message, { place: { file }, cause })
  }

  async close(): Promise<void> {
    this.#client.end()
  }
}

const isEnd = (error: Error | undefined | null): boolean =>
  error !== undefined && error !== null && 'code' in error && error.code === STATUS.eof

const changed = ({ path }: RemoteFile) =>
  new ConnectorError('source_changed', 'another file stands there now', { place: { file: path } })

const byPath = (a: RemoteFile, b: RemoteFile) => (a.path < b.path ? -1 : 1)

const fileOf = (path: string, { size, mtime }: Pick<Stats, 'size' | 'mtime'>): RemoteFile => ({
  path,
  bytes: size,
  version: `${size}-${mtime}`,
  modifiedMs: mtime * 1000,
})
