import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { writeFileAtomic } from './files.ts'
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts'
import { chooseRunAs, commandFor, reachableBinaries, reachableFolder, type RunAs } from './postgres-identity.ts'
import { endLeftovers } from './postgres-leftovers.ts'
import { postgresSettings, settingArguments, type TunedFor } from './postgres-settings.ts'
import { endProcess, startTimeOf, type ProcessIdentity } from './proc.ts'

export type { TunedFor } from './postgres-settings.ts'

export interface PostgresOptions {
  /** Name of the cluster: its folder `<dataDir>/postgres/<name>` and its password file. */
  name: string
  /** The data folder of the installation. */
  dataDir: string
  tunedFor: TunedFor
  /** A fixed port; otherwise a free one, kept in the cluster's folder and changed only when somebody else took it. */
  port?: number
  /** File descriptor that takes the server's log; default: nothing is kept. */
  logFd?: number
  /** false gives up fsync: for tests only. Default true. */
  durable?: boolean
  /** Settings over those of its use: for tests only. */
  settings?: Readonly<Record<string, string>>
  runAs?: RunAs
  /** Where a system user's cluster goes when it cannot reach the data folder; default /var/lib/huitong. */
  sharedPlace?: string
  /** Called as soon as the server process exists, before it is ready (recovery can take minutes). */
  onSpawn?: (process: ProcessIdentity) => void
  /** How long to wait for readiness, crash recovery included; default 15 minutes. */
  readyTimeoutMs?: number
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** A running PostgreSQL server that accepts queries. */
export interface PostgresServer {
  process: ProcessIdentity
  port: number
  /**
   * Connection string of the superuser; the database defaults to `postgres`. Holds the password: never log it. Processes of
   * this machine take its socket, by which a question and its answer need a quarter less time; the address stands for all others.
   */
  superuserUrl(database?: string): string
  exited: Promise<Exit>
  /** Fast shutdown; after `timeoutMs` (default 20 s) immediate; then SIGKILL. Leaves no backend behind. */
  stop(timeoutMs?: number): Promise<void>
}

const SUPERUSER = 'postgres'
const INITDB_TIMEOUT_MS = 120_000
/** sun_path of the smallest system that we run on (macOS, 104), with its end. */
const SOCKET_PATH_BYTES_MAX = 103
const execFileAsync = promisify(execFile)

/**
 * Starts the embedded PostgreSQL cluster, creating it at the first start, and resolves when it answers queries.
 * Before that it ends whatever an earlier, killed server left behind. Throws when initdb fails, when the server exits
 * before it is ready, or when it does not become ready in time.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const cluster = openCluster(options)
  await endLeftovers(cluster.pgdata)
  if (!existsSync(cluster.pgdata)) await initialise(cluster)
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await keptOrFreePort(cluster.folder, attempt > 1))
    const server = launch(cluster, { port, sockets: await socketFolder(cluster.folder, port) }, options)
    try {
      await waitReady(server, cluster.password, options.readyTimeoutMs ?? 15 * 60_000)
      return server
    } catch (error) {
      await server.stop(5_000)
      const portTaken = options.port === undefined && attempt < 3 && !(await canListen(port))
      if (!portTaken) throw error
    }
  }
}

interface OpenCluster {
  folder: string
  pgdata: string
  password: string
  runAs: RunAs
  binaries: PostgresBinaries
}

function openCluster(options: PostgresOptions): OpenCluster {
  const dataDir = ensureFolder(options.dataDir)
  const parent = ensureFolder(join(dataDir, 'postgres'))
  const password = ensurePassword(ensureFolder(join(dataDir, 'secrets'), 0o700), `postgres-${options.name}`)
  const runAs = options.runAs ?? chooseRunAs()
  // The system user must pass through the folders that are ours; they hold no file that others may read.
  if (runAs.kind === 'user') for (const path of [dataDir, parent]) chmodSync(path, 0o711)
  const folder = reachableFolder(runAs, join(parent, options.name), options.sharedPlace)
  const binaries = reachableBinaries(runAs, findPostgresBinaries(join(folder, 'lib')), options.sharedPlace)
  return { folder, pgdata: join(folder, 'pgdata'), password, runAs, binaries }
}

function ensureFolder(path: string, mode = 0o755): string {
  mkdirSync(path, { recursive: true, mode })
  return realpathSync(path)
}

/** Reads or makes a secret of 256 bits in a file that only we may read. */
export function ensurePassword(secretsDir: string, name: string): string {
  const file = join(secretsDir, `${name}.password`)
  if (!existsSync(file)) writeFileAtomic(file, randomBytes(32).toString('base64url'), 0o600)
  return readFileSync(file, 'utf8').trim()
}

async function initialise(cluster: OpenCluster): Promise<void> {
  const { runAs, folder, pgdata } = cluster
  const half = join(folder, 'pgdata.half')
  rmSync(half, { recursive: true, force: true }) // left by a killed initdb; it never held data
  const secret = mkdtempSync(join(tmpdir(), 'huitong-initdb-'))
  const passwordFile = join(secret, 'password')
  writeFileSync(passwordFile, cluster.password, { mode: 0o600 })
  if (runAs.kind === 'user') for (const path of [secret, passwordFile]) chownSync(path, runAs.uid, runAs.gid)
  try {
    const encoding = ['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    const safety = ['-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--data-checksums', '--no-instructions']
    const initdb = ['-D', half, '-U', SUPERUSER, ...encoding, ...safety]
    const line = commandFor(runAs, cluster.binaries.initdb, initdb)
    const env = environment(cluster.binaries)
    await execFileAsync(line.command, line.args, { ...line.options, env, timeout: INITDB_TIMEOUT_MS })
    renameSync(half, pgdata) // a cluster is there whole or not at all
  } finally {
    rmSync(secret, { recursive: true, force: true })
  }
}

/** Only what PostgreSQL needs: PG* variables of the user's shell must not reach it. */
function environment(binaries: PostgresBinaries): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_'))
  return { ...Object.fromEntries(kept), LANG: 'C', LC_ALL: 'C', TZ: 'UTC', ...binaries.env }
}

function launch(
  cluster: OpenCluster,
  { port, sockets }: { port: number; sockets: string },
  options: PostgresOptions,
): PostgresServer {
  const pgdata = realpathSync(cluster.pgdata)
  const settings = {
    ...postgresSettings(options.tunedFor, port, options.durable ?? true),
    unix_socket_directories: sockets,
    ...options.settings,
  }
  const line = commandFor(cluster.runAs, cluster.binaries.postgres, ['-D', pgdata, ...settingArguments(settings)])
  const child = spawn(line.command, line.args, {
    ...line.options,
    env: environment(cluster.binaries),
    // Its own session: Ctrl-C in the terminal must reach only the supervisor, which stops things in order.
    detached: true,
    stdio: ['ignore', options.logFd ?? 'ignore', options.logFd ?? 'ignore'],
  })
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
  const identity: ProcessIdentity = { pid: child.pid ?? 0, startTime: startTimeOf(child.pid ?? 0) ?? '' }
  if (child.pid !== undefined) options.onSpawn?.(identity)
  return {
    process: identity,
    port,
    superuserUrl: (database = 'postgres') =>
      `postgresql://${SUPERUSER}:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/${encodeURIComponent(database)}${sockets === '' ? '' : `?host=${encodeURIComponent(sockets)}`}`,
    exited,
    stop: async (timeoutMs = 20_000) => {
      await endProcess(identity, [
        ['SIGINT', timeoutMs],
        ['SIGQUIT', 5_000],
        ['SIGKILL', 5_000],
      ])
      await endLeftovers(pgdata)
    },
  }
}

/**
 * The folder of the server's socket, free of what a killed server left of it: its lock names a pid that may be another's by now.
 * Empty (there is none) where its path would be longer than the system takes, or where the file system has no sockets.
 */
async function socketFolder(folder: string, port: number): Promise<string> {
  const real = realpathSync(folder)
  const socket = join(real, `.s.PGSQL.${port}`)
  // A comma or a quote would be read as part of a list of folders.
  const isPlain = /^[^,"\s]+$/.test(real)
  if (!isPlain || Buffer.byteLength(socket) > SOCKET_PATH_BYTES_MAX) return ''
  for (const path of [socket, `${socket}.lock`]) rmSync(path, { force: true })
  return (await canListen(socket)) ? real : ''
}

async function waitReady(server: PostgresServer, password: string, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs
  let exit: Exit | undefined
  void server.exited.then((how) => (exit = how))
  for (;;) {
    const problem = await tryQuery(server.port, password)
    if (exit !== undefined) {
      throw new Error(`PostgreSQL ended before it was ready (code ${exit.code}, signal ${exit.signal}); see its log`)
    }
    if (problem === undefined) return
    if (performance.now() > until) throw new Error('PostgreSQL is not ready in time; see its log', { cause: problem })
    await sleep(25)
  }
}

/** undefined when the server answers a query; the error while it still starts or recovers. */
async function tryQuery(port: number, password: string): Promise<Error | undefined> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SELECT 1')
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function keptOrFreePort(folder: string, fresh: boolean): Promise<number> {
  const file = join(folder, 'port')
  const kept = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (!fresh && Number.isInteger(kept) && kept > 0 && kept < 65_536 && (await canListen(kept))) return kept
  const port = await freePort()
  writeFileAtomic(file, `${port}\n`)
  return port
}

/** A TCP port on 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** Whether somebody may listen there now: at a TCP port of 127.0.0.1, or at the path of a socket. */
async function canListen(at: number | string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    const free = () => probe.close(() => resolve(true))
    probe.once('error', () => resolve(false))
    if (typeof at === 'number') probe.listen(at, '127.0.0.1', free)
    else probe.listen(at, free)
  })
}
