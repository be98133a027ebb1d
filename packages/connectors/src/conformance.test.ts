import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseCsvRows } from '@huitong/segment'
import exceljs from 'exceljs'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type ConformanceHarness, conformanceCases, STANDARD_COLUMNS, STANDARD_CSV } from './conformance.ts'
import { files } from './files/connector.ts'
import type { FilesSettings } from './files/settings.ts'
import { mysql } from './mysql/connector.ts'
import type { MysqlSettings } from './mysql/settings.ts'
import { postgresql } from './postgresql/connector.ts'
import type { PostgresqlSettings } from './postgresql/settings.ts'
import { sqlite } from './sqlite/connector.ts'
import type { SqliteSettings } from './sqlite/settings.ts'
import { run, startCluster, type TestCluster } from './testing/cluster.ts'
import { runMysql, startMariadb, type TestMariadb } from './testing/mariadb.ts'

const UNKNOWN = {
  host: '127.0.0.1',
  port: 1,
  database: 'd',
  user: 'u',
  password: 'never-to-be-shown',
  tls: 'off',
} as const

/** The names of the cases are needed before the harness can be made. */
function suite<S>(prepare: () => Promise<ConformanceHarness<S>>, connector: ConformanceHarness<S>['connector']): void {
  let cases: ReturnType<typeof conformanceCases>
  beforeAll(async () => {
    cases = conformanceCases(await prepare())
  })
  const nowhere = {
    connector,
    settings: null,
    broken: { settings: null, secret: null },
  } as unknown as ConformanceHarness<S>
  for (const [i, { name }] of conformanceCases(nowhere).entries()) it(name, () => cases[i]!.run())
}

describe('postgresql', () => {
  let cluster: TestCluster
  afterAll(() => cluster.stop())
  suite<PostgresqlSettings>(async () => {
    cluster = await startCluster()
    const settings = await cluster.database()
    await run(
      settings,
      `CREATE TABLE standard (code text, "名称" text, amount numeric, day date); CREATE TABLE empty (LIKE standard);
       INSERT INTO standard VALUES ('000123', '张"三", 𠮷' || U&'\\E000', 12345678901234567890.123456789, '2024-02-29'),
         ('000124', E'a\\nb, c', -0.5, '0001-01-01'), ('110101199003070038', ' 前后空格 ', 0, '9999-12-31'), ('000126', '\\.x', NULL, NULL)`,
    )
    return {
      connector: postgresql,
      settings,
      broken: { settings: UNKNOWN, secret: UNKNOWN.password },
      standard: { schema: 'public', name: 'standard' },
      empty: { schema: 'public', name: 'empty' },
      missing: { schema: 'public', name: 'missing' },
    }
  }, postgresql)
})

describe('mysql', () => {
  let server: TestMariadb
  afterAll(() => server.stop())
  suite<MysqlSettings>(async () => {
    server = await startMariadb()
    const settings = await server.database()
    const schema = settings.database
    await runMysql(
      settings,
      `CREATE TABLE standard (code text, \`名称\` text, amount decimal(38,9), day date); CREATE TABLE empty LIKE standard;
       INSERT INTO standard VALUES ('000123', '张"三", 𠮷\ue000', 12345678901234567890.123456789, '2024-02-29'),
         ('000124', 'a\nb, c', -0.5, '0001-01-01'), ('110101199003070038', ' 前后空格 ', 0, '9999-12-31'), ('000126', '\\\\.x', NULL, NULL)`,
    )
    return {
      connector: mysql,
      settings,
      broken: { settings: UNKNOWN, secret: UNKNOWN.password },
      standard: { schema, name: 'standard' },
      empty: { schema, name: 'empty' },
      missing: { schema, name: 'missing' },
    }
  }, mysql)
})

describe('sqlite', () => {
  let root: string
  afterAll(() => rmSync(root, { recursive: true }))
  suite<SqliteSettings>(async () => {
    root = mkdtempSync(join(tmpdir(), 'huitong-conformance-'))
    const path = join(root, 'standard.db')
    const made = new DatabaseSync(path)
    // A DECIMAL of SQLite's own is a double; who needs its digits declares it so that they stay text.
    const columns = `(code text, "名称" text, amount "DECIMAL TEXT", day date)`
    made.exec(`CREATE TABLE standard ${columns}; CREATE TABLE empty ${columns};
      INSERT INTO standard VALUES ('000123', '张"三", 𠮷\ue000', '12345678901234567890.123456789', '2024-02-29'),
        ('000124', 'a\nb, c', '-0.5', '0001-01-01'), ('110101199003070038', ' 前后空格 ', '0', '9999-12-31'), ('000126', '\\.x', NULL, NULL)`)
    made.close()
    return {
      connector: sqlite,
      settings: { path },
      broken: { settings: { path: '/nowhere-at-all' }, secret: null },
      standard: { schema: '', name: 'standard' },
      empty: { schema: '', name: 'empty' },
      missing: { schema: '', name: 'missing' },
    }
  }, sqlite)
})

const FILE_NAMES = {
  csv: (table: string) => `${table}.csv`,
  xlsx: (table: string) => `book.xlsx#${table}`,
  jsonl: (table: string) => `${table}.jsonl`,
  xml: (table: string) => `${table}.xml#r`,
}
for (const kind of ['csv', 'xlsx', 'jsonl', 'xml'] as const) {
  describe(`files: ${kind}`, () => {
    let root: string
    afterAll(() => rmSync(root, { recursive: true }))
    suite<FilesSettings>(async () => {
      root = mkdtempSync(join(tmpdir(), 'huitong-conformance-'))
      const head = STANDARD_COLUMNS.join(',')
      writeFileSync(join(root, 'standard.csv'), `${head}\r\n${STANDARD_CSV.join('')}`)
      writeFileSync(join(root, 'empty.csv'), `${head}\n`)
      if (kind === 'xlsx') await writeBook(join(root, 'book.xlsx'))
      if (kind === 'jsonl') {
        writeFileSync(join(root, 'standard.jsonl'), rowsAs(jsonLine).join('\r\n'))
        writeFileSync(join(root, 'empty.jsonl'), '')
      }
      if (kind === 'xml') {
        writeFileSync(join(root, 'standard.xml'), `<t>\n${rowsAs(xmlRecord).join('\n')}\n</t>`)
        writeFileSync(join(root, 'empty.xml'), '<t/>')
      }
      const name = (table: string) => ({ schema: '', name: FILE_NAMES[kind](table) })
      return {
        connector: files,
        settings: { root, encoding: 'auto', delimiter: 'auto' },
        broken: { settings: { root: '/nowhere-at-all', encoding: 'auto', delimiter: 'auto' }, secret: null },
        standard: name('standard'),
        empty: kind === 'csv' || kind === 'xlsx' ? name('empty') : null,
        missing: name('missing'),
        ...(kind === 'jsonl' || kind === 'xml' ? { isUnordered: true as const } : {}),
      }
    }, files)
  })
}

const rowsAs = (write: (fields: (string | null)[]) => string): string[] =>
  [...parseCsvRows(Buffer.from(STANDARD_CSV.join('')))].map((row) =>
    write(row.map((field) => field?.toString() ?? null)),
  )

function jsonLine(fields: (string | null)[]): string {
  const pairs = fields.map((field, i) => {
    const value = field !== null && STANDARD_COLUMNS[i] === 'amount' ? field : JSON.stringify(field)
    return `${JSON.stringify(STANDARD_COLUMNS[i])}: ${value}`
  })
  return `{${pairs.join(', ')}}`
}

function xmlRecord(fields: (string | null)[]): string {
  const text = (field: string) => field.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<r>${fields.map((field, i) => (field === null ? '' : `<${STANDARD_COLUMNS[i]}>${text(field)}</${STANDARD_COLUMNS[i]}>`)).join('')}</r>`
}

const day = (year: number, month: number, date: number) => new Date(Date.UTC(year, month - 1, date))

async function writeBook(path: string): Promise<void> {
  const book = new exceljs.Workbook()
  const sheet = book.addWorksheet('standard')
  sheet.addRow([...STANDARD_COLUMNS])
  // A workbook has no date before 1900 and no number past a double, so those stand as text.
  sheet.addRow(['000123', '张"三", 𠮷\ue000', '12345678901234567890.123456789', day(2024, 2, 29)])
  sheet.addRow(['000124', 'a\nb, c', -0.5, '0001-01-01'])
  sheet.addRow(['110101199003070038', ' 前后空格 ', 0, day(9999, 12, 31)])
  sheet.addRow(['000126', '\\.x', null, null])
  book.addWorksheet('empty').addRow([...STANDARD_COLUMNS])
  await book.xlsx.writeFile(path)
}
