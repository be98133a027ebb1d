import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { findPostgresBinaries, prepareBinaries } from './postgres-binaries.ts'
import { chooseRunAs, reachableBinaries } from './postgres-identity.ts'
import { startPostgres, type PostgresOptions, type PostgresServer } from './postgres.ts'
import { processesRunningIn, signal } from './proc.ts'

const folders: string[] = []
const servers: PostgresServer[] = []

function dataDir(parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'huitong-pg-'))
  folders.push(folder)
  return folder
}

async function start(options: Partial<PostgresOptions> & { dataDir: string }): Promise<PostgresServer> {
  const server = await startPostgres({ name: 'platform', tunedFor: 'platform', ...options })
  servers.push(server)
  return server
}

async function connect(server: PostgresServer): Promise<Client> {
  const client = new Client({ connectionString: server.superuserUrl() })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function query<R extends Record<string, unknown>>(server: PostgresServer, sql: string): Promise<R[]> {
  const client = await connect(server)
  try {
    return (await client.query<R>(sql)).rows
  } finally {
    await client.end()
  }
}

function pgdata(folder: string): string {
  return realpathSync(join(folder, 'postgres/platform/pgdata'))
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(5_000)))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

test('makes the library links elsewhere when the installation is read-only', () => {
  const native = findPostgresBinaries(dataDir()).native
  const copy = join(dataDir(), 'copied')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  for (const { target } of JSON.parse(readFileSync(join(copy, 'pg-symlinks.json'), 'utf8')) as { target: string }[]) {
    rmSync(join(copy, 'lib', basename(target)), { force: true })
  }
  const writable = spawnSync(join(copy, 'bin/postgres'), ['--version'], { encoding: 'utf8' })
  expect(writable.status).not.toBe(0)
  const links = join(dataDir(), 'lib')
  const binaries = prepareBinaries(copy, links, () => false)
  expect(existsSync(join(copy, 'lib/libpq.so.5'))).toBe(false)
  for (const program of [binaries.postgres, binaries.initdb]) {
    const run = spawnSync(program, ['--version'], { encoding: 'utf8', env: { ...process.env, ...binaries.env } })
    expect(run.stdout).toMatch(/PostgreSQL\) 18/)
  }
})

describe('embedded PostgreSQL', () => {
  test('is created once, with checksums, UTF-8 and a private password, and keeps its port and data', async () => {
    const folder = dataDir()
    const first = await start({ dataDir: folder })
    await query(first, 'CREATE TABLE kept (name text COLLATE "C"); INSERT INTO kept VALUES (\'数据\')')
    const settings = await query<Record<string, string>>(
      first,
      `SELECT current_setting('data_checksums') AS checksums, current_setting('server_encoding') AS encoding,
              current_setting('fsync') AS fsync, current_setting('wal_level') AS wal_level,
              current_setting('listen_addresses') AS listens, current_setting('unix_socket_directories') AS sockets,
              (SELECT datlocprovider::text || ':' || datlocale FROM pg_database WHERE datname = 'postgres') AS locale`,
    )
    expect(settings[0]).toEqual({
      checksums: 'on',
      encoding: 'UTF8',
      fsync: 'on',
      wal_level: 'replica',
      listens: '127.0.0.1',
      sockets: realpathSync(join(folder, 'postgres/platform')),
      locale: 'b:C.UTF-8',
    })
    expect(statSync(join(folder, 'secrets/postgres-platform.password')).mode & 0o777).toBe(0o600)
    await first.stop()
    expect(processesRunningIn(pgdata(folder), 'postgres')).toEqual([])

    const second = await start({ dataDir: folder })
    expect(second.port).toBe(first.port)
    expect(await query(second, 'SELECT name FROM kept')).toEqual([{ name: '数据' }])
  })

  test('answers through its socket and at its address, and has no socket where its path would be too long', async () => {
    const folder = dataDir()
    const server = await start({ dataDir: folder })
    const way = 'select inet_server_addr()::text as address'
    expect(await query(server, way)).toEqual([{ address: null }])
    const url = new URL(server.superuserUrl())
    url.search = ''
    const client = new Client({ connectionString: url.href })
    await client.connect()
    expect((await client.query(way)).rows).toEqual([{ address: '127.0.0.1/32' }])
    await client.end()

    const long = join(dataDir(), 'a'.repeat(90))
    expect(await query(await start({ dataDir: long }), way)).toEqual([{ address: '127.0.0.1/32' }])
  })

  test('for departments it decodes changes', async () => {
    const server = await start({ dataDir: dataDir(), tunedFor: 'departments' })
    expect(await query(server, "SELECT current_setting('wal_level') AS level")).toEqual([{ level: 'logical' }])
    await query(server, "SELECT pg_create_logical_replication_slot('s', 'pgoutput')")
  })

  test('a wrong password is refused', async () => {
    const server = await start({ dataDir: dataDir() })
    const url = new URL(server.superuserUrl())
    url.password = 'wrong'
    await expect(new Client({ connectionString: url.href }).connect()).rejects.toThrow(/password authentication failed/)
  })

  test('starts again after SIGKILL of the postmaster while backends are busy, and what was committed is there', async () => {
    const folder = dataDir()
    const first = await start({ dataDir: folder })
    await query(first, 'CREATE TABLE done (n bigint)')
    const busy = await Promise.all([connect(first), connect(first), connect(first)])
    // A computing backend does not look at its postmaster, so it lives on and holds the shared memory.
    const work = [
      busy[0]!.query("DO $$ BEGIN LOOP PERFORM md5('x'); END LOOP; END $$"),
      busy[1]!.query('SELECT pg_sleep(600)'),
      busy[2]!.query('SELECT count(*) FROM generate_series(1, 1000000000000)'),
    ].map((running) => running.catch(() => undefined))
    await query(first, 'INSERT INTO done SELECT generate_series(1, 10000)')
    await sleep(300)
    signal(first.process.pid, 'SIGKILL')
    await first.exited
    await sleep(200)
    expect(processesRunningIn(pgdata(folder), 'postgres').length).toBeGreaterThan(0)

    const second = await start({ dataDir: folder })
    await Promise.all(work)
    expect(await query(second, 'SELECT count(*)::text AS n FROM done')).toEqual([{ n: '10000' }])
  })

  test('takes over from a postmaster whose supervisor died', async () => {
    const folder = dataDir()
    const first = await start({ dataDir: folder })
    const second = await start({ dataDir: folder })
    expect((await first.exited).code).toBe(0)
    expect(second.process.pid).not.toBe(first.process.pid)
    expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('a postmaster.pid whose pid now belongs to another program does not keep it from starting', async () => {
    const folder = dataDir()
    const first = await start({ dataDir: folder })
    const pidFile = join(pgdata(folder), 'postmaster.pid')
    const content = readFileSync(pidFile, 'utf8')
    signal(first.process.pid, 'SIGKILL')
    await first.exited
    writeFileSync(pidFile, content.replace(/^\d+/, '1'))
    const second = await start({ dataDir: folder })
    expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('nor does the lock of a socket', async () => {
    const folder = dataDir()
    const first = await start({ dataDir: folder })
    const lock = realpathSync(join(folder, `postgres/platform/.s.PGSQL.${first.port}.lock`))
    const content = readFileSync(lock, 'utf8')
    signal(first.process.pid, 'SIGKILL')
    await first.exited
    // A process of the same account: PostgreSQL would take it for the server whose lock this is.
    const other = spawn('sleep', ['60'], { stdio: 'ignore' })
    writeFileSync(lock, content.replace(/^\d+/, String(other.pid)))
    const second = await start({ dataDir: folder })
    other.kill('SIGKILL')
    expect(second.port).toBe(first.port)
    expect(await query(second, 'select inet_server_addr()::text as address')).toEqual([{ address: null }])
  })

  test('changes its port when somebody else took the kept one', async () => {
    const folder = dataDir()
    const other = await start({ dataDir: dataDir() })
    mkdirSync(join(folder, 'postgres/platform'), { recursive: true })
    writeFileSync(join(folder, 'postgres/platform/port'), String(other.port))
    const server = await start({ dataDir: folder })
    expect(server.port).not.toBe(other.port)
  })

  test('a killed initdb is begun again', async () => {
    const folder = dataDir()
    mkdirSync(join(folder, 'postgres/platform/pgdata.half/base'), { recursive: true })
    writeFileSync(join(folder, 'postgres/platform/pgdata.half/PG_VERSION'), '18\n')
    const server = await start({ dataDir: folder })
    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

const isRoot = process.getuid?.() === 0
if (!isRoot) console.warn('SKIPPED: the ways of running PostgreSQL as root need root')

describe.skipIf(!isRoot)('as root', () => {
  test('runs in a user namespace below a folder that only root may enter', async () => {
    const closed = dataDir('/root')
    expect(statSync('/root').mode & 0o077).toBe(0)
    const server = await start({ dataDir: closed, runAs: { kind: 'namespace' } })
    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('runs as a system user where namespaces are off, also below such a folder', async () => {
    const runAs = chooseRunAs(() => false)
    expect(runAs.kind).toBe('user')
    const closed = dataDir('/root')
    const sharedPlace = dataDir()
    chmodSync(sharedPlace, 0o755)
    const server = await start({ dataDir: closed, runAs, sharedPlace })
    const owner = statSync(`/proc/${server.process.pid}`).uid
    expect(owner).not.toBe(0)
    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(realpathSync(join(closed, 'postgres/platform')).startsWith(sharedPlace)).toBe(true)
  })

  test('copies the programs for a system user who cannot reach the installation', () => {
    const runAs = chooseRunAs(() => false)
    const closed = join(dataDir('/root'), 'somewhere')
    const native = findPostgresBinaries(dataDir()).native
    cpSync(native, closed, { recursive: true, verbatimSymlinks: true })
    for (const { target } of JSON.parse(readFileSync(join(closed, 'pg-symlinks.json'), 'utf8')) as {
      target: string
    }[]) {
      rmSync(join(closed, 'lib', basename(target)), { force: true })
    }
    const sharedPlace = dataDir()
    chmodSync(sharedPlace, 0o755)
    const binaries = reachableBinaries(runAs, prepareBinaries(closed, join(dataDir(), 'lib')), sharedPlace)
    expect(binaries.native.startsWith(sharedPlace)).toBe(true)
    const who = runAs.kind === 'user' ? { uid: runAs.uid, gid: runAs.gid } : {}
    const env = { ...process.env, ...binaries.env }
    const run = spawnSync(binaries.initdb, ['--version'], { ...who, cwd: '/', env, encoding: 'utf8' })
    expect(run.stdout).toMatch(/PostgreSQL\) 18/)
  })
})
