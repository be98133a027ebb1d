import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sql } from 'kysely'
import { EngineError } from '../../engine-worker/client.ts'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import type { Services } from '../../kernel/services.ts'
import { eventTopic } from '../../kernel/wake.ts'
import { lakePath, lakeType, WAITING } from './lake.ts'
import { settleFile } from './settle-file.ts'
import { openStored, reopened } from './stored-segment.ts'

interface Row {
  stream_id: string
  generation: number
  sequence: number
  channel_id: string
  digest: string
  manifest: string
  kind: 'copy' | 'changes'
  final: boolean
  rows: string
}

/** Writes the verified segments of the resource centre's channels into the lake, one a turn, oldest first. */
export const writeLakeJob = job({
  name: 'write-lake',
  everyMs: 5_000,
  topics: [eventTopic('segment.verified')],
  async run(services, { signal }) {
    const row = await services.db.read(SYSTEM_ROWS, (db) =>
      db.maybe<Row>(sql`select x.stream_id, x.generation, x.sequence, x.channel_id, x.digest, x.manifest, s.kind, x.final, x.rows
        ${WAITING} order by x.verified_at, x.sequence limit 1`),
    )
    if (!row) {
      await sweep(services)
      return false
    }
    await writeOne(services, row, signal)
    return true
  },
})

async function writeOne(services: Services, row: Row, signal: AbortSignal): Promise<void> {
  const written = await write(services, row, signal)
  await act(services, systemActor('write-lake'), 'job.write_lake', async ({ db, now, wake }) => {
    await db.run(sql`insert into lake_file (stream_id, generation, sequence, channel_id, kind, final, rows, bytes, problem, written_at)
      values (${row.stream_id}, ${row.generation}, ${row.sequence}, ${row.channel_id}, ${row.kind}, ${row.final}, ${row.rows},
        ${written.bytes}, ${written.problem}, ${now}) on conflict do nothing`)
    // Checks and recipes may be waiting for this table.
    for (const waiting of ['job:run-checks', 'job:run-recipes']) await wake(waiting)
    const detail = { rows: row.rows, sequence: row.sequence, written: written.problem === null }
    return { value: null, audit: { objectKind: 'segment', objectId: row.digest, detail } }
  })
}

/** The file is whole and durable in its place when this resolves, or it says why it cannot be written. */
async function write(
  services: Services,
  row: Row,
  signal: AbortSignal,
): Promise<{ bytes: number; problem: string | null }> {
  const place = join(services.settings.dataDir, lakePath(row))
  const folder = join(services.settings.dataDir, 'engine')
  for (const one of [folder, dirname(place)]) mkdirSync(one, { recursive: true, mode: 0o700 })
  const plainPath = join(folder, `${randomUUID()}.csv`)
  const partPath = `${place}.${randomUUID()}.part`
  try {
    const signed = reopened(row.manifest)
    const plain = await openStored(services, row.digest, signed)
    await writeFile(plainPath, plain, { mode: 0o600 })
    const columns = signed.manifest.columns.map(({ name, type }) => ({ name, type: lakeType(type) }))
    const input = { path: plainPath, plainBytes: plain.length, columns, out: partPath }
    const { rows } = await services.engine.run('write-lake-file', input, { signal })
    if (String(rows) !== row.rows) throw new Error(`the lake got ${rows} rows instead of ${row.rows}`)
    await settleFile(partPath, place)
    return { bytes: (await stat(place)).size, problem: null }
  } catch (error) {
    // A value that its declared type does not hold stays so: it is recorded, and a new copy may be better.
    if (error instanceof EngineError && error.code === 'engine.failed' && !isForWantOfRoom(error))
      return { bytes: 0, problem: 'lake.value' }
    throw error
  } finally {
    for (const path of [plainPath, partPath]) rmSync(path, { force: true })
  }
}

/** Memory or disk was short, as DuckDB says it: the values may be good, and it is tried again. */
const isForWantOfRoom = (error: EngineError): boolean => /^(Out of Memory|IO) Error/.test(error.detail)

/** A file of the engine's folder is of one job; what is as old as this was left by a process that was killed. */
const LEFT_MS = 24 * 3_600_000

/** Removes plain files that were left: they hold data that is sealed everywhere else. */
async function sweep(services: Services): Promise<void> {
  const folder = join(services.settings.dataDir, 'engine')
  if (!existsSync(folder)) return
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const { mtimeMs } = await stat(path).catch((error: NodeJS.ErrnoException) => {
      // Its own job has removed it meanwhile.
      if (error.code === 'ENOENT') return { mtimeMs: Infinity }
      throw error
    })
    if (Date.now() - mtimeMs > LEFT_MS) await rm(path, { force: true })
  }
}
