import { expect, test } from 'vitest'
import { versionStanding } from './version-standing.ts'

test.each([
  ['1.4.0', 'same'],
  ['1.4.9-rc.1', 'same'],
  ['1.3.7', 'older'],
  ['1.5.0', 'newer'],
  ['1.2.9', 'too_old'],
  ['1.6.0', 'too_new'],
  ['1.10.0', 'too_new'],
  ['0.4.0', 'too_old'],
  ['2.0.0', 'too_new'],
  ['1', 'unknown'],
  ['nightly', 'unknown'],
  [null, 'unknown'],
] as const)('a node of version %s is %s to a platform of 1.4.2', (node, standing) => {
  expect(versionStanding(node, '1.4.2')).toBe(standing)
})
