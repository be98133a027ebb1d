import { CONNECTOR_WORDS } from '@huitong/connectors'
import { ERRORS } from '@huitong/contract'
import { NODE_PROBLEMS } from '@huitong/contract/nodes'
import { expect, test } from 'vitest'
import { codesOf } from './node-codes.ts'

const told = (code?: string) =>
  ({ at: '2026-05-08T06:00:00Z', level: 'warn', kind: 'work.failed', ...(code === undefined ? {} : { code }) }) as const

test('codes of the platform, of nodes and of connectors are said in words, once each; unknown ones are not', () => {
  const codes = ['source.unreachable', 'agent.disk', 'connector.bad_value', 'network', 'source.unreachable']
  const unknown = ['connector.nothing', 'nobody.knows', '__proto__', 'connector.constructor', undefined]
  expect(codesOf([...codes, ...unknown].map(told))).toEqual({
    'source.unreachable': ERRORS['source.unreachable'].words,
    'agent.disk': NODE_PROBLEMS['agent.disk'],
    'connector.bad_value': CONNECTOR_WORDS.bad_value,
    network: { zh: '无法连接平台', en: 'The platform cannot be reached' },
  })
})
