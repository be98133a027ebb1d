import { expect, test } from 'vitest'
import { statementNames } from './statement-names.ts'

test('a statement that comes again gets a name of its own and keeps it', () => {
  const nameOf = statementNames()
  const asked = ['select 1', 'select 2', 'select 1', 'select 2', 'select 1', 'select 2', 'select 1'].map(nameOf)
  expect(asked.slice(0, 4)).toEqual([null, null, null, null])
  expect(asked[4]).not.toBeNull()
  expect(asked[5]).not.toBe(asked[4])
  expect(asked[6]).toBe(asked[4])
})

test('statements without end take neither names nor memory without end', () => {
  const nameOf = statementNames()
  for (let turn = 0; turn < 10_000; turn++) expect(nameOf(`select ${turn}`)).toBeNull()
  const names = new Set<string | null>()
  for (let turn = 0; turn < 300; turn++) for (let time = 0; time < 3; time++) names.add(nameOf(`select '${turn}'`))
  names.delete(null)
  expect(names.size).toBe(200)
  expect(nameOf("select '0'")).toBe([...names][0])
})
