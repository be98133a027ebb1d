import { spawn } from 'node:child_process'
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
  const leash = holdOnLeash(server.process.pid, dataDir)
  process.env['HUITONG_TEST_PG_URL'] = server.superuserUrl()
  return async () => {
    leash()
    await server.stop(5_000)
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Ends the cluster and removes its folder also when this run is killed: a shell waits for the end of our pipe. */
function holdOnLeash(pid: number, folder: string): () => void {
  const script = 'read -r end || { kill -INT "$1"; sleep 3; rm -rf "$2"; }'
  const shell = spawn('/bin/sh', ['-c', script, 'sh', String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.unref()
  return () => shell.stdin.end('end\n')
}
