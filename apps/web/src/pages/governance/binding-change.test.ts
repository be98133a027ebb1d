import { expect, test } from 'vitest'
import { bindingTo } from './binding-change.ts'

test("an item's own code set stays when an element is picked; that of an element does not become its own", () => {
  const codeSet = { id: 's', code: 'GB/T 2261.1', label: '2003', name: { zh: '性别' } }
  const of = (ownCodeSet: boolean, elementId: string | null) =>
    bindingTo({ item: 'sex', ownCodeSet, codeSet }, elementId)
  expect(of(true, 'e')).toEqual({ item: 'sex', elementId: 'e', codeSet: { id: 's', label: '2003' } })
  expect(of(false, 'e')).toEqual({ item: 'sex', elementId: 'e', codeSet: null })
  expect(of(true, null)).toEqual({ item: 'sex', elementId: null, codeSet: null })
})
