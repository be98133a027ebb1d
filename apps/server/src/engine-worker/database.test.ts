import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from './database.ts'

const spillFolder = mkdtempSync(join(tmpdir(), 'huitong-spill-'))
afterAll(() => rmSync(spillFolder, { recursive: true, force: true }))

test('two databases that spill at the same time read what each has written, and leave nothing', async () => {
  const settings = { socketPath: '', memoryMb: 64, threads: 2, spillFolder }
  const pair = [await openDatabase(settings), await openDatabase(settings)]
  let spilt = 0
  const looking = setInterval(() => (spilt = Math.max(spilt, ...folders().map((one) => readdirSync(one).length))), 20)
  const folders = () => readdirSync(spillFolder).map((one) => join(spillFolder, one))
  const sorted = pair.map(async ({ instance }, at) => {
    const db = await instance.connect()
    const rows = `SELECT md5((i + ${at})::VARCHAR) AS v FROM range(1500000) t(i)`
    await db.run(`CREATE TEMP TABLE s AS SELECT v FROM (${rows}) ORDER BY v`)
    const counted = await db.runAndReadAll(`SELECT count(*) AS n, count(DISTINCT v) AS d FROM s`)
    db.closeSync()
    return counted.getRows()[0]
  })
  expect(await Promise.all(sorted)).toEqual([
    [1_500_000n, 1_500_000n],
    [1_500_000n, 1_500_000n],
  ])
  clearInterval(looking)
  expect(spilt).toBeGreaterThan(0)
  for (const one of pair) one.close()
  expect(readdirSync(spillFolder)).toEqual([])
}, 60_000)
