import { expect, test } from 'vitest'
import { selectorsOf, withoutHas } from './old-browsers.ts'

test('a rule that an old browser would drop is divided, so that its known part works', () => {
  const ring = { outline: '2px solid' }
  expect(withoutHas.visit({ '&:focus-visible, &:has(input:focus-visible)': ring, color: 'red' })).toEqual({
    '&:focus-visible, &:focus-within': ring,
    color: 'red',
  })
  expect(withoutHas.visit({ '&:hover, &:has(> .a, > .b)': ring })).toEqual({
    '&:hover': ring,
    '&:has(> .a, > .b)': ring,
  })
})

test('commas inside parentheses do not divide a selector', () => {
  expect(selectorsOf('a:not(.b, .c), d')).toEqual(['a:not(.b, .c)', 'd'])
})
