import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { maskText, MASKS } from '@huitong/policy'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobRunner } from '../run-job.ts'
import type { QueryAnswer } from './run-query.ts'

const folder = mkdtempSync(join(tmpdir(), 'huitong-query-'))
const file = (name: string): string => join(folder, `${name}.parquet`)
const run = jobRunner({ memoryMb: 200, threads: 2, socketPath: '', spillFolder: join(folder, 'spill') })

const TEXTS = ['王小明', '530302199001011234', '13800001111', '', '甲', '👪家', null]
const RESIDENT = {
  schema: 'collection',
  name: 'resident',
  columns: [
    { name: 'id', mask: null },
    { name: 'name', mask: 'name' as const },
  ],
  files: { base: [file('resident')], changes: [file('changed')], key: ['id'] },
}

function ask(text: string, tables: readonly unknown[] = [RESIDENT], rowsMax = 100): Promise<QueryAnswer> {
  return run('run-query', { text, tables, rowsMax }, AbortSignal.timeout(20_000)) as Promise<QueryAnswer>
}

describe('a question over tables of the centre', () => {
  beforeAll(async () => {
    const db = await (await DuckDBInstance.create(':memory:')).connect()
    await db.run(
      `copy (select * from (values (1, '王小明', '530302'), (2, '李梅', '530303')) t(id, name, district)) to '${file('resident')}'`,
    )
    await db.run(
      `copy (select * from (values (2, '李雷', '530303', 'U'), (3, '韩梅梅', '530304', 'I')) t(id, name, district, _op)) to '${file('changed')}'`,
    )
    await db.run(`copy (select i as id, 'text ' || i as name from range(200000) t(i)) to '${file('large')}'`)
    const values = TEXTS.map((one, at) => `(${at}, ${one === null ? 'null' : `'${one}'`})`).join(', ')
    await db.run(`copy (select * from (values ${values}) t(id, name)) to '${file('texts')}'`)
    db.closeSync()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('meets the latest state of the rows, masked; a mask is no door to what is behind it', async () => {
    expect(await ask('select * from collection.resident order by id')).toEqual({
      faults: [],
      columns: [
        { name: 'id', type: 'INTEGER', numeric: true },
        { name: 'name', type: 'VARCHAR', numeric: false },
      ],
      rows: [
        ['1', '王**'],
        ['2', '李*'],
        ['3', '韩**'],
      ],
      more: false,
    })
    expect((await ask("select count(*) from collection.resident where name = '王小明'")).rows).toEqual([['0']])
    expect((await ask('select district from collection.resident')).faults[0]!.en).toContain('district')
    const again =
      'with recursive "#0" as (select name from "#0" union select name from "#0") from "#0", collection.resident'
    expect((await ask(again)).faults[0]!.en).toContain('cannot define the name')
    for (const around of ['"#0"', 'temp."#0"', `'${file('resident')}'`])
      expect((await ask(`select * from collection.resident, ${around}`)).faults[0]!.en).toContain('there is no table')
  })

  test('every mask gives in the engine what it gives elsewhere', async () => {
    for (const mask of MASKS) {
      const table = {
        ...RESIDENT,
        columns: [RESIDENT.columns[0]!, { name: 'name', mask }],
        files: { base: [file('texts')], changes: [], key: ['id'] },
      }
      const { rows } = await ask('select name from collection.resident order by id', [table])
      expect(rows.map(([one]) => one)).toEqual(TEXTS.map((one) => maskText(mask, one)))
    }
  })

  test('says that there is more, cuts long cells, and sorts more than fits into memory', async () => {
    const large = {
      ...RESIDENT,
      columns: RESIDENT.columns.map((one) => ({ ...one, mask: null })),
      files: { base: [file('large')], changes: [], key: ['id'] },
    }
    const first = await ask('select * from collection.resident order by name desc', [large], 10)
    expect([first.rows.length, first.more, first.rows[0]![1]]).toEqual([10, true, 'text 99999'])
    const [[list]] = (await ask("select string_agg(name, ',') from collection.resident", [large])).rows as [[string]]
    expect(list).toHaveLength(2001)
    const joined = await ask(
      'select count(*) from (select a.name || b.name as n from collection.resident a, collection.resident b where b.id < 10 order by n offset 1)',
      [large],
    )
    expect(joined).toMatchObject({ faults: [], rows: [['1999999']] })
  })

  test('what goes wrong says where or why, and names no file', async () => {
    expect((await ask('select * from')).faults[0]).toMatchObject({
      at: 13,
      en: expect.stringContaining('syntax error'),
    })
    expect((await ask("select x, '身份', getenv('HOME')")).faults).toEqual([
      expect.objectContaining({ at: 16, en: expect.stringContaining('getenv') }),
    ])
    expect((await ask('select name::int from collection.resident')).faults[0]!.en).toContain('Could not convert')
    const tooLarge = await ask(
      'select list(a.name || b.name)[1] from collection.resident a, collection.resident b where b.id < 100',
      [{ ...RESIDENT, files: { base: [file('large')], changes: [], key: ['id'] } }],
    )
    expect(tooLarge.faults).toEqual([
      { at: null, zh: expect.stringContaining('内存'), en: expect.stringContaining('memory') },
    ])
    const gone = { ...RESIDENT, files: { base: [file('gone')], changes: [], key: ['id'] } }
    await expect(ask('select * from collection.resident', [gone])).rejects.toThrow()
  })

  test('a question whose time is up is stopped', async () => {
    const endless = run(
      'run-query',
      {
        text: 'select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = 7',
        tables: [],
        rowsMax: 1,
      },
      AbortSignal.timeout(300),
    )
    await expect(endless).rejects.toMatchObject({ code: 'engine.cancelled' })
  })
})
