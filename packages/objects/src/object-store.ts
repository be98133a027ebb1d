import type { Readable } from 'node:stream'

/** What the caller says that the content is; the store verifies it. */
export interface Expected {
  /** Lowercase hexadecimal SHA-256 of the whole content. */
  sha256: string
  bytes: number
}

/** From `from` (0-based) on, `bytes` of them or up to the end. */
export interface ByteRange {
  from: number
  bytes?: number
}

export interface ObjectHead {
  key: string
  bytes: number
}

export interface ListPage {
  /** In byte order of their keys. */
  objects: ObjectHead[]
  /** Give it as `after` for the next page; undefined on the last one. */
  next?: string
}

/** How far an upload has come. */
export interface UploadState {
  /** Bytes that are durable; the next append starts here. */
  offset: number
  bytes: number
}

/**
 * A store of immutable objects. Keys are paths of `[A-Za-z0-9._=-]` segments (no segment begins with a dot), at most 512
 * bytes. All methods reject with `StorageError`, or with `FatalDurabilityError`, after which the process must end.
 */
export interface ObjectStore {
  /**
   * Stores an object whole or not at all; durable when it resolves. `present`: the same content was there already (the
   * given content is then not read). Rejects with storage.conflict when other content has this key,
   * storage.size_mismatch, storage.digest_mismatch, storage.full.
   */
  putIfAbsent(key: string, content: AsyncIterable<Uint8Array>, expected: Expected): Promise<'stored' | 'present'>
  /** Reads an object or a range of it. Rejects with storage.absent, storage.bad_range. */
  get(key: string, range?: ByteRange): Promise<Readable>
  /** Size of an object; undefined when there is none. */
  head(key: string): Promise<ObjectHead | undefined>
  /** Removes an object, durably; false when there was none. */
  delete(key: string): Promise<boolean>
  /** Objects whose key begins with `prefix`, after the key `after`, at most `limit` (1 to 1000, default 1000). */
  list(options?: { prefix?: string; after?: string; limit?: number }): Promise<ListPage>

  /**
   * Begins a resumable upload (tus semantics), or finds it again. `id` is 1 to 64 of `[A-Za-z0-9_-]`. Rejects with
   * storage.conflict when the id was begun for something else, storage.full.
   */
  openUpload(id: string, target: Expected & { key: string }): Promise<UploadState>
  /** How far it has come; rejects with storage.upload_absent. */
  uploadState(id: string): Promise<UploadState>
  /**
   * Adds content at `offset` and resolves to the new state when it is durable. When the content breaks off, what came is
   * kept and the error is passed on. Rejects with storage.offset_mismatch (`detail.offset` is the true one),
   * storage.upload_busy, storage.size_mismatch (nothing of it is kept), storage.full.
   */
  append(id: string, offset: number, content: AsyncIterable<Uint8Array>): Promise<UploadState>
  /**
   * Verifies the whole and makes it an object, durably. Rejects with storage.size_mismatch while it is incomplete, and
   * with storage.digest_mismatch when it is not what was declared; the upload is then removed and must begin anew.
   */
  finish(id: string): Promise<'stored' | 'present'>
  /** Removes an unfinished upload. */
  abortUpload(id: string): Promise<void>
}
