import { expect, test } from 'vitest'
import { nearestField } from './forms.ts'
import { fieldOf } from './problem.ts'

test('JSON pointers name form fields, with or without the body in front', () => {
  expect(fieldOf('/name/zh')).toEqual(['name', 'zh'])
  expect(fieldOf('/body/items/3/code')).toEqual(['items', 3, 'code'])
  expect(fieldOf('/content/summary')).toEqual(['summary'])
  expect(fieldOf('/a~1b/c~0d')).toEqual(['a/b', 'c~d'])
  expect(fieldOf('')).toEqual([])
})

test('a place that has no field of its own is shown at the nearest one', () => {
  const names = [['name', 'zh'], ['summary', 'zh'], ['contact', 'name'], ['items']]
  expect(nearestField(names, ['name', 'zh'])).toEqual(['name', 'zh'])
  expect(nearestField(names, ['items', 3, 'code'])).toEqual(['items'])
  expect(nearestField(names, ['contact'])).toEqual(['contact', 'name'])
  expect(nearestField(names, ['unknown'])).toBeNull()
})
