import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../../apps/server/src/supervisor/postgres.ts'

/** Free room that it takes to prefer memory to a disk; the databases of a whole run stay far below. */
const MEMORY_BYTES_MIN = 8 * 1024 ** 3

/**
 * One PostgreSQL cluster for a whole vitest run, without fsync, in a temporary folder (in memory where there is room). Its superuser's connection string
 * is in the environment variable HUITONG_TEST_PG_URL of every test process.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(roomyMemory() ?? tmpdir(), 'huitong-tests-'))
  const server = await startPostgres({ name: 'tests', dataDir, tunedFor: 'departments', durable: false })
  const leash = holdOnLeash(server.process.pid, dataDir)
  process.env['HUITONG_TEST_PG_URL'] = server.superuserUrl()
  return async () => {
    leash()
    await server.stop(5_000)
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** A file system in memory with room enough: there hundreds of databases are made and dropped in a tenth less time. */
function roomyMemory(): string | null {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    return bavail * bsize >= MEMORY_BYTES_MIN ? '/dev/shm' : null
  } catch {
    return null
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
