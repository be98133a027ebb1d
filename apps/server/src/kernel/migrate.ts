import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { quoteIdentifier, quoteText } from '@huitong/policy'
import pg from 'pg'

const FOLDER = join(import.meta.dirname, '../../migrations')
const LOCK = 4_862_811

/** Passwords of the application's database roles. */
export interface RolePasswords {
  readonly app: string
  readonly tick: string
}

/** The database is newer than this code in a way that this code cannot serve. */
export class SchemaTooNew extends Error {}

interface Migration {
  readonly number: number
  readonly name: string
  readonly text: string
  readonly hash: string
}

/** All migrations in order; a file `0007_name.sql` whose first line is `-- breaking` makes older code refuse. */
export function readMigrations(): Migration[] {
  return readdirSync(FOLDER)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(join(FOLDER, name), 'utf8')
      return { number: Number(name.slice(0, 4)), name, text, hash: createHash('sha256').update(text).digest('hex') }
    })
}

/**
 * Brings the database of `ownerUrl` to the newest schema, forward only, each migration in its own transaction, and
 * gives the two application roles their rights. Throws {@link SchemaTooNew} for a newer breaking schema, and an error
 * naming the file when an applied migration was edited.
 */
export async function migrate(ownerUrl: string, passwords: RolePasswords): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK])
    await client.query(`create table if not exists migration (number integer primary key, name text not null,
      hash text not null, breaking boolean not null, applied_at timestamptz not null default now())`)
    await applyMissing(client, readMigrations())
    await ensureRoles(client, passwords)
    await client.query(readFileSync(join(FOLDER, 'roles.sql'), 'utf8'))
  } finally {
    await client.end()
  }
}

async function applyMissing(client: pg.Client, migrations: Migration[]): Promise<void> {
  const { rows } = await client.query<{ number: number; name: string; hash: string; breaking: boolean }>(
    'select number, name, hash, breaking from migration order by number',
  )
  const newest = migrations.at(-1)?.number ?? 0
  const ahead = rows.find((row) => row.number > newest && row.breaking)
  if (ahead) throw new SchemaTooNew(`the database has ${ahead.name}, which this version does not know`)
  for (const migration of migrations) {
    const applied = rows.find((row) => row.number === migration.number)
    if (applied && applied.hash !== migration.hash)
      throw new Error(`migration ${migration.name} was changed after it had been applied`)
    if (!applied) await applyOne(client, migration)
  }
}

async function applyOne(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin')
  try {
    // Row-level security is forced on the owner too: without a scope a migration would see and change no row at all.
    await client.query(`select set_config('huitong.scope', 'system', true)`)
    await client.query(migration.text)
    await client.query('insert into migration (number, name, hash, breaking) values ($1, $2, $3, $4)', [
      migration.number,
      migration.name,
      migration.hash,
      migration.text.startsWith('-- breaking'),
    ])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`migration ${migration.name} failed: ${(error as Error).message}`, { cause: error })
  }
}

/** Roles belong to the cluster, so several databases may ask at the same time: hence the cluster-wide retry. */
async function ensureRoles(client: pg.Client, passwords: RolePasswords): Promise<void> {
  await ensureRole(client, 'huitong_app', passwords.app)
  await ensureRole(client, 'huitong_tick', passwords.tick)
}

/** Makes a role that may sign in and nothing more, with this password. */
export async function ensureRole(client: pg.Client, role: string, password: string): Promise<void> {
  const name = quoteIdentifier(role)
  await client
    .query(`create role ${name} login nosuperuser nobypassrls`)
    .catch((error: { code?: string }) =>
      error.code === '42710' || error.code === '23505' ? undefined : Promise.reject(error),
    )
  await withRetry(() => client.query(`alter role ${name} login password ${quoteText(password)}`))
}

/** "tuple concurrently updated": another database of the cluster sets the same role. */
export async function withRetry(act: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await act()
      return
    } catch (error) {
      if ((error as { code?: string }).code !== 'XX000' || attempt >= 10) throw error
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt))
    }
  }
}
