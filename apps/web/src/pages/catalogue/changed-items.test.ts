import type { ItemContent } from '@huitong/contract/catalogue'
import { expect, test } from 'vitest'
import { changedItems } from './changed-items.ts'

const item = (code: string, more: Partial<ItemContent> = {}): ItemContent => ({ code, name: { zh: code }, ...more })

test('items that are gone or otherwise are named; new ones, and another order, change nothing that exists', () => {
  const live = [item('a', { type: 'text', key: true }), item('b'), item('c', { level: 'general_2' })]
  expect(
    changedItems(live, [item('c', { level: 'general_3' }), { key: true, type: 'text', ...item('a') }, item('d')]),
  ).toEqual(['b', 'c'])
  expect(changedItems(live, live)).toEqual([])
})
