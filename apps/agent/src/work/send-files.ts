import { createHash } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  ConnectorError,
  describeFolder,
  type FilesSettings,
  findFolder,
  type HeldFiles,
  type HeldReason,
  type KnownDigests,
  lookForFiles,
  packFiles,
  type SettledFile,
} from '@huitong/connectors'
import { WANTED_MAX, wantedFiles } from '@huitong/contract/exchange'
import type { ReadInput } from '@huitong/contract/work'
import { type FilePiece, rowsOf, sealFiles, type SignedManifest } from '@huitong/segment'
import type { WorkContext } from '../context.ts'
import { fieldsByGrant } from '../cut-fields.ts'
import { makeFolder, readText } from '../files.ts'
import type { Last, OutboxStream, SealedResult } from '../outbox.ts'
import { WorkError } from '../problem.ts'
import { isShape } from '../shape.ts'
import { openFolder } from '../source.ts'
import { sealAndSend, Tally } from './seal-and-send.ts'

/** Files of one run; the others come with the next. */
const FILES_MAX = 20_000
const LISTED_MAX = 100
/** Without these of a folder's columns a file does not travel. */
const NEEDED = ['path', 'content']

/** What a run carries; kept with the run, which goes on by it after a restart of this agent. */
interface Plan {
  /** When the folder was looked at. */
  readonly at: string
  readonly files: readonly SettledFile[]
  readonly held: { readonly count: number; readonly listed: readonly { path: string; reason: HeldReason }[] }
}

/**
 * Sends the whole files of a folder that the platform does not know as delivered, byte for byte. A run that was begun
 * before a restart goes on where it was.
 * @param kept the plan of such a run, or null.
 * @throws ConnectorError, WorkError, CallError as `read`.
 */
export async function sendFiles(
  input: ReadInput,
  kept: string | null,
  filesMax: number | null,
  context: WorkContext,
): Promise<SealedResult> {
  const { settings, held } = await openFolder(input.source, input.table.name, context)
  const tally = new Tally(context.report, null, 0)
  const plan = kept === null ? await planOf(settings, held, input, context) : parsePlan(kept)
  if (filesMax !== null && plan.files.length > filesMax)
    throw new WorkError('grant.rows_per_day', `more than ${filesMax} files in one reading`)
  if (plan.files.length === 0 && input.changes !== undefined)
    return { rows: '0', segments: 0, finalDigest: null, ...resultOf(plan, []) }
  const free = await context.readers.take(1, context.signal)
  try {
    const { outbox } = context
    const { stream, last } =
      kept === null
        ? { stream: await outbox.begin(input.stream, input.generation, textOf(plan)), last: null }
        : await outbox.goOn(input.stream, input.generation)
    const stop = new AbortController()
    const signal = AbortSignal.any([context.signal, stop.signal])
    const seal = (bound: WorkContext) => sealPlan(settings, plan, stream, last, input, bound, tally).finally(free)
    return await sealAndSend(stream, tally, { ...context, signal }, stop, seal)
  } finally {
    free()
  }
}

/** Looks at the folder and asks the platform which of its files are to travel. */
async function planOf(settings: FilesSettings, held: HeldFiles, input: ReadInput, context: WorkContext): Promise<Plan> {
  const at = new Date().toISOString()
  const isGranted = grantedOf(input, context)
  const table = await describeFolder(settings, input.table.name)
  if (!isShape(table, input))
    throw new ConnectorError('schema_changed', 'not the columns that were mounted', { place: { table: table.name } })
  const memory = await Memory.open(input, context)
  try {
    const look = await lookForFiles(settings, input.table.name, memory.known, context.signal)
    const files: SettledFile[] = []
    let asked: SettledFile[] = []
    const ask = async () => {
      files.push(...(await wantedOf(asked, input, context)))
      asked = []
    }
    for await (const file of look.files()) {
      if (!isGranted(file)) continue
      asked.push(file)
      if (asked.length === WANTED_MAX) await ask()
      if (files.length >= FILES_MAX) break
    }
    await ask()
    const listed = [...held.listed, ...look.held.listed].slice(0, LISTED_MAX)
    return { at, files, held: { count: held.count + look.held.count, listed } }
  } finally {
    await memory.keep()
  }
}

/** Which files the grant lets out: content and path must be granted as they are, the rows by path, size and time. */
function grantedOf(input: ReadInput, { identity }: WorkContext): (file: SettledFile) => boolean {
  const { fields, filter } = fieldsByGrant(input, identity.platform.signingKey, new Date())
  for (const needed of NEEDED) {
    const field = fields.find((one) => one.field === needed)
    if (field === undefined || field.mask !== undefined)
      throw new WorkError('grant.items', `${needed} must be granted without a mask`)
  }
  if (filter === undefined) return () => true
  return (file) =>
    filter((name) => {
      if (name === 'path') return file.path
      if (name === 'bytes') return file.bytes.toString()
      return name === 'modified_at' ? new Date(Number(file.modifiedNs / 1_000_000n)).toISOString() : null
    })
}

async function wantedOf(files: readonly SettledFile[], input: ReadInput, context: WorkContext): Promise<SettledFile[]> {
  if (files.length === 0) return []
  const body = { files: files.map(({ path, bytes, digest }) => ({ path, bytes: bytes.toString(), digest })) }
  const { platform, signal } = context
  const { wanted } = await platform.ask(wantedFiles, { params: { id: input.stream }, body }, { signal })
  return wanted.map((at) => files[at]).filter((file) => file !== undefined)
}

async function sealPlan(
  settings: FilesSettings,
  plan: Plan,
  stream: OutboxStream,
  last: Last | null,
  input: ReadInput,
  context: WorkContext,
  tally: Tally,
): Promise<void> {
  const left: string[] = []
  const total = plan.files.reduce((sum, { bytes }) => sum + bytes, 0n)
  const from = placeAfter(last?.signed ?? null)
  const sealed = {
    rows: last?.rows ?? 0n,
    segments: last?.signed.manifest.sequence ?? 0,
    bytes: bytesBefore(plan, from),
  }
  tally.expect(plan.files.length, total, sealed)
  const folder = await findFolder(settings.root, input.table.name)
  const onLeft = (path: string) => left.push(path)
  const segments = sealFiles(packFiles(folder, plan.files, { from, onLeft, signal: context.signal }), {
    channel: input.stream,
    generation: input.generation,
    source: { from: null, to: JSON.stringify(resultOf(plan, left).changes.cursor), snapshot: null },
    recipients: input.recipients.map(({ publicKey }) => publicKey),
    signingKey: context.keys.signing.privateKey,
    now: () => new Date(),
    parallel: 1,
    ...(last === null ? {} : { previous: last.signed }),
  })
  let rows = sealed.rows
  for await (const segment of segments) {
    const { manifest } = segment.signed
    rows += rowsOf(manifest)
    const result: SealedResult | null = manifest.final
      ? {
          rows: rows.toString(),
          segments: manifest.sequence,
          finalDigest: manifest.sealedDigest,
          ...resultOf(plan, left),
        }
      : null
    await stream.append(segment, context.signal, result)
    tally.sealedBytes(BigInt(manifest.plainBytes))
    tally.sealed(rowsOf(manifest), manifest.final)
  }
  context.log.info('files.sealed', { stream: input.stream, files: rows.toString(), left: left.length })
}

/** Where the last sealed segment ended; a file that was dropped there is over. */
function placeAfter(last: SignedManifest | null): { path: string; offset: number } | null {
  const piece: FilePiece | undefined = last?.manifest.file?.at(-1)
  if (piece === undefined) return null
  const offset = piece.dropped ? Number(piece.bytes) : Number(piece.offset) + Number(piece.length)
  return { path: piece.name, offset }
}

/** Bytes before the place where a restart goes on. */
function bytesBefore({ files }: Plan, from: { path: string; offset: number } | null): bigint {
  if (from === null) return 0n
  const at = files.findIndex(({ path }) => path === from.path)
  return files.slice(0, at).reduce((sum, { bytes }) => sum + bytes, BigInt(from.offset))
}

/** Where the folder was looked at, and what of it stays where it is. */
function resultOf({ at, held }: Plan, left: readonly string[]): Required<Pick<SealedResult, 'changes'>> {
  const changed = left.map((path) => ({ path, reason: 'changing' as const }))
  const listed = [...held.listed, ...changed].slice(0, LISTED_MAX)
  return {
    changes: {
      cursor: { since: at, at, writer: '0' },
      held: {
        rows: String(held.count + left.length),
        listed: listed.map(({ path, reason }) => ({ key: [path], reason })),
      },
    },
  }
}

const WHOLE_NUMBERS = new Set(['bytes', 'modifiedNs', 'changedNs', 'inode', 'device'])
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? one.toString() : one))
const parse = (text: string): unknown =>
  JSON.parse(text, (key, one: unknown) => (WHOLE_NUMBERS.has(key) && typeof one === 'string' ? BigInt(one) : one))
const parsePlan = (text: string): Plan => parse(text) as Plan

/** Digests of a folder's files from one look to the next, so that only what is new is read; a hint, which may be lost. */
class Memory {
  readonly known: KnownDigests
  readonly #path: string

  private constructor(path: string, known: KnownDigests) {
    this.#path = path
    this.known = known
  }

  static async open({ source, table }: ReadInput, { dir }: WorkContext): Promise<Memory> {
    const folder = join(dir, 'folders')
    await makeFolder(folder)
    const name = createHash('sha256').update(`${source.sourceId}\n${table.name}`).digest('hex')
    const path = join(folder, `${name}.json`)
    const text = await readText(path)
    try {
      return new Memory(path, new Map(text === null ? [] : (parse(text) as [string, never][])))
    } catch {
      return new Memory(path, new Map())
    }
  }

  async keep(): Promise<void> {
    await writeFile(`${this.#path}.half`, textOf([...this.known]), { mode: 0o600 })
    await rename(`${this.#path}.half`, this.#path)
  }
}
