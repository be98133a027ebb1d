import { createHash, randomBytes } from 'node:crypto'
import { Client } from 'pg'

const BUILD_TRIES_MAX = 2

/** A database that belongs to one test file. */
export interface TestDatabase {
  name: string
  /** Connection string of the superuser for this database. */
  url: string
  /** Ends its connections and removes it. */
  drop(): Promise<void>
}

/** The superuser's connection string of the run's cluster; throws outside vitest, where there is none. */
export function testClusterUrl(): string {
  const url = process.env['HUITONG_TEST_PG_URL']
  if (url === undefined) throw new Error('HUITONG_TEST_PG_URL is not set: run this under vitest')
  return url
}

/** A connection string like `testClusterUrl()` for another database, and another role if given. */
export function testUrl(database: string, role?: { name: string; password: string }): string {
  const url = new URL(testClusterUrl())
  url.pathname = `/${database}`
  if (role !== undefined) {
    url.username = encodeURIComponent(role.name)
    url.password = encodeURIComponent(role.password)
  }
  return url.href
}

/** Creates a database with a name of its own, empty or as a copy of a template made by `templateDatabase`. */
export async function createDatabase(options: { template?: string } = {}): Promise<TestDatabase> {
  const name = `t_${process.pid}_${randomBytes(6).toString('hex')}`
  await asSuperuser(async (client) => {
    const template = options.template ?? 'template1'
    await client.query(`CREATE DATABASE ${quote(name)} TEMPLATE ${quote(template)} STRATEGY file_copy`)
  })
  return {
    name,
    url: testUrl(name),
    drop: () => dropDatabase(name),
  }
}

/** Ends the connections of a database and removes it. */
export const dropDatabase = (name: string): Promise<void> =>
  asSuperuser(async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`)))

/**
 * The name of a template database that `build` fills through its connection string: once per run, under an advisory lock,
 * however many test files ask for it. A build that fails leaves nothing, so the next file tries again.
 * `build` must end its connections before it resolves.
 */
export async function templateDatabase(name: string, build: (url: string) => Promise<void>): Promise<string> {
  const template = `template_${name}`
  const key = createHash('sha256').update(template).digest().readBigInt64BE().toString()
  await asSuperuser(async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [key])
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template])
    if (rowCount !== 0) return
    for (let tries = 1; ; tries++) {
      try {
        return await buildTemplate(client, template, build)
      } catch (error) {
        // A machine that starts many platforms at a time may keep a connection waiting for too long.
        if (tries === BUILD_TRIES_MAX) throw error
      }
    }
  })
  return template
}

async function buildTemplate(client: Client, template: string, build: (url: string) => Promise<void>): Promise<void> {
  const half = `${template}_half`
  await client.query(`DROP DATABASE IF EXISTS ${quote(half)} WITH (FORCE)`)
  await client.query(`CREATE DATABASE ${quote(half)} TEMPLATE template1`)
  await build(testUrl(half))
  await client.query(`ALTER DATABASE ${quote(half)} RENAME TO ${quote(template)}`)
}

async function asSuperuser<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: testClusterUrl() })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end() // also gives back advisory locks
  }
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
