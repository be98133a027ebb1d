import { randomBytes } from 'node:crypto'
import { type Database, type LogSlot, type RowStream, type SqlRead, startOf } from '@huitong/connectors'
import type { ReadInput } from '@huitong/contract/work'
import type { WorkContext } from '../context.ts'
import { WorkError } from '../problem.ts'
import { logOf } from '../source.ts'

type Logged = ReadInput & { readonly log: NonNullable<ReadInput['log']> }

/**
 * Opens a copy after which the log is followed: a new slot is made and the table is read in its snapshot, so that the log
 * goes on exactly where the copy ends. For a repair the snapshot is read that this node holds at the common position.
 * @throws ConnectorError `log_…`; WorkError `log.snapshot`.
 */
export async function openLogged(
  database: Database,
  input: Logged,
  request: SqlRead,
  context: WorkContext,
  signal: AbortSignal,
): Promise<RowStream> {
  const { channel, snapshot } = input.log
  if (snapshot !== null) {
    if (!context.snapshots.has(channel, snapshot)) throw new WorkError('log.snapshot', snapshot)
    return database.readRows({ ...request, snapshot }, { signal })
  }
  const tag = randomBytes(3).toString('hex')
  const made = await logOf(database).createSlot({ channel, tag, table: input.table })
  try {
    const rows = await database.readRows({ ...request, snapshot: made.snapshot }, { signal })
    return startingAt(rows, made.slot)
  } finally {
    // The reading transaction keeps the snapshot from here on.
    made.close()
  }
}

/** The same rows, which say where the log begins after them. */
function startingAt(rows: RowStream, slot: LogSlot): RowStream {
  const cursor = { ...startOf(slot), at: new Date().toISOString(), writer: '0' }
  const { columns, source } = rows
  const stream: RowStream & { log: LogSlot } = {
    columns,
    source: { ...source, from: null, to: JSON.stringify(cursor) },
    log: slot,
    get rows() {
      return rows.rows
    },
    close: () => rows.close(),
    [Symbol.asyncIterator]: () => rows[Symbol.asyncIterator](),
  }
  return stream
}

/** What the result of a reading says of the slot that was made for it. */
export const slotOf = (rows: RowStream): { log?: LogSlot } => ('log' in rows ? { log: rows.log as LogSlot } : {})
