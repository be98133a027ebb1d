import {
  type ChangeStream,
  ConnectorError,
  type Cursor,
  type Database,
  type RowStream,
  type SqlForms,
  type UnmarkedRow,
} from '@huitong/connectors'
import { ChangeCursor, type Convention, type ReadInput } from '@huitong/contract/work'
import type { RowChunk, SignedManifest } from '@huitong/segment'
import { Check } from 'typebox/value'
import type { WorkContext } from '../context.ts'
import type { Cut } from '../cut.ts'
import { WorkError } from '../problem.ts'
import { TakenList } from '../taken-list.ts'

/** Whether the work asks for what changed since a position. */
export const isIncrement = (input: ReadInput): boolean =>
  input.payload === 'changes' && input.keys === null && input.changes?.cursor != null

/** The cut without tombstones, when the table has them. */
export function livingCut(sql: SqlForms, cut: Cut, convention: Convention | undefined): Cut {
  if (convention === undefined || convention.operation === null) return cut
  const living = sql.living(convention.operation)
  return { ...cut, where: cut.where === null ? living : `(${cut.where}) AND ${living}` }
}

/** Opens a full copy or an increment of a table that keeps the convention. @throws ConnectorError, WorkError. */
export async function openChanges(
  database: Database,
  input: ReadInput,
  cut: Cut,
  expect: readonly { name: string; canonicalType: string }[],
  { dir, signal }: Pick<WorkContext, 'dir' | 'signal'>,
): Promise<ChangeStream> {
  const { convention, cursor, lagSeconds, mark } = input.changes!
  if (input.payload === 'changes' && cursor === null) throw new WorkError('request.invalid', 'changes without a cursor')
  const request = { table: input.table, select: cut.select, where: cut.where, expect, convention, key: input.key }
  const wanted = { ...request, cursor: input.payload === 'changes' ? cursor : null, lagSeconds }
  if (mark === undefined) return database.readChanges(wanted, { signal })
  const list = await TakenList.begin(dir, { channel: mark.channel, stream: input.stream, generation: input.generation })
  try {
    const onUnmarked = (rows: readonly UnmarkedRow[]) => list.add(rows)
    const rows = await database.readChanges({ ...wanted, mark: { ...mark, onUnmarked } }, { signal })
    await list.keep()
    return rows
  } catch (error) {
    await list.drop()
    if (!isOfMark(error, mark.columns.mark)) throw error
    // The rows can be read all the same; the next marking tells what is wrong with the mark.
    return database.readChanges(wanted, { signal })
  }
}

const isOfMark = (error: unknown, mark: string) =>
  error instanceof ConnectorError && (error.code === 'no_key' || error.place.column === mark)

/** What the result of a reading says of a table that keeps the convention. */
export const changesOf = (rows: RowStream) =>
  'cursor' in rows && 'held' in rows
    ? { changes: { cursor: (rows as ChangeStream).cursor, held: heldOf(rows as ChangeStream) } }
    : {}

const KEY_CHARACTERS_MAX = 4000

/** The contract takes neither control characters nor very long texts, which a key may hold. */
const heldOf = ({ held }: ChangeStream) => ({
  rows: held.rows,
  listed: held.listed.map(({ key, reason }) => ({
    key: key.map((text) =>
      text
        .replaceAll(/\p{Cc}+/gu, ' ')
        .slice(0, KEY_CHARACTERS_MAX)
        .toWellFormed(),
    ),
    reason,
  })),
})

/** Changes whose first chunk was looked at; null when nothing changed. */
export async function withFirst(rows: RowStream): Promise<RowStream | null> {
  const iterator = rows[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done === true) return null
  async function* all(): AsyncGenerator<RowChunk, void, undefined> {
    try {
      yield first.value as RowChunk
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
    } finally {
      await rows.close()
    }
  }
  const { columns, source } = rows
  const stream = {
    columns,
    source,
    get rows() {
      return rows.rows
    },
    close: () => rows.close(),
    [Symbol.asyncIterator]: () => all(),
  }
  return 'cursor' in rows && 'held' in rows ? Object.assign(stream, { cursor: rows.cursor, held: rows.held }) : stream
}

/** Cursors before and after the stream of a signed manifest of followed changes. @throws WorkError `segment.content`. */
export function cursorsOf({ manifest }: SignedManifest): { from: Cursor; to: Cursor } {
  const from = cursorText(manifest.source.from)
  const to = cursorText(manifest.source.to)
  if (from === null || to === null) throw new WorkError('segment.content', 'changes without positions')
  return { from, to }
}

/** A cursor that a manifest holds as text; null for any other word about a position. */
export function cursorText(text: string | null): Cursor | null {
  if (text === null || !text.startsWith('{')) return null
  try {
    const value: unknown = JSON.parse(text)
    return Check(ChangeCursor, value) ? value : null
  } catch {
    return null
  }
}
