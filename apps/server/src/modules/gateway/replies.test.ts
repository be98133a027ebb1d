import { expect, test } from 'vitest'
import { Replies } from './replies.ts'

test('a reply is given again until its time is over, the oldest make room, and a large one is not kept', () => {
  let now = 0
  const replies = new Replies(() => now)
  const answer = (bytes: number) => ({ reply: Buffer.alloc(bytes), rows: 1 })
  replies.keep('a', answer(10), 2)
  expect(replies.get('a')?.reply.length).toBe(10)
  now = 1_999
  expect(replies.get('a')).not.toBeNull()
  now = 2_000
  expect(replies.get('a')).toBeNull()
  replies.keep('large', answer(256 * 1024 + 1), 60)
  expect(replies.get('large')).toBeNull()
  for (let at = 0; at < 140; at++) replies.keep(`n${at}`, answer(256 * 1024), 60)
  expect([replies.get('n0'), replies.get('n139')?.rows]).toEqual([null, 1])
})
