import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { equalBytes } from './bytes.ts'
import { LedgerError, LedgerFatalError } from './errors.ts'
import { CHECKPOINT_PATH, isStagingPath } from './storage.ts'
import type { TileStore } from './storage.ts'
import { parseTilePath } from './tiles.ts'

/** What a test may bend: how an open file or folder reaches the disk. */
export interface LocalTileStoreOptions {
  sync?: (handle: FileHandle) => Promise<void>
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function checkedPath(path: string): string {
  if (path === CHECKPOINT_PATH || isStagingPath(path) || parseTilePath(path) !== undefined) return path
  throw new LedgerError('bad_path', 'not a path of a log', path)
}

/**
 * A tile store in a local folder, laid out as C2SP tlog-tiles serves it, so that a static web server can publish it.
 * A file is written under a temporary name, synced, linked to its name, and its folder synced. A failed fsync throws
 * LedgerFatalError, is never retried, and every later write of this store throws the same error: end the process.
 */
export function localTileStore(folder: string, options: LocalTileStoreOptions = {}): TileStore {
  return new LocalTileStore(folder, options)
}

class LocalTileStore implements TileStore {
  readonly #folder: string
  readonly #sync: (handle: FileHandle) => Promise<void>
  readonly #durableFolders = new Set<string>()
  #fatal: LedgerFatalError | undefined

  constructor(folder: string, options: LocalTileStoreOptions) {
    this.#folder = folder
    this.#sync = options.sync ?? ((handle) => handle.sync())
  }

  async fetch(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(join(this.#folder, checkedPath(path)))
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
      throw error
    }
  }

  async upload(path: string, bytes: Uint8Array): Promise<void> {
    const target = join(this.#folder, checkedPath(path))
    await this.#ensureFolder(dirname(target))
    const temporary = await this.#writeTemporary(bytes, path)
    try {
      // A link, unlike a rename, never replaces what another writer stored.
      await link(temporary, target)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
      const stored = await this.fetch(path)
      if (stored === undefined || !equalBytes(stored, bytes)) {
        throw new LedgerError('tile_conflict', 'other bytes are stored here', path, { cause: error })
      }
    } finally {
      await unlink(temporary)
    }
    await this.#syncFolder(dirname(target))
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    if (path !== CHECKPOINT_PATH) throw new LedgerError('bad_path', 'only the checkpoint may change', path)
    await this.#ensureFolder(this.#folder)
    await rename(await this.#writeTemporary(bytes, path), join(this.#folder, path))
    await this.#syncFolder(this.#folder)
  }

  async remove(path: string): Promise<void> {
    if (!isStagingPath(path)) throw new LedgerError('bad_path', 'only a staged batch may be removed', path)
    await unlink(join(this.#folder, path)).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error
    })
  }

  async #syncHandle(handle: FileHandle, place: string): Promise<void> {
    if (this.#fatal !== undefined) throw this.#fatal
    try {
      await this.#sync(handle)
    } catch (cause) {
      this.#fatal ??= new LedgerFatalError('fsync failed', place, { cause })
      throw this.#fatal
    }
  }

  async #syncFolder(path: string): Promise<void> {
    const handle = await open(path, 'r')
    try {
      await this.#syncHandle(handle, path)
    } finally {
      await handle.close()
    }
  }

  async #ensureFolder(path: string): Promise<void> {
    if (this.#durableFolders.has(path)) return
    if (path !== this.#folder) await this.#ensureFolder(dirname(path))
    await mkdir(path, { recursive: path === this.#folder }).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error
    })
    await this.#syncFolder(dirname(path))
    this.#durableFolders.add(path)
  }

  /** Writes a synced temporary file and returns its name. */
  async #writeTemporary(bytes: Uint8Array, path: string): Promise<string> {
    if (this.#fatal !== undefined) throw this.#fatal
    const temporary = join(this.#folder, '.tmp', randomBytes(12).toString('hex'))
    await this.#ensureFolder(dirname(temporary))
    const handle = await open(temporary, 'wx', 0o644)
    try {
      await handle.writeFile(bytes)
      await this.#syncHandle(handle, path)
    } catch (error) {
      await unlink(temporary).catch(() => undefined)
      throw error
    } finally {
      await handle.close()
    }
    return temporary
  }
}
