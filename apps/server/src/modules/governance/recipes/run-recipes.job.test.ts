import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { createRecipe, listRecipeRuns, startRecipeRun, undoRecipeRun } from '@huitong/contract/recipes'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import { useQuality } from '../testing/quality.ts'
import { governedPath } from './recipe-runs.ts'

const ROWS = [
  ['10', ' 王 小明', '110105491231002', null, null, '530302001001'],
  ['2', '李梅', '34052419800101001X', null, null, '530302001002 '],
  ['30', '李 梅', '34052419800101001X', null, null, null],
]
const STEPS = [
  { kind: 'trim', parameters: { column: 'name', inside: 'none' } },
  { kind: 'id_to_18', parameters: { column: 'id_number' } },
  { kind: 'from_id', parameters: { column: 'id_number', part: 'birth', into: 'born' } },
  { kind: 'deduplicate', parameters: { columns: ['name', 'id_number'], order: 'village_code', keep: 'first' } },
]

describe('the job that runs recipes', () => {
  const quality = useQuality()
  const { platform } = quality
  const db = () => platform.server.services.db
  let id = ''
  beforeAll(async () => {
    await quality.send(ROWS)
    const body = { datasetId: quality.landed.dataset.id, steps: STEPS, examples: [] }
    id = (await (await platform.as('centre')).call(createRecipe, { body })).id
  }, 60_000)

  async function run() {
    const centre = await platform.as('centre')
    const started = await centre.call(startRecipeRun, { params: { id } })
    const { items } = await eventually(
      () => centre.call(listRecipeRuns, { params: { id }, query: {} }),
      ({ items: all }) => all.some((one) => one.id === started.id && ['done', 'failed'].includes(one.state)),
      30_000,
    )
    return items.find((one) => one.id === started.id)!
  }
  const placeOf = (run: string) => join(platform.dataDir, governedPath(run))

  test('makes the governed table, counts each step, and another reader of Parquet reads it', async () => {
    const made = await run()
    expect(made).toMatchObject({ state: 'done', rows: '3', left: '2', changed: '2', current: true })
    expect(made.steps.map((one) => one.rows)).toEqual(['1', '1', '2', '1'])
    const reader = await (await DuckDBInstance.create(':memory:')).connect()
    const read = await reader.runAndReadAll(
      `SELECT id::VARCHAR AS id, name, id_number, born, village_code FROM read_parquet('${placeOf(made.id)}', file_row_number = true) ORDER BY file_row_number`,
    )
    expect(read.getRows()).toEqual([
      ['2', '李梅', '34052419800101001X', '1980-01-01', '530302001002 '],
      ['10', '王小明', '11010519491231002X', '1949-12-31', '530302001001'],
    ])
    reader.closeSync()
    expect(
      await db().read(SYSTEM_ROWS, (tx) =>
        tx.many(sql`select 1 from audit where action = 'job.run_recipe' and object_id = ${made.id}`),
      ),
    ).toHaveLength(1)
  })

  test('a run that was killed in its middle is made again', async () => {
    const made = await run()
    await db().write(SYSTEM_ROWS, (tx) =>
      tx.run(sql`update recipe_run set state = 'running', bytes = null, rows = null where id = ${made.id}`),
    )
    const centre = await platform.as('centre')
    await eventually(
      () => centre.call(listRecipeRuns, { params: { id }, query: {} }),
      ({ items }) => items.some((one) => one.id === made.id && one.state === 'done' && one.rows === '3'),
      30_000,
    )
  })

  test('tables that newer ones replaced and those that were undone are let go', async () => {
    const runs: { id: string }[] = []
    for (let n = 0; n < 4; n++) runs.push(await run())
    const stray = join(platform.dataDir, governedPath('00000000-0000-4000-8000-000000000000'))
    writeFileSync(stray, 'left by a run that was killed')
    await (await platform.as('centre')).call(undoRecipeRun, { params: { id: runs[3]!.id } })
    await eventually(
      async () => runs.map((one) => existsSync(placeOf(one.id))),
      (are) => JSON.stringify(are) === '[false,true,true,false]',
      20_000,
    )
    await eventually(
      async () => existsSync(stray),
      (is) => !is,
      20_000,
    )
  })

  test('a recipe that no longer fits its table fails with words', async () => {
    await db().write(SYSTEM_ROWS, (tx) =>
      tx.run(
        sql`update recipe set steps = ${JSON.stringify([{ kind: 'trim', parameters: { column: 'gone', inside: 'keep' } }])} where id = ${id}`,
      ),
    )
    expect(await run()).toMatchObject({
      state: 'failed',
      problem: { en: expect.stringContaining('look at the recipe') },
    })
  })
})
