import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  type DiscoverResult,
  type ReadInput,
  type ReadResult,
  type Reject,
  type Rejected,
  REJECTS_INFO,
} from '@huitong/contract/work'
import { decodeBox, openBox, schemaHashOf } from '@huitong/segment'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { workbookParts, writeZip } from '../../../packages/connectors/src/testing/zip.ts'
import { createDatabase, type TestDatabase } from '../../../tests/harness/database.ts'
import { Exchange, run } from './testing/exchange.ts'
import type { Work } from './testing/work-queue.ts'

type Column = ReadInput['columns'][number]
const COLUMNS: ReadInput['columns'] = [
  { item: 'code', field: '设备代码', as: 'code', type: 'text', nullable: false },
  { item: 'name', field: '使用人', as: 'name', type: 'text', nullable: false },
  { item: 'born', field: '投用日期', as: 'born', type: 'date', nullable: true },
]
const CSV =
  '设备代码,使用人,投用日期,联系电话\r\n' +
  '000101,张三,2021-02-28,13800000000\r\n000102,李四光,2019-12-31,13800000001\r\n010103,"王,五",,13800000002\r\n'
/** As GB18030 holds them: the encoder of this runtime knows UTF-8 only. */
const GB18030 = 'd0d5c3fb2cb4fac2eb0ad5c5c8fd2c3030370a'

let root: string
let target: TestDatabase
let exchange: Exchange
let folder: ReadInput['source']
let tables = 0

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'huitong-folder-'))
  writeFileSync(join(root, '设备.csv'), `\ufeff${CSV}`)
  writeFileSync(join(root, '人员.csv'), Buffer.from(GB18030, 'hex'))
  const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`
  const rows = [
    ['设备代码', '使用人'],
    ['000201', '赵六'],
  ].map((row) => `<row>${row.map(cell).join('')}</row>`)
  writeFileSync(join(root, '台账.xlsx'), writeZip(workbookParts(rows.join(''))))
  writeFileSync(join(root, '坏.csv'), '设备代码,使用人\n000301,钱七\n000302,孙八,多一格\n')
  target = await createDatabase()
  exchange = await Exchange.start({
    sourceUrl: target.url,
    targetUrl: target.url,
    table: '-',
    columns: COLUMNS,
    key: [],
  })
  folder = {
    sourceId: randomUUID(),
    kind: 'files',
    settings: { root, encoding: 'auto', delimiter: 'auto' },
    secrets: null,
  }
})
afterAll(async () => {
  await exchange?.stop()
  await target?.drop()
  rmSync(root, { recursive: true, force: true })
})
beforeEach(() => exchange.fresh(`received_${++tables}`))

const ended = (kind: string, input: object, node = exchange.nodes.provider): Promise<Work> =>
  exchange.platform.work.ended(exchange.platform.work.queue(node, kind, input), 20_000)

async function found() {
  const work = await ended('discover', { source: folder })
  expect(work.problem).toBeNull()
  return (work.result as DiscoverResult).tables
}

/** The reading of a file, as the platform would ask for it. */
async function reading(name: string, change: Partial<ReadInput> = {}): Promise<ReadInput> {
  const schemaHash = (await found()).find((one) => one.name === name)?.schemaHash ?? '0'.repeat(64)
  return { ...(await exchange.readInput()), source: folder, table: { schema: '', name }, schemaHash, ...change }
}

/** Exchanges a file and gives what the other database received. */
async function exchanged(input: ReadInput): Promise<Record<string, unknown>[]> {
  const read = await ended('read', input)
  expect(read.problem).toBeNull()
  const apply = await exchange.applyInput()
  expect((await ended('apply', { ...apply, columns: input.columns }, exchange.nodes.consumer)).problem).toBeNull()
  const names = input.columns.map(({ as }) => `${as}::text`).join()
  return run(target.url, `SELECT ${names} FROM ${exchange.received} ORDER BY 1`)
}

test('a folder is discovered: encodings told apart, codes with leading zeros are text', async () => {
  const types = Object.fromEntries(
    (await found()).map(({ name, fields, rowEstimate }) => [
      name,
      [rowEstimate, ...fields.map((one) => `${one.name} ${one.canonicalType}`)],
    ]),
  )
  expect(types).toMatchObject({
    '设备.csv': ['3', '设备代码 text', '使用人 text', '投用日期 date', expect.any(String)],
    '人员.csv': ['1', '姓名 text', '代码 text'],
    '台账.xlsx#S': ['1', '设备代码 text', '使用人 text'],
  })
})

describe('a file goes to a database under a grant', () => {
  test('value for value: nothing but the granted items, codes as they stand, an empty date is NULL', async () => {
    expect(await exchanged(await reading('设备.csv'))).toEqual([
      { code: '000101', name: '张三', born: '2021-02-28' },
      { code: '000102', name: '李四光', born: '2019-12-31' },
      { code: '010103', name: '王,五', born: null },
    ])
    const columns = await run(
      target.url,
      `SELECT attname FROM pg_attribute WHERE attrelid = '${exchange.received}'::regclass AND attnum > 0`,
    )
    expect(columns.map((one) => one['attname'])).not.toContain('联系电话')
  })

  test('with its masks and its row filter', async () => {
    const grant = exchange.signGrant({
      masks: [{ item: 'name', mask: 'name' }],
      rowFilter: {
        op: 'and',
        args: [
          { op: 'startsWith', field: 'code', value: { type: 'text', value: '0001' } },
          { op: 'lt', field: 'born', value: { type: 'date', value: '2020-01-01' } },
        ],
      },
    } as never)
    expect(await exchanged(await reading('设备.csv', { grant }))).toEqual([
      { code: '000102', name: '李**', born: '2019-12-31' },
    ])
  })

  test('from GB18030 and from a sheet', async () => {
    const people = COLUMNS.slice(0, 2).map((one, at) => ({ ...one, field: ['代码', '姓名'][at]! }))
    expect(await exchanged(await reading('人员.csv', { columns: people }))).toEqual([{ code: '007', name: '张三' }])
    exchange.fresh(`received_${++tables}`)
    const sheet = await reading('台账.xlsx#S', { columns: COLUMNS.slice(0, 2) })
    expect(await exchanged(sheet)).toEqual([{ code: '000201', name: '赵六' }])
  })
})

describe('a file is mapped before it is sealed', () => {
  const [code, name, born] = COLUMNS as [Column, Column, Column]
  const mapped = (otherwise: 'refuse' | 'keep'): Column[] => [
    { ...code, as: 'bh' },
    { ...name, as: 'xm', type: 'text', codes: { of: 'text', pairs: [{ from: '张*', to: '甲' }], otherwise } },
    { ...code, as: 'pc', type: 'date', constant: '2026-01-31' },
    { ...born, as: 'rq' },
  ]
  const masks = { masks: [{ item: 'name', mask: 'name' }] } as never

  test('names, codes after the mask, and a constant', async () => {
    const input = await reading('设备.csv', { grant: exchange.signGrant(masks), columns: mapped('keep') })
    expect(await exchanged(input)).toEqual([
      { bh: '000101', xm: '甲', pc: '2026-01-31', rq: '2021-02-28' },
      { bh: '000102', xm: '李**', pc: '2026-01-31', rq: '2019-12-31' },
      { bh: '010103', xm: '王**', pc: '2026-01-31', rq: null },
    ])
  })

  test('a code that is not mapped ends it with the column, and never with the value', async () => {
    const work = await ended('read', await reading('设备.csv', { columns: mapped('refuse') }))
    expect(work.problem).toMatchObject({ code: 'connector.unmapped_code' })
    expect(work.problem!.message.zh).toContain('xm')
    expect(JSON.stringify(work.problem)).not.toContain('张三')
  })
})

describe('a file is refused', () => {
  const refused = async (input: ReadInput) => {
    const work = await ended('read', input)
    expect(exchange.platform.streams.held(exchange.stream).filter((one) => one.signed.manifest.final)).toEqual([])
    return work.problem
  }

  test('when the grant lacks a column, or filters by an item that is not there', async () => {
    const items = exchange.signGrant({ items: ['code', 'name'] })
    expect(await refused(await reading('设备.csv', { grant: items }))).toMatchObject({ code: 'grant.items' })
    const filter = { op: 'eq', field: 'phone', value: { type: 'text', value: '1' } } as const
    const grant = exchange.signGrant({ rowFilter: filter })
    expect(await refused(await reading('设备.csv', { grant }))).toMatchObject({ code: 'grant.items' })
  })

  test('with its name and the line where a row has too many fields', async () => {
    const input = await reading('坏.csv', { columns: COLUMNS.slice(0, 2) })
    const problem = await refused(input)
    expect(problem).toMatchObject({ code: 'connector.bad_file' })
    expect(problem!.message.zh).toContain('坏.csv')
    expect(problem!.message.zh).toContain('第 3 行')
    expect(problem!.message.en).toContain('line 3')
    expect(JSON.stringify(problem)).not.toContain('孙八')
  })

  test('when it has other columns than were mounted, or is gone', async () => {
    const input = await reading('设备.csv')
    expect(await refused({ ...input, schemaHash: '1'.repeat(64) })).toMatchObject({ code: 'source.changed' })
    expect(await refused({ ...input, table: { schema: '', name: '没有.csv' } })).toMatchObject({
      code: 'source.changed',
    })
    expect(await refused({ ...input, table: { schema: '', name: '../etc/passwd' } })).toMatchObject({
      code: 'connector.file_refused',
    })
  })
})

test('a table of a SQLite file goes the same way: discovered, masked, filtered, its values as they stand', async () => {
  const path = join(root, '台账.db')
  const made = new DatabaseSync(path)
  made.exec(`CREATE TABLE 设备 (设备代码 TEXT PRIMARY KEY, 使用人 TEXT, 投用日期 DATE, 编号 INTEGER, 联系电话 TEXT);
    INSERT INTO 设备 VALUES ('000101', '张三', '2021-02-28', 9223372036854775807, '138'), ('000102', '李四光', NULL, 2, '139'),
      ('010103', '王五', '2024-02-29', -3, '137')`)
  made.close()
  const source = { ...folder, kind: 'sqlite', settings: { path } }
  const work = await ended('discover', { source })
  const [table] = (work.result as DiscoverResult).tables
  expect(table).toMatchObject({ schema: '', name: '设备', key: ['设备代码'], rowEstimate: '3' })
  const columns = [
    ...COLUMNS,
    { item: 'number', field: '编号', as: 'number', type: 'bigint', nullable: true },
  ] satisfies Column[]
  const grant = exchange.signGrant({
    items: columns.map(({ item }) => item),
    masks: [{ item: 'name', mask: 'name' }],
    rowFilter: { op: 'ge', field: 'code', value: { type: 'text', value: '000102' } },
  } as never)
  const input = { ...(await exchange.readInput()), source, table: { schema: '', name: '设备' }, columns, grant }
  expect(await exchanged({ ...input, schemaHash: table!.schemaHash })).toEqual([
    { code: '000102', name: '李**', born: null, number: '2' },
    { code: '010103', name: '王*', born: '2024-02-29', number: '-3' },
  ])
})

describe('bad records are set aside where their source says so', () => {
  const aside = (settings: object = {}): ReadInput['source'] => ({
    ...folder,
    settings: { ...folder.settings, badRecords: 'aside', badRecordsPercent: 100, ...settings } as never,
  })
  const TYPED: ReadInput['columns'] = [
    { item: 'code', field: '代码', as: 'code', type: 'text', nullable: false },
    { item: 'count', field: '数量', as: 'count', type: 'integer', nullable: true },
  ]
  const schemaTypes = { 代码: 'text', 数量: 'integer', 备注: 'text' }
  const schemaHash = schemaHashOf(Object.entries(schemaTypes).map(([name, type]) => ({ name, type })))
  /** A reading of a file that was mounted when all of it was good. */
  const readingOf = async (name: string, over: Partial<ReadInput> = {}): Promise<ReadInput> => ({
    ...(await exchange.readInput()),
    source: aside(),
    table: { schema: '', name },
    columns: TYPED,
    schemaHash,
    schemaTypes,
    ...over,
  })
  const opened = async (input: ReadInput, { boxes }: Rejected): Promise<Reject[]> => {
    const { privateKey } = exchange.platform.sealing
    const plain = await Promise.all(
      boxes.map(({ first, box }) => {
        const aad = `${input.stream}/${input.generation}/${first}`
        return openBox(privateKey, decodeBox(box), { info: REJECTS_INFO, aad })
      }),
    )
    const lines = plain.map(String).join('').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as Reject)
  }

  test('CSV: wrong widths, words where numbers belong, NUL; the others arrive, each bad one is named with its content', async () => {
    const lines = [
      '代码,数量,备注',
      '001,5,',
      '002,五,身份证3301',
      '003,6',
      '004,7,a,b',
      '005,9999999999,',
      '\u0000006,8,',
      '007,9,"多\n行"',
    ]
    writeFileSync(join(root, '错.csv'), `${lines.join('\r\n')}\r\n`)
    exchange.columns = TYPED
    const input = await readingOf('错.csv')
    expect(await exchanged(input)).toEqual([
      { code: '001', count: '5' },
      { code: '007', count: '9' },
    ])
    const { rejected, rows } = exchange.platform.work.all.findLast(({ kind }) => kind === 'read')!.result as ReadResult
    expect([rows, rejected!.rows]).toEqual(['2', '5'])
    const listed = await opened(input, rejected!)
    expect(listed.map(({ file, line, column, raw }) => [file, line, column, raw])).toEqual([
      ['错.csv', 3, '数量', '002,五,身份证3301'],
      ['错.csv', 4, null, '003,6'],
      ['错.csv', 5, null, '004,7,a,b'],
      ['错.csv', 6, '数量', '005,9999999999,'],
      ['错.csv', 7, null, '\uFFFD006,8,'],
    ])
    expect(listed[0]!.reason).toEqual({ zh: '不是整数', en: 'Not a value of the type integer' })
    expect(listed[1]!.reason.zh).toBe('有 2 个字段，表头为 3 个')
    // Only the platform opens them, and only as the records of this run.
    expect(JSON.stringify(rejected)).not.toContain('3301')
    const { first, box } = rejected!.boxes[0]!
    const other = { info: REJECTS_INFO, aad: `${input.stream}/2/${first}` }
    await expect(openBox(exchange.platform.sealing.privateKey, decodeBox(box), other)).rejects.toThrow()
  })

  test('JSON lines, XLSX and XML alike; a long record is cut and says so', async () => {
    const long = 'x'.repeat(5_000)
    writeFileSync(
      join(root, '错.jsonl'),
      [`{"代码":"1","数量":1,"备注":"a"}`, '{"代码":"2","数量":', `{"代码":"3","数量":"${long}","备注":null}`].join(
        '\n',
      ),
    )
    const cell = (text: string) =>
      /^\d+$/.test(text) ? `<c><v>${text}</v></c>` : `<c t="inlineStr"><is><t>${text}</t></is></c>`
    const sheet = [
      ['代码', '数量', '备注'],
      ['甲', '1', 'a'],
      ['乙', '一', 'b'],
    ]
    writeFileSync(
      join(root, '错.xlsx'),
      writeZip(workbookParts(sheet.map((row) => `<row>${row.map(cell).join('')}</row>`).join(''))),
    )
    const xml = (code: string, count: string) => `<r><代码>${code}</代码><数量>${count}</数量><备注>c</备注></r>`
    writeFileSync(join(root, '错.xml'), `<a>${xml('甲', '1')}${xml('乙', '一')}</a>`)
    const columns = [...TYPED].sort((a, b) => (a.field < b.field ? -1 : 1))
    const sorted = schemaHashOf(
      Object.entries(schemaTypes)
        .sort()
        .map(([name, type]) => ({ name, type })),
    )
    for (const [name, hash, bad] of [
      [
        '错.jsonl',
        sorted,
        [
          [2, null, false],
          [3, '数量', true],
        ],
      ],
      ['错.xlsx#S', schemaHash, [[3, '数量', false]]],
      ['错.xml#r', sorted, [[1, '数量', false]]],
    ] as const) {
      exchange.fresh(`aside_${++tables}`)
      const input = await readingOf(name, { columns, schemaHash: hash })
      const work = await ended('read', input)
      expect(work.problem).toBeNull()
      const { rows, rejected } = work.result as ReadResult
      expect([name, rows]).toEqual([name, '1'])
      const listed = await opened(input, rejected!)
      expect(listed.map(({ line, column, cut }) => [line, column, cut])).toEqual(bad)
    }
  })

  test('a ceiling by number and by share ends the reading; so does what cannot be told apart, and without the setting the first one', async () => {
    writeFileSync(
      join(root, '多.csv'),
      `代码,数量,备注\n${Array.from({ length: 9 }, (_one, i) => `${i},${i < 4 ? '?' : i},`).join('\n')}\n`,
    )
    writeFileSync(join(root, '引号.csv'), '代码,数量,备注\n1,1,\n2,"2,\n3,3,\n')
    writeFileSync(join(root, '公式.csv'), '代码,数量,备注\n="001",1,\n')
    for (const [name, source, code] of [
      ['多.csv', aside({ badRecordsMax: 3 }), 'connector.too_many_bad'],
      ['多.csv', aside({ badRecordsPercent: 40 }), 'connector.too_many_bad'],
      ['引号.csv', aside(), 'connector.bad_file'],
      ['公式.csv', aside(), 'connector.bad_file'],
      ['多.csv', folder, 'connector.bad_value'],
    ] as const) {
      exchange.fresh(`aside_${++tables}`)
      const { problem } = await ended('read', await readingOf(name, { source }))
      expect([name, problem?.code]).toEqual([name, code])
      expect(problem!.detail).not.toContain('"="')
    }
    exchange.fresh(`aside_${++tables}`)
    const all = await ended('read', await readingOf('多.csv', { source: aside({ badRecordsPercent: 45 }) }))
    expect(all.result).toMatchObject({ rows: '5', rejected: { rows: '4' } })
  })
})
