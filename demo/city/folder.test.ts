import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { files } from '@huitong/connectors'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillFolder, folderOf, plantedFiles } from './folder.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'huitong-demo-folder-'))
beforeAll(() => fillFolder(dataDir, 5))
afterAll(() => rmSync(dataDir, { recursive: true }))

const settings = { root: folderOf(dataDir), encoding: 'auto', delimiter: 'auto' } as const

test('every planted file is found with its columns, types and rows, beside the folder as it is', async () => {
  const { tables } = await files.discover(settings, { tablesMax: 10, columnsMax: 100 })
  const byName = (one: { name: string }, other: { name: string }) => (one.name < other.name ? -1 : 1)
  expect(tables.map(({ name }) => name)).toContain('./')
  expect(
    tables
      .filter(({ name }) => name !== './')
      .map(({ name, columns, rowEstimate, problem }) => {
        return {
          name,
          columns: columns.map((one) => [one.name, one.canonicalType]),
          rows: Number(rowEstimate),
          problem,
        }
      })
      .toSorted(byName),
  ).toEqual(
    plantedFiles(5)
      .map(({ table, columns, rows }) => {
        return { name: table, columns, rows: rows.length, problem: null }
      })
      .toSorted(byName),
  )
})

test('every value is read as it was planted', async () => {
  for (const { table, columns, rows } of plantedFiles(5)) {
    const fields = columns.map(([field]) => ({ field, as: field }))
    const stream = await files.readRows(settings, { table: { schema: '', name: table }, fields })
    let text = ''
    for await (const { data } of stream) text += Buffer.from(data).toString('utf8')
    const quoted = (value: string) => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)
    expect(text, table).toBe(rows.map((row) => `${row.map(quoted).join()}\n`).join(''))
  }
})

test('one file is GB18030 and no UTF-8, one has the mark of UTF-8', () => {
  const bytes = (name: string) => readFileSync(join(folderOf(dataDir), name))
  expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes('特种设备使用登记.csv'))).toThrow()
  expect(bytes('食品抽检结果.csv').subarray(0, 3).toString('hex')).toBe('efbbbf')
})
