import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2'
import type { MysqlSettings } from '../mysql/settings.ts'

const PLACES = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']
const PASSWORD = 'for-tests-only'
const START_TRIES_MAX = 150

/** A MariaDB for tests, in a temporary folder, ended with its tests. */
export interface TestMariadb {
  readonly port: number
  /** Where its data lie. */
  readonly folder: string
  /** Make a fresh database and give a privileged account's settings for it. */
  database(): Promise<MysqlSettings>
  /** Kill the server as a power cut would, and start it again on the same data and port. */
  crash(): Promise<void>
  stop(): Promise<void>
}

let databases = 0

/** Start a server of our own. @throws when MariaDB is not installed: its tests cannot say anything then. */
export async function startMariadb(options: readonly string[] = []): Promise<TestMariadb> {
  const server = program('mariadbd', 'mysqld')
  const install = program('mariadb-install-db', 'mysql_install_db')
  if (server === null || install === null) {
    throw new Error(
      'These tests need a MariaDB server. Install it: apt-get install mariadb-server-core mariadb-client-core',
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'huitong-mariadb-'))
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []
  // A server that starts removes every temporary table in its folder, those of others with them.
  mkdirSync(join(folder, 'tmp'))
  const own = `--tmpdir=${folder}/tmp`
  const made = spawnSync(install, ['--no-defaults', `--datadir=${folder}/data`, own, '--skip-test-db', ...asRoot], {
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`mariadb-install-db: ${made.stdout}${made.stderr}`)
  const account = `tester@'127.0.0.1'`
  writeFileSync(
    join(folder, 'init.sql'),
    `CREATE OR REPLACE USER ${account} IDENTIFIED BY '${PASSWORD}';\nGRANT ALL ON *.* TO ${account} WITH GRANT OPTION;\n`,
  )
  const port = await freePort()
  const files = ['datadir=data', 'socket=socket', 'pid-file=pid', 'init-file=init.sql', 'log-error=log']
  const all = [
    '--no-defaults',
    ...files.map((one) => `--${one.replace('=', `=${folder}/`)}`),
    own,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-buffer-pool-size=96M',
    '--max-allowed-packet=64M',
    '--performance-schema=off',
    '--innodb-flush-method=nosync',
    '--skip-innodb-doublewrite',
    '--sync-frm=0',
    ...asRoot,
    ...options,
  ]
  let running = spawn(server, all, { stdio: 'ignore' })
  const leash = holdOnLeash(folder)
  await waitFor(settingsOf(port), running)
  return {
    port,
    folder: join(folder, 'data'),
    async database() {
      const database = `connectors_${process.pid}_${databases++}`
      await runMysql({ ...settingsOf(port), database: 'mysql' }, `CREATE DATABASE ${database} CHARACTER SET utf8mb4`)
      return { ...settingsOf(port), database }
    },
    async crash() {
      await end(running, 'SIGKILL')
      running = spawn(server, all, { stdio: 'ignore' })
      await waitFor(settingsOf(port), running)
    },
    async stop() {
      // Nothing of it is kept, and an orderly end takes seconds.
      await end(running, 'SIGKILL')
      leash()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Run statements as given, one after another, and give the rows of the last one, every value its text. */
export async function runMysql(settings: MysqlSettings, sql: string): Promise<Record<string, string | null>[]> {
  const { host, port, user, password, database } = settings
  const connection = createConnection({ host, port, user, password, database, multipleStatements: true })
  connection.on('error', () => undefined)
  try {
    return await new Promise((resolve, reject) => {
      const typeCast = (field: { string(): string | null }) => field.string()
      connection.query({ sql, typeCast: typeCast as never }, (error, result) => {
        if (error !== null) reject(error)
        else resolve(lastRows(result))
      })
    })
  } finally {
    connection.destroy()
  }
}

/** Of several statements the rows of the last; a statement without an answer has none. */
function lastRows(result: unknown): Record<string, string | null>[] {
  if (!Array.isArray(result)) return []
  const last: unknown = result.at(-1)
  if (Array.isArray(last)) return last as Record<string, string | null>[]
  const isRow = last !== undefined && !('affectedRows' in (last as object))
  return isRow ? (result as Record<string, string | null>[]) : []
}

const settingsOf = (port: number): MysqlSettings => ({
  host: '127.0.0.1',
  port,
  database: 'mysql',
  user: 'tester',
  password: PASSWORD,
  tls: 'off',
})

function program(...names: readonly string[]): string | null {
  const all = names.flatMap((name) => PLACES.map((place) => join(place, name)))
  return all.find((path) => existsSync(path)) ?? null
}

/** Ends the server and removes its folder also when this process is killed: a shell waits for the end of our pipe. */
function holdOnLeash(folder: string): () => void {
  const script = 'read -r end || { kill -KILL "$(cat "$1/pid")"; sleep 1; rm -rf "$1"; }'
  const shell = spawn('/bin/sh', ['-c', script, 'sh', folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  shell.unref()
  return () => shell.stdin.end('end\n')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function waitFor(settings: MysqlSettings, child: ChildProcess): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await runMysql(settings, 'SELECT 1')
      return
    } catch (error) {
      if (attempt > START_TRIES_MAX || child.exitCode !== null) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function end(child: ChildProcess, signal: 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await exited
}
