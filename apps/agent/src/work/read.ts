import { ConnectorError, type Database, type RowStream } from '@huitong/connectors'
import type { ReadInput, ReadResult } from '@huitong/contract/work'
import { hasOperations, keyIdOf, rowsOf, type SealedSegment, sealRows } from '@huitong/segment'
import type { WorkContext } from '../context.ts'
import { fieldsByGrant } from '../cut-fields.ts'
import { cutByGrant, planOf, withKeys } from '../cut.ts'
import type { OutboxStream, SealedResult } from '../outbox.ts'
import { WorkError } from '../problem.ts'
import { throughRestarts } from '../retry.ts'
import { type OpenedFields, openSource } from '../source.ts'
import { isShape, withFields } from '../shape.ts'
import { rejectedOf, Rejects, withRejects } from '../rejects.ts'
import { uploadStream } from '../upload.ts'
import { changesOf, isIncrement, livingCut, openChanges, withFirst } from './changes.ts'
import { openLogged, slotOf } from './copy-log.ts'
import { sealAndSend, Tally } from './seal-and-send.ts'
import { sendFiles } from './send-files.ts'

/** Payloads that are being compressed while the next is read: reading and digests take longer than one compression. */
const SEALERS = 1

/**
 * Reads a table as the grant allows, seals it into the outbox and sends it; for a repair only the rows of some keys.
 * A generation that was sealed to the end before a restart is only sent; one that was not has lost its snapshot, unless it
 * is one of files, which go on.
 * @throws WorkError `snapshot.lost`, `grant.*`; ConnectorError; CallError for refusals of the platform.
 */
export function read(input: ReadInput, context: WorkContext): Promise<ReadResult> {
  return context.turns.run(`read ${input.stream}`, context.signal, async () => {
    const { outbox, identity } = context
    const { rowsPerDayMax } = planOf(input.grant, identity.platform.signingKey, new Date())
    checkInput(input)
    const newest = await outbox.newest(input.stream)
    if (newest > input.generation) throw new WorkError('snapshot.lost', `generation ${newest} was begun since`)
    const known = await outbox.state(input.stream, input.generation)
    if (known.state === 'broken') throw new WorkError('snapshot.lost', 'this node was restarted while it was reading')
    try {
      if (known.state === 'complete')
        return await send(await outbox.resume(input.stream, input.generation, known.result), input, context)
      if (input.payload !== 'file') return await readAndSend(input, rowsPerDayMax, context)
      return await sendFiles(input, known.state === 'unfinished' ? known.plan : null, rowsPerDayMax, context)
    } catch (error) {
      // Unless the agent itself ends, nobody will ask for these bytes again; the mark stays until the result is taken.
      if (!context.stopping()) await outbox.abandon(input.stream, input.generation)
      throw error
    }
  })
}

function checkInput(input: ReadInput): void {
  for (const { keyId, publicKey } of input.recipients) {
    if (keyIdOf(publicKey) !== keyId) throw new WorkError('request.invalid', `recipient ${keyId} has another key`)
  }
}

async function send(stream: OutboxStream, input: ReadInput, context: WorkContext): Promise<SealedResult> {
  const tally = new Tally(context.report, stream.result, stream.waiting)
  tally.tell()
  await uploadStream(stream, context, () => tally.uploaded())
  context.log.info('read.sent', { stream: input.stream, generation: input.generation })
  return stream.result!
}

async function readAndSend(input: ReadInput, rowsMax: number | null, context: WorkContext): Promise<SealedResult> {
  const tally = new Tally(context.report, null, 0)
  const free = await context.readers.take(1, context.signal)
  const stop = new AbortController()
  const signal = AbortSignal.any([context.signal, stop.signal])
  try {
    const source = await openSource(input.source, input.table.name, context)
    const rows = await throughRestarts(signal, () =>
      source.kind === 'fields'
        ? openFields(source, input, context, signal)
        : openSome(source.database, input, context, signal),
    )
    if ('segments' in rows) return rows
    let stream: OutboxStream
    try {
      stream = await context.outbox.begin(input.stream, input.generation)
    } catch (error) {
      await rows.close()
      throw error
    }
    const sealed = (bound: WorkContext) => seal(rows, stream, input, bound, tally, rowsMax).finally(free)
    return await sealAndSend(stream, tally, { ...context, signal }, stop, sealed)
  } finally {
    free()
  }
}

/** Opens the rows; what did not change since the cursor is a result already, and nothing is sealed. */
async function openSome(
  database: Database,
  input: ReadInput,
  context: WorkContext,
  signal: AbortSignal,
): Promise<RowStream | SealedResult> {
  const rows = await openRows(database, input, context, signal)
  if (!isIncrement(input)) return rows
  return (await withFirst(rows)) ?? { rows: '0', segments: 0, finalDigest: null, ...changesOf(rows) }
}

/** Opens the table in its snapshot, after checking that it is still the one that was mounted. */
async function openRows(
  database: Database,
  input: ReadInput,
  context: WorkContext,
  signal: AbortSignal,
): Promise<RowStream> {
  const { sql } = database
  const cut = cutByGrant(sql, input.grant, input.columns, context.identity.platform.signingKey, new Date())
  const plain = input.columns.filter((_column, i) => cut.select[i]!.isPlain)
  const expect = plain.map(({ field, type }) => ({ name: field, canonicalType: type }))
  const narrowed =
    input.keys === null && input.log === undefined
      ? cut
      : livingCut(sql, input.keys === null ? cut : withKeys(sql, cut, input.key, input.keys), input.changes?.convention)
  const request = { table: input.table, select: narrowed.select, where: narrowed.where, expect, key: input.key }
  const describe = () => database.describe(input.table)
  try {
    const now = await describe()
    const rows =
      input.log !== undefined
        ? await openLogged(database, { ...input, log: input.log }, request, context, signal)
        : input.changes === undefined || input.keys !== null
          ? await database.readRows(request, { signal })
          : await openChanges(database, input, cut, expect, { dir: context.dir, signal })
    return await checkedRows(rows, now !== null && isShape(now, input), input)
  } catch (error) {
    throw await withFields(error, describe)
  }
}

/** Opens a source without SQL: masks and filter run here. It has neither keys by which rows could be read again, nor changes. */
async function openFields(
  source: OpenedFields,
  input: ReadInput,
  { identity }: WorkContext,
  signal: AbortSignal,
): Promise<RowStream> {
  if (input.keys !== null) throw new ConnectorError('not_supported', 'rows of this source cannot be read by key')
  if (input.changes !== undefined)
    throw new ConnectorError('not_supported', 'changes of this source cannot be followed')
  const rejects = Rejects.of(input)
  const granted = fieldsByGrant(input, identity.platform.signingKey, new Date())
  const request = rejects === null ? granted : { ...granted, onBadRecord: rejects.add }
  const now = await source.describe(input.table.name)
  if (now.problem !== null) throw now.problem
  try {
    const rows = await source.readRows(request, { signal })
    return withRejects(await checkedRows(rows, isShape(now, input), input), rejects)
  } catch (error) {
    throw await withFields(error, () => Promise.resolve(now))
  }
}

/** The rows, when the table is still the one that was mounted; closed otherwise. */
async function checkedRows(rows: RowStream, isSame: boolean, input: ReadInput): Promise<RowStream> {
  try {
    if (!isSame) {
      throw new ConnectorError('schema_changed', 'the fields are not those that were mounted', {
        place: { table: input.table.name },
      })
    }
    const values = hasOperations(rows.columns) ? rows.columns.slice(1) : rows.columns
    values.forEach((column, i) => {
      const wanted = input.columns[i]!
      if (column.type === wanted.type) return
      throw new ConnectorError('schema_changed', `${wanted.field} is read as ${column.type}, not ${wanted.type}`, {
        place: { table: input.table.name, column: wanted.field },
      })
    })
    return rows
  } catch (error) {
    await rows.close()
    throw error
  }
}

async function seal(
  rows: RowStream,
  stream: OutboxStream,
  input: ReadInput,
  context: WorkContext,
  tally: Tally,
  rowsMax: number | null,
): Promise<void> {
  const segments = sealRows(rows, {
    channel: input.stream,
    generation: input.generation,
    kind: input.payload === 'changes' ? 'changes' : 'rows',
    columns: rows.columns,
    source: rows.source,
    recipients: input.recipients.map(({ publicKey }) => publicKey),
    signingKey: context.keys.signing.privateKey,
    now: () => new Date(),
    parallel: SEALERS,
    // The connector has each chunk's rows from the source itself, and checks them against its total.
    rowsCounted: true,
  })
  let sealed = 0n
  for await (const segment of segments) {
    sealed += rowsOf(segment.signed.manifest)
    if (rowsMax !== null && sealed > BigInt(rowsMax)) {
      throw new WorkError('grant.rows_per_day', `more than ${rowsMax} rows in one reading`)
    }
    const { final } = segment.signed.manifest
    const result = final ? { ...resultOf(rows, segment), ...(await rejectedOf(rows, input, context)) } : null
    await stream.append(segment, context.signal, result)
    tally.sealed(rowsOf(segment.signed.manifest), final)
  }
  context.log.info('read.sealed', {
    stream: input.stream,
    generation: input.generation,
    rows: rows.rows.toString(),
  })
}

const resultOf = (rows: RowStream, { signed }: SealedSegment): SealedResult => ({
  rows: rows.rows.toString(),
  segments: signed.manifest.sequence,
  finalDigest: signed.manifest.sealedDigest,
  ...changesOf(rows),
  ...slotOf(rows),
})
