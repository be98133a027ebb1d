import { expect, test } from 'vitest'
import { spreadsheetText } from './spreadsheet.ts'

test('what a spreadsheet would compute becomes text; numbers and other texts stay', () => {
  for (const text of ['=1+1', '+1', '@a', '\tx', '\r', '-a', "-1+cmd|' /C calc'!A0", '-'])
    expect(spreadsheetText(text)).toBe(`'${text}`)
  for (const text of ['', '-1', '-1.50', '1=1', ' =x', '张三', '0571-1']) expect(spreadsheetText(text)).toBe(text)
})
