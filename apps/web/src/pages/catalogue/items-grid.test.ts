import { expect, test } from 'vitest'
import { cellsOf, gridFaults, pasteAt, withCell, type DraftItem } from './items-grid.ts'

const item = (code: string, zh: string): DraftItem => ({ code, name: { zh } })

test('a block from a spreadsheet fills cells to the right and rows below, adding rows', () => {
  const next = pasteAt([item('a', '甲')], 0, 'name', '姓名\txm\t字符型\t50\r\n出生日期\tcsrq\t日期型\t\r\n')
  expect(next).toEqual([
    { code: 'xm', name: { zh: '姓名' }, type: 'text', length: 50 },
    { code: 'csrq', name: { zh: '出生日期' }, type: 'date' },
  ])
})

test('words of enumerations are understood in both languages and as values', () => {
  expect(withCell(item('a', '甲'), 'shareAttribute', '有条件共享').shareAttribute).toBe('conditional')
  expect(withCell(item('a', '甲'), 'shareAttribute', 'Not shared').shareAttribute).toBe('refused')
  expect(withCell(item('a', '甲'), 'level', 'general_3').level).toBe('general_3')
  expect(withCell(item('a', '甲'), 'key', '是').key).toBe(true)
  expect(withCell(item('a', '甲'), 'nullable', '否').nullable).toBe(false)
})

test('a text that a cell cannot hold leaves it empty instead of guessing', () => {
  expect(withCell({ ...item('a', '甲'), level: 'core' }, 'level', '绝密').level).toBeUndefined()
  expect(withCell({ ...item('a', '甲'), length: 5 }, 'length', '12.5').length).toBeUndefined()
})

test('quoted cells keep their tabs, quotes and line ends', () => {
  expect(cellsOf('"a\tb"\t"say ""x"""\n"two\nlines"\tz')).toEqual([
    ['a\tb', 'say "x"'],
    ['two\nlines', 'z'],
  ])
  expect(cellsOf('a\r\n')).toEqual([['a']])
})

test('faults name the row: bad code, same code twice, no name', () => {
  expect(gridFaults([item('a', '甲'), item('a', '乙'), item('9x', '丙'), item('ok', '')])).toEqual([
    { row: 0, fault: 'twice' },
    { row: 1, fault: 'twice' },
    { row: 2, fault: 'code' },
    { row: 3, fault: 'name' },
  ])
})
