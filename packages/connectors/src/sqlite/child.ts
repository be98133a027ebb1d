import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** What the parent asks, one at a time. */
export type Ask =
  | { readonly open: string; readonly copy: string }
  | { readonly sql: string; readonly values: readonly string[]; readonly rows: number; readonly bytes: number }
  | { readonly next: true }

/** A value as SQLite keeps it. */
export type Value = null | bigint | number | string | Uint8Array

/** What the child answers; `code` is SQLite's own number of the error. */
export type Answer =
  | { readonly opened: true }
  | { readonly rows: readonly (readonly Value[])[]; readonly last: boolean }
  | { readonly fault: { readonly code: number; readonly message: string } }

/**
 * The program of the process that reads a SQLite file: SQLite's calls block, cannot be interrupted, and work on bytes of
 * strangers, so they have a process that may be killed. It is sent as text and must use nothing from outside of itself.
 *
 * The reading sees one moment: of a file with a write-ahead log by a transaction, which hinders no writer; of others by
 * a copy that is made in one step, since a reader would keep every writer out for as long as the reading takes.
 */
export function child(
  sqlite: Pick<typeof import('node:sqlite'), 'DatabaseSync' | 'backup'>,
  { rmSync }: Pick<typeof import('node:fs'), 'rmSync'>,
  port: Pick<NodeJS.Process, 'on' | 'send' | 'exit'>,
): void {
  let db: DatabaseSync | null = null
  let rows: ReturnType<StatementSync['iterate']> | null = null
  let limits = { rows: 1, bytes: 1 }

  const connect = (path: string): DatabaseSync => {
    const made = new sqlite.DatabaseSync(path, {
      readOnly: true,
      readBigInts: true,
      allowExtension: false,
      timeout: 10_000,
    })
    made.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON; PRAGMA mmap_size = 0')
    return made
  }
  const open = async (path: string, copy: string): Promise<void> => {
    db = connect(path)
    const mode = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string }
    if (mode.journal_mode !== 'wal') {
      await sqlite.backup(db, copy, { rate: 2_147_483_647 })
      db.close()
      db = connect(copy)
      // The open file stays until this process ends, however it ends.
      rmSync(copy)
    }
    db.exec('BEGIN')
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
  }
  const more = (): Answer => {
    const found: Value[][] = []
    for (let bytes = 0; found.length < limits.rows && bytes < limits.bytes;) {
      const { value, done } = rows!.next()
      if (done === true) {
        rows = null
        return { rows: found, last: true }
      }
      const row = value as unknown as Value[]
      for (const one of row) bytes += one instanceof Uint8Array ? one.length : 16
      found.push(row)
    }
    return { rows: found, last: false }
  }
  const answer = async (ask: Ask): Promise<Answer> => {
    try {
      if ('open' in ask) {
        await open(ask.open, ask.copy)
        return { opened: true }
      }
      if ('sql' in ask) {
        const statement = db!.prepare(ask.sql)
        statement.setReturnArrays(true)
        rows = statement.iterate(...ask.values)
        limits = ask
      }
      return more()
    } catch (error) {
      const fault = error as Error & { errcode?: number }
      return { fault: { code: fault.errcode ?? 0, message: fault.message } }
    }
  }
  port.on('disconnect', () => port.exit())
  port.on('message', (ask: Ask) => void answer(ask).then((reply) => port.send!(reply)))
}
