import { equalBytes, hexText, utf8Bytes, utf8Text } from './bytes.ts'
import { openCheckpoint, signCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { edgeRoot, growEdge, loadEdge } from './edge.ts'
import type { LogFile } from './edge.ts'
import { LedgerError, LedgerFatalError } from './errors.ts'
import type { NoteSigner, NoteVerifier } from './note.ts'
import { makeTlogProof } from './proof.ts'
import { CHECKPOINT_PATH } from './storage.ts'
import type { CheckpointLock, TileStore } from './storage.ts'
import { decodeBundle, encodeBundle, tileHashReader } from './tiles.ts'
import type { Fetch } from './tiles.ts'
import { consistencyProof, emptyRoot } from './tree.ts'
import type { Hash } from './tree.ts'

/** Entries and bytes of one batch; both bound the memory of the writer. */
export const BATCH_ENTRIES_MAX = 65_536
export const BATCH_BYTES_MAX = 64 * 1024 * 1024

export interface LogOptions {
  /** Name of the log, a schema-less URL such as `huitong.example/2026`; equals the name of the first signer. */
  origin: string
  store: TileStore
  lock: CheckpointLock
  /** The first signs as the log; others (SM2) add signature lines of their own. */
  signers: readonly NoteSigner[]
  /** Former keys of this log under the same name, still believed when an old checkpoint is read back. */
  formerVerifiers?: readonly NoteVerifier[]
}

/** Where a batch went. Its entries have the indexes firstIndex to size - 1. */
export interface AppendResult {
  firstIndex: number
  size: number
  root: Hash
  /** The signed checkpoint that covers the batch. */
  checkpoint: string
}

/** A log with a single writer. */
export interface Log {
  /**
   * Appends entries in order and resolves when they are durable, signed and published. Calls are queued. After an
   * error the batch was either not appended or (an error after the lock moved) is appended and will be published by
   * the next call: the lock tells which. Throws `lock_conflict`, `edge_damaged`, `tile_missing`, … (LedgerError).
   */
  appendBatch(entries: readonly Uint8Array[]): Promise<AppendResult>
  /** Brings storage and publication up to the lock's checkpoint; every append does this first. */
  recover(): Promise<Checkpoint>
  /** The published signed checkpoint. */
  published(): Promise<string>
  /** Offline proof (tlog-proof text) that entry `index` is in the published tree. */
  proveInclusion(index: number): Promise<string>
  /** Consistency proof from a tree of `oldSize` entries to the published one. */
  proveConsistency(oldSize: number): Promise<{ checkpoint: string; proof: Hash[] }>
}

interface Head extends Checkpoint {
  note: string
}

/** Path of a staged batch; it names the tree that the batch leads to, so batches that lost a race never meet. */
function stagingPath({ size, root }: { size: number; root: Hash }): string {
  return `staging/${size}-${hexText(root)}`
}

const STAGED_HEADER_BYTES = 12

function encodeStaged(firstIndex: number, entries: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(STAGED_HEADER_BYTES)
  header.writeBigUInt64BE(BigInt(firstIndex))
  header.writeUInt32BE(entries.length, 8)
  return Buffer.concat([header, encodeBundle(entries)])
}

function decodeStaged(bytes: Uint8Array, path: string): { firstIndex: number; entries: Uint8Array[] } {
  if (bytes.byteLength < STAGED_HEADER_BYTES) throw new LedgerError('staging_damaged', 'cut off', path)
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, STAGED_HEADER_BYTES)
  const firstIndex = Number(header.readBigUInt64BE())
  const count = header.readUInt32BE(8)
  if (count > BATCH_ENTRIES_MAX) throw new LedgerError('staging_damaged', `${count} entries`, path)
  return { firstIndex, entries: decodeBundle(bytes.subarray(STAGED_HEADER_BYTES), count, path) }
}

/** Creates an empty log: signs the checkpoint of size 0. Throws `log_exists` when lock or store hold one already. */
export async function createLog(options: LogOptions): Promise<Log> {
  const { origin, store, lock, signers } = options
  if ((await lock.fetch()) !== undefined || (await store.fetch(CHECKPOINT_PATH)) !== undefined) {
    throw new LedgerError('log_exists', origin)
  }
  const root = emptyRoot()
  const note = await signCheckpoint({ origin, size: 0, root }, signers)
  if (!(await lock.compareAndSwap(undefined, note, { firstIndex: 0, size: 0, root }))) {
    throw new LedgerError('log_exists', origin)
  }
  const log = openLog(options)
  await log.recover()
  return log
}

/**
 * Opens a log for writing. The order of writes is: staged batch, compare-and-swap of the signed checkpoint, bundles,
 * tiles, published checkpoint. Each is durable before the next begins. Only the owner of the swap writes tiles, and
 * their content follows from the swap, so a second writer or a crash at any point can neither overwrite what was
 * published nor leave a signed tree that cannot be completed.
 */
export function openLog(options: LogOptions): Log {
  return new LogWriter(options)
}

class LogWriter implements Log {
  readonly #options: LogOptions
  readonly #verifiers: readonly NoteVerifier[]
  readonly #fetch: Fetch
  #queue: Promise<unknown> = Promise.resolve()
  #fatal: LedgerFatalError | undefined

  constructor(options: LogOptions) {
    if (options.signers[0]?.name !== options.origin) {
      throw new LedgerError('bad_origin', 'the first key must bear the name of the log', 'signers')
    }
    this.#options = options
    this.#verifiers = [...options.signers.map((signer) => signer.verifier), ...(options.formerVerifiers ?? [])]
    this.#fetch = (path) => options.store.fetch(path)
  }

  appendBatch(entries: readonly Uint8Array[]): Promise<AppendResult> {
    return this.#exclusive(() => this.#append(entries))
  }

  recover(): Promise<Checkpoint> {
    return this.#exclusive(async () => {
      const { origin, size, root } = await this.#recover()
      await loadEdge(this.#fetch, size, root)
      return { origin, size, root }
    })
  }

  async published(): Promise<string> {
    const bytes = await this.#fetch(CHECKPOINT_PATH)
    if (bytes === undefined) throw new LedgerError('log_missing', 'no published checkpoint', CHECKPOINT_PATH)
    return this.#open(utf8Text(bytes, 'bad_note', CHECKPOINT_PATH)).note
  }

  async proveInclusion(index: number): Promise<string> {
    return await makeTlogProof(this.#fetch, await this.published(), index)
  }

  async proveConsistency(oldSize: number): Promise<{ checkpoint: string; proof: Hash[] }> {
    const checkpoint = await this.published()
    const { size } = this.#open(checkpoint)
    return { checkpoint, proof: await consistencyProof(tileHashReader(this.#fetch, size), oldSize, size) }
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      if (this.#fatal !== undefined) throw this.#fatal
      try {
        return await work()
      } catch (error) {
        if (error instanceof LedgerFatalError) this.#fatal = error
        throw error
      }
    })
    this.#queue = result.catch(() => undefined)
    return result
  }

  #open(note: string): Head {
    const checkpoint = openCheckpoint(note, this.#verifiers)
    if (checkpoint.origin !== this.#options.origin) throw new LedgerError('bad_origin', checkpoint.origin, 'checkpoint')
    return { ...checkpoint, note }
  }

  async #append(entries: readonly Uint8Array[]): Promise<AppendResult> {
    checkBatch(entries)
    const { origin, store, lock, signers } = this.#options
    const head = await this.#recover()
    const grown = growEdge(await loadEdge(this.#fetch, head.size, head.root), entries)
    const next: Checkpoint = { origin, size: grown.edge.size, root: edgeRoot(grown.edge) }
    const nextHead = this.#open(await signCheckpoint(next, signers))
    const path = stagingPath(next)
    await store.upload(path, encodeStaged(head.size, entries))
    const facts = { firstIndex: head.size, size: next.size, root: next.root }
    if (!(await lock.compareAndSwap(head.note, nextHead.note, facts))) {
      await store.remove(path)
      throw new LedgerError('lock_conflict', `the checkpoint of size ${head.size} was replaced by another writer`)
    }
    await this.#publish(nextHead, grown)
    return { ...facts, checkpoint: nextHead.note }
  }

  /** The lock's checkpoint, after storage and publication were brought up to it. */
  async #recover(): Promise<Head> {
    const note = await this.#options.lock.fetch()
    if (note === undefined) throw new LedgerError('log_missing', this.#options.origin)
    const head = this.#open(note)
    const bytes = await this.#fetch(CHECKPOINT_PATH)
    const text = bytes === undefined ? undefined : utf8Text(bytes, 'bad_note', CHECKPOINT_PATH)
    if (text === note) return head
    if (text !== undefined) {
      const published = this.#open(text)
      if (published.size > head.size || (published.size === head.size && !equalBytes(published.root, head.root))) {
        throw new LedgerError('log_rolled_back', `published ${published.size}, lock ${head.size}`, CHECKPOINT_PATH)
      }
    }
    const staged = await this.#fetch(stagingPath(head))
    if (staged === undefined) {
      await loadEdge(this.#fetch, head.size, head.root)
      await this.#publish(head, { bundles: [], tiles: [] })
    } else {
      await this.#publish(head, await regrow(head, staged, this.#fetch))
    }
    return head
  }

  /** Stores what the lock has accepted; the same for a new batch and for one that a crash left behind. */
  async #publish(head: Head, files: { bundles: LogFile[]; tiles: LogFile[] }): Promise<void> {
    const { store } = this.#options
    for (const group of [files.bundles, files.tiles]) {
      const results = await Promise.allSettled(group.map((file) => store.upload(file.path, file.bytes)))
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
      if (failures.length > 0) throw failures.find((error) => error instanceof LedgerFatalError) ?? failures[0]
    }
    await store.replace(CHECKPOINT_PATH, utf8Bytes(head.note, 'bad_note'))
    await store.remove(stagingPath(head))
  }
}

/** Rebuilds the files of a batch that the lock has accepted, from its staged copy. */
async function regrow(head: Checkpoint, staged: Uint8Array, fetch: Fetch): Promise<ReturnType<typeof growEdge>> {
  const path = stagingPath(head)
  const { firstIndex, entries } = decodeStaged(staged, path)
  if (firstIndex + entries.length !== head.size) throw new LedgerError('staging_damaged', 'size', path)
  // The old edge needs no root of its own: it is part of the new root, which the lock vouches for.
  const grown = growEdge(await loadEdge(fetch, firstIndex), entries)
  if (!equalBytes(edgeRoot(grown.edge), head.root)) {
    throw new LedgerError('staging_damaged', 'the staged batch does not lead to the signed root', path)
  }
  return grown
}

function checkBatch(entries: readonly Uint8Array[]): void {
  if (entries.length === 0 || entries.length > BATCH_ENTRIES_MAX) {
    throw new LedgerError('bad_input', `${entries.length} entries; a batch has 1 to ${BATCH_ENTRIES_MAX}`)
  }
  const bytes = entries.reduce((total, entry) => total + entry.byteLength, 0)
  if (bytes > BATCH_BYTES_MAX)
    throw new LedgerError('bad_input', `${bytes} bytes; a batch has at most ${BATCH_BYTES_MAX}`)
}
