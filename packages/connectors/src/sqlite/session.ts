import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConnectorError } from '../errors.ts'
import { type Answer, type Ask, child, type Value } from './child.ts'
import type { SqliteSettings } from './settings.ts'

const ROWS_PER_ANSWER = 1000
const BYTES_PER_ANSWER = 1024 * 1024
/** The first answer of a query may need all of a large table. */
const ANSWER_TIMEOUT_MS = 1_800_000
const SCRATCH = 'huitong-sqlite-'
const PROGRAM = `(${child.toString()})(require('node:sqlite'), require('node:fs'), process)`

/** Codes of https://www.sqlite.org/rescode.html, without their extension. */
const CODES: Readonly<Record<number, ConnectorError['code']>> = {
  3: 'permission_denied',
  5: 'source_busy',
  6: 'source_busy',
  8: 'permission_denied',
  11: 'bad_file',
  13: 'scratch_full',
  14: 'permission_denied',
  23: 'permission_denied',
  26: 'bad_file',
}

/** One moment of a SQLite file, held by a process of its own until it is closed. */
export class SqliteSession {
  readonly #process: ChildProcess
  readonly #scratch: string
  #ended: ConnectorError | null = null
  #waiting: { resolve(answer: Answer): void; reject(error: unknown): void } | null = null

  private constructor(process: ChildProcess, scratch: string) {
    this.#process = process
    this.#scratch = scratch
    process.on('message', (answer: Answer) => this.#settle((waiting) => waiting.resolve(answer)))
    process.on('error', (error) => this.#end(new ConnectorError('connection_lost', error.message)))
    process.on('exit', (code, signal) =>
      this.#end(new ConnectorError('connection_lost', `the reading process ended: ${signal ?? code}`)),
    )
  }

  /** @throws ConnectorError `table_missing` for no such file, `bad_file`, `permission_denied`, `source_busy`, … */
  static async open({ path }: SqliteSettings): Promise<SqliteSession> {
    const file = await databaseFile(path)
    await sweep()
    const scratch = await mkdtemp(join(tmpdir(), `${SCRATCH}${process.pid}-`))
    const made = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', PROGRAM], {
      // What is there to configure Node.js, or to preload into it, is not meant for this program.
      env: {},
      cwd: scratch,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    })
    const session = new SqliteSession(made, scratch)
    try {
      await session.#ask({ open: file, copy: join(scratch, 'copy') })
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  /** Rows of a query, as they come. One query at a time; leaving the loop early needs the session to be closed. */
  async *query(sql: string, values: readonly string[] = [], signal?: AbortSignal): AsyncGenerator<readonly Value[]> {
    let ask: Ask = { sql, values, rows: ROWS_PER_ANSWER, bytes: BYTES_PER_ANSWER }
    // A query that gives nothing can only be ended with its process.
    const abort = () => void this.close()
    signal?.addEventListener('abort', abort)
    try {
      for (;;) {
        signal?.throwIfAborted()
        const answer = await this.#ask(ask)
        if (!('rows' in answer)) throw new ConnectorError('database_error', 'an answer without rows')
        yield* answer.rows
        if (answer.last) return
        ask = { next: true }
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  async close(): Promise<void> {
    this.#end(new ConnectorError('connection_lost', 'closed while reading'))
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = new Promise((resolve) => this.#process.once('exit', resolve))
      this.#process.kill('SIGKILL')
      await exited
    }
    await rm(this.#scratch, { recursive: true, force: true })
  }

  async #ask(ask: Ask): Promise<Answer> {
    if (this.#ended !== null) throw this.#ended
    let timer: NodeJS.Timeout | undefined
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting = { resolve, reject }
      timer = setTimeout(() => {
        this.#end(new ConnectorError('stalled', `no answer for ${ANSWER_TIMEOUT_MS} ms`))
        this.#process.kill('SIGKILL')
      }, ANSWER_TIMEOUT_MS)
      this.#process.send(ask, (error) => {
        if (error !== null) this.#end(new ConnectorError('connection_lost', error.message))
      })
    }).finally(() => clearTimeout(timer))
    if (!('fault' in answer)) return answer
    const { code, message } = answer.fault
    throw new ConnectorError(CODES[code & 0xff] ?? 'database_error', `SQLite ${code}: ${message}`)
  }

  #end(error: ConnectorError): void {
    this.#ended ??= error
    this.#settle((waiting) => waiting.reject(this.#ended))
  }

  #settle(tell: (waiting: { resolve(answer: Answer): void; reject(error: unknown): void }) => void): void {
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting !== null) tell(waiting)
  }
}

async function databaseFile(path: string): Promise<string> {
  try {
    const file = await realpath(path)
    if ((await stat(file)).isFile()) return file
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (code === 'EACCES') throw new ConnectorError('permission_denied', code, { cause })
    throw new ConnectorError('database_missing', code, { cause })
  }
  throw new ConnectorError('database_missing', 'not a file')
}

/** Removes what processes that were killed while they copied have left: it is the department's data. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${SCRATCH}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
