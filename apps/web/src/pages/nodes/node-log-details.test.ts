import type { NodeLogLine } from '@huitong/contract/nodes'
import { expect, test } from 'vitest'
import { speaker } from '../../words/index.ts'
import { detailsOf } from './node-log-details.ts'

const line = (fields: Partial<NodeLogLine>): NodeLogLine => ({
  at: '2026-05-08T06:00:00Z',
  level: 'info',
  kind: 'work.done',
  ...fields,
})

test('the numbers of a line are said in words, exact, in both languages', () => {
  const told = line({ rows: '18446744073709551615', milliseconds: 83_000, generation: 2, bytes: '73400320' })
  expect(detailsOf(told, speaker('zh'))).toEqual([
    '第 2 次全量',
    '18,446,744,073,709,551,615 行',
    '70.0 MiB',
    '用时 1 分 23 秒',
  ])
  expect(detailsOf(told, speaker('en'))).toEqual([
    'copy 2',
    '18,446,744,073,709,551,615 rows',
    '70.0 MiB',
    'took 1 min 23 s',
  ])
})

test('nothing is said of what is not there; nothing at all is a number too', () => {
  expect(detailsOf(line({}), speaker('zh'))).toEqual([])
  expect(detailsOf(line({ rows: '0', milliseconds: 0 }), speaker('en'))).toEqual(['0 rows', 'took 0 ms'])
})
