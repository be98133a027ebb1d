import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Column } from '@huitong/segment'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runMysql, startMariadb, type TestMariadb } from '../testing/mariadb.ts'
import { selectOf, sumsOf } from '../testing/transfer.ts'
import { mysql } from './connector.ts'
import { withSession } from './connect.ts'
import type { MysqlSettings } from './settings.ts'

// Bytes that are no character of a column's set. The server itself says `?` for them, without a word.

let mariadb: TestMariadb
let settings: MysqlSettings
beforeAll(async () => {
  mariadb = await startMariadb()
  settings = await mariadb.database()
})
afterAll(() => mariadb?.stop())

const COLUMNS: Column[] = [
  { name: 'id', type: 'integer' },
  { name: 'v', type: 'text' },
]

/**
 * A table whose text is stored as these bytes, whatever the server would say of them: the file of a table of bytes put
 * in the place of that of a table of texts, as tables of older servers, or of a copy of files, come to be.
 */
async function tableOf(name: string, charset: string, bytesMax: number, values: readonly string[]): Promise<void> {
  const bytesPerCharacter: Record<string, number> = { utf8mb4: 4, utf8mb3: 3, gbk: 2, big5: 2, ucs2: 2, ascii: 1 }
  const characters = bytesMax / bytesPerCharacter[charset]!
  await runMysql(
    settings,
    `CREATE TABLE raw_${name} (id int PRIMARY KEY, v varbinary(${bytesMax})) ENGINE = MyISAM;
     INSERT INTO raw_${name} VALUES ${values.map((hex, i) => `(${i + 1}, x'${hex}')`).join(', ')};
     CREATE TABLE ${name} (id int PRIMARY KEY, v varchar(${characters}) CHARACTER SET ${charset}) ENGINE = MyISAM;
     FLUSH TABLES`,
  )
  const file = (table: string, kind: string) => join(mariadb.folder, settings.database, `${table}.${kind}`)
  for (const kind of ['MYD', 'MYI']) copyFileSync(file(`raw_${name}`, kind), file(name, kind))
  await runMysql(settings, 'FLUSH TABLES')
}

async function read(table: string, where: string | null = null, mask: 'name' | 'last4' | null = null) {
  const database = mysql.open(settings)
  const select = selectOf(database, COLUMNS)
  if (mask !== null) select[1] = { ...select[1]!, expression: database.sql.column('v', 'text', mask) }
  const rows = await database.readRows({
    table: { schema: settings.database, name: table },
    select,
    where,
    key: ['id'],
  })
  let text = ''
  for await (const { data } of rows) text += Buffer.from(data).toString()
  return text
}

/** `good` are texts, some with question marks of their own; of `bad` none can be made. */
const SETS: Readonly<Record<string, { readonly bytesMax: number; readonly good: string[]; readonly bad: string[] }>> = {
  gbk: {
    bytesMax: 24,
    good: ['D5C5C8FD', '613F', '3F3F', 'E280'],
    bad: ['80', 'FF', 'A1', 'D5C5FF', 'D5C5FF3F', 'C32E'],
  },
  utf8mb4: {
    bytesMax: 24,
    good: ['E5BCA0E4B889', '3F', 'F09F9880'],
    bad: ['FF', 'E5BCA0FF', 'E5BC', 'EDA080', 'C080'],
  },
  utf8mb3: { bytesMax: 24, good: ['E5BCA0E4B889', '3F'], bad: ['FF', 'F09F9880', 'E5BC'] },
  big5: { bytesMax: 24, good: ['A6D9', '3F61'], bad: ['80', 'C8FD'] },
  // Halves of characters are handed on by the server as they are.
  ucs2: { bytesMax: 24, good: ['5F204E09', '003F'], bad: ['D800', '5F20DE00', 'D83DDE00'] },
  ascii: { bytesMax: 24, good: ['3F', '61'], bad: ['80', '61FF'] },
}

describe.each(Object.entries(SETS))('stored in %s', (charset, { bytesMax, good, bad }) => {
  test('what is text is read exactly, and anything else is refused with table, column and key', async () => {
    const name = `t_${charset}`
    await tableOf(name, charset, bytesMax, [...good, ...bad])
    const decoder = new TextDecoder(charset.startsWith('utf8') ? 'utf-8' : charset === 'ucs2' ? 'utf-16be' : charset)
    const texts = good.map((hex, i) => `${i + 1},${decoder.decode(Buffer.from(hex, 'hex'))}\n`)
    expect(await read(name, `id <= ${good.length}`)).toBe(texts.join(''))
    for (let i = 0; i < bad.length; i++) {
      const id = good.length + 1 + i
      await expect(read(name, `id = ${id}`), bad[i]).rejects.toMatchObject({
        code: 'bad_value',
        hop: 'source',
        retryable: false,
        place: { table: name, column: 'v', key: [String(id)] },
      })
    }
    await expect(read(name)).rejects.toMatchObject({ code: 'bad_value', place: { key: [String(good.length + 1)] } })
  })
})

test('a character of GBK that Unicode gives another place, or none, is refused and not replaced', async () => {
  await runMysql(
    settings,
    `CREATE TABLE own (id int PRIMARY KEY, v varchar(20) CHARACTER SET gbk) CHARACTER SET utf8mb4;
     INSERT INTO own VALUES (1, '张三'), (2, cast(x'C0EEA6D9' as char character set gbk))`,
  )
  const stored = await withSession(settings, 'source', (session) => session.rows('SELECT hex(v) AS v FROM own'))
  expect(stored.map((row) => row['v'])).toEqual(['D5C5C8FD', 'C0EEA6D9'])
  await expect(read('own')).rejects.toMatchObject({
    code: 'bad_value',
    words: { zh: expect.stringContaining('表 own，字段 v，主键 2') },
  })
  // Under a mask too: what it shows would be another text.
  expect(await read('own', 'id = 1', 'name')).toBe('1,张*\n')
  await expect(read('own', 'id = 2', 'name')).rejects.toMatchObject({ code: 'bad_value', place: { key: ['2'] } })
  await expect(read('own', 'id = 2', 'last4')).rejects.toMatchObject({ code: 'bad_value' })
})

test('reading by cursor refuses them too, and a comparison never takes them for the text they would have become', async () => {
  await runMysql(
    settings,
    `CREATE TABLE pushed (id int PRIMARY KEY, v varchar(20) CHARACTER SET gbk, updated_at timestamp(6) NOT NULL) CHARACTER SET utf8mb4;
     INSERT INTO pushed VALUES (1, '张三', now(6)), (2, cast(x'C0EEA6D9' as char character set gbk), now(6));
     CREATE TABLE replaced (id int PRIMARY KEY, v varchar(20)) CHARACTER SET utf8mb4;
     INSERT INTO replaced VALUES (1, '张三'), (2, '李?')`,
  )
  const database = mysql.open(settings)
  const changes = await database.readChanges({
    table: { schema: settings.database, name: 'pushed' },
    select: selectOf(database, COLUMNS),
    where: null,
    convention: { operation: null, updatedAt: 'updated_at' },
    key: ['id'],
    cursor: null,
    lagSeconds: 1,
  })
  const all = async () => {
    for await (const _chunk of changes);
  }
  await expect(all()).rejects.toMatchObject({ code: 'bad_value', place: { table: 'pushed', column: 'v', key: ['2'] } })
  const sums = (name: string) =>
    sumsOf(database, { schema: settings.database, name }, COLUMNS, ['id'], Buffer.alloc(32, 7))
  const [left, right] = [await sums('pushed'), await sums('replaced')]
  expect(left.reduce((n, { rows }) => n + Number(rows), 0)).toBe(2)
  expect(left).not.toEqual(right)
  await runMysql(settings, `UPDATE pushed SET v = '李?' WHERE id = 2`)
  expect(await sums('pushed')).toEqual(right)
})
