import { describe, expect, test } from 'vitest'
import { differencesOf, isAdditive } from './differences.ts'

const table = (...fields: string[]) =>
  fields.map((field) => {
    const [name, type = 'text'] = field.split(':')
    return { name: name!, type }
  })
const said = (before: string[], after: string[], needed: string[] = []) =>
  differencesOf(table(...before), table(...after), new Set(needed)).map(
    ({ field, kind, before: was, after: is, needed: needs }) =>
      `${field} ${kind} ${was ?? '–'} ${is ?? '–'}${needs ? ' !' : ''}`,
  )

describe('differences between two forms of a table', () => {
  test('none, added, removed, retyped; what the channel needs is marked', () => {
    expect(said(['a', 'b'], ['a', 'b'])).toEqual([])
    expect(said(['a', 'b'], ['a', 'b', 'c:date'])).toEqual(['c added – date'])
    expect(said(['a', 'b:int4'], ['a'], ['b'])).toEqual(['b removed int4 – !'])
    expect(said(['a:varchar(2)', 'b'], ['a:varchar(3)', 'b'], ['b'])).toEqual(['a retyped varchar(2) varchar(3)'])
    expect(said(['a'], ['b'])).toEqual(['b added – text', 'a removed text –'])
  })

  test('a field that is dropped and made anew stands elsewhere, and only it is named', () => {
    expect(said(['a', 'b', 'c', 'd'], ['a', 'c', 'd', 'b'], ['b'])).toEqual(['b moved 2 4 !'])
    expect(said(['a', 'b', 'c'], ['b', 'c', 'x', 'a'])).toEqual(['x added – text', 'a moved 1 4'])
  })

  test('only new fields are additive', () => {
    const differ = (before: string[], after: string[]) => differencesOf(table(...before), table(...after), new Set())
    expect(isAdditive(differ(['a'], ['x', 'a', 'y']))).toBe(true)
    expect(isAdditive(differ(['a', 'b'], ['b', 'a', 'y']))).toBe(false)
    expect(isAdditive(differ(['a', 'b'], ['a', 'y']))).toBe(false)
  })
})
