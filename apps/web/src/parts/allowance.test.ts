import { expect, test } from 'vitest'
import { allowanceOf } from './allowance.ts'

const no = { zh: '尚未提交', en: 'Not submitted yet' }
const actions = [
  { name: 'exchange.run.start', allowed: false, reason: no },
  { name: 'sign', allowed: true, reason: null },
]

test('the server’s word about an object wins over the permissions of the session', () => {
  expect(allowanceOf(actions, ['run.start', 'start'], ['channel.operate'], 'channel.operate')).toMatchObject({
    allowed: false,
    reason: no,
  })
  expect(allowanceOf(actions, ['sign'], [], 'dataset.sign').allowed).toBe(true)
})

test('without a word of the server the permission decides, and a refusal says why', () => {
  expect(allowanceOf([], ['submit'], ['dataset.compile'], 'dataset.compile')).toEqual({ allowed: true, reason: null })
  const refused = allowanceOf([], ['submit'], [], 'dataset.compile')
  expect(refused.allowed).toBe(false)
  expect(refused.reason?.zh).toBeTruthy()
})

test('a name is not taken for another that merely ends alike', () => {
  expect(
    allowanceOf([{ name: 'restart', allowed: true, reason: null }], ['start'], [], 'channel.operate').allowed,
  ).toBe(false)
})
