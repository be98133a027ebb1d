import { expect, test } from 'vitest'
import { cursorAt } from '../../../../../tests/harness/follow.ts'
import { orderOf } from './mark-front-tables.job.ts'

// What becomes of an order at the node and at the platform: follow-marks.subscriber.test.ts.
test('what is ordered: the oldest reading of all tasks, and nothing behind a task that stands still', () => {
  const now = new Date('2026-03-02T09:00:00Z')
  const front = { clean_after_days: 5, looked_at: now, cleaned_at: null, problem: null }
  const task = (id: string, second: number, state = 'following', marked?: boolean) => ({
    id,
    grant_id: id,
    state,
    cursor: {},
    taken: {
      stream: id,
      generation: 1,
      at: cursorAt(second).at,
      readAt: now.toISOString(),
      ...(marked ? { marked } : {}),
    },
  })
  const of = (id: string) => ({ channel: id, stream: id, generation: 1 })
  expect(orderOf(front, [], now)).toBeNull()
  expect(orderOf({ ...front, looked_at: null }, [], now)).toEqual({ list: null, clean: null })
  expect(orderOf(front, [task('a', 9), task('b', 5)], now)).toEqual({
    list: of('b'),
    clean: { afterDays: 5, before: cursorAt(5).at, rowsMax: 100_000 },
  })
  const quiet = { ...front, clean_after_days: null }
  expect(orderOf(quiet, [task('a', 9), task('b', 5, 'following', true)], now)).toBeNull()
  expect(orderOf(quiet, [task('a', 9), { ...task('b', 5), taken: null }], now)).toBeNull()
  expect(orderOf(quiet, [task('a', 9), task('b', 5, 'running')], now)).toBeNull()
  // One that was stopped hinders no mark, but what it has not read stays in the table.
  expect(orderOf(front, [task('a', 9), task('b', 5, 'stopped')], now)).toEqual({
    list: of('a'),
    clean: { afterDays: 5, before: cursorAt(5).at, rowsMax: 100_000 },
  })
})
