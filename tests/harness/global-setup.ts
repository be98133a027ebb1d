import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../../apps/server/src/supervisor/postgres.ts'

/**
 * One PostgreSQL cluster for a whole vitest run, without fsync, in a temporary folder. Its superuser's connection string
 * is in the environment variable HUITONG_TEST_PG_URL of every test process.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'huitong-tests-'))
  const server = await startPostgres({ name: 'tests', dataDir, tunedFor: 'departments', durable: false })
  process.env['HUITONG_TEST_PG_URL'] = server.superuserUrl()
  return async () => {
    await server.stop(5_000)
    rmSync(dataDir, { recursive: true, force: true })
  }
}
