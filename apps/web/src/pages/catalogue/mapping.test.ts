import { expect, test } from 'vitest'
import { suggestMapping } from './mapping.ts'

const item = (code: string, zh: string) => ({ code, name: { zh } })
const field = (name: string, comment: string | null = null, suggestedName: string | null = null) => ({
  name,
  comment,
  suggestedName,
})

test('the same code wins over the same Chinese name', () => {
  const found = suggestMapping([item('name', '姓名')], [field('xm', '姓名'), field('name', '曾用名')])
  expect(found).toEqual({ name: 'name' })
})

test('codes match without regard to case and underscores, names through comment or suggestion', () => {
  const found = suggestMapping(
    [item('credit_code', '统一社会信用代码'), item('set_up_on', '成立日期'), item('nothing', '无')],
    [field('CREDITCODE'), field('clrq', null, '成立日期'), field('other')],
  )
  expect(found).toEqual({ credit_code: 'CREDITCODE', set_up_on: 'clrq' })
})

test('one field never serves two items', () => {
  const found = suggestMapping([item('a', '名称'), item('b', '名称')], [field('mc', '名称')])
  expect(Object.values(found).filter(Boolean)).toEqual(['mc'])
})
