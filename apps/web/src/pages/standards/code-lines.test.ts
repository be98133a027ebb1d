import { expect, test } from 'vitest'
import { codesOf, linesOf } from './code-lines.ts'

test('codes are read from lines as sheets and people write them', () => {
  const codes = [
    { code: '01', name: '汉族' },
    { code: '02', name: '蒙古族 （含）' },
    { code: 'A', name: '农、林、牧、渔业' },
  ]
  expect(codesOf('01\t汉族\r\n\n02  蒙古族 （含） \nA，农、林、牧、渔业')).toEqual({ codes, bad: [] })
  expect(codesOf(linesOf(codes)).codes).toEqual(codes)
})

test('lines without a name are named by their number', () => {
  expect(codesOf('01 甲\n02\n\n03')).toEqual({ codes: [{ code: '01', name: '甲' }], bad: [2, 4] })
})
