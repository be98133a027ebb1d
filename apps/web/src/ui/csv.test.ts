import { expect, test } from 'vitest'
import { csvOf } from './csv.ts'

test('every text stays one field, and none becomes a formula', () => {
  expect(csvOf([['行号', 'a"b,c\nd', '=cmd|x', '-1', '+1', '@a', '', ' =x']])).toBe(
    '\uFEFF"行号","a""b,c\nd","\'=cmd|x","-1","\'+1","\'@a",""," =x"\r\n',
  )
})
