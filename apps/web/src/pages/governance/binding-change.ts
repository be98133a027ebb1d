import { bindItems, readBindings } from '@huitong/contract/rule-design'
import type { BodyOf, ReplyOf } from '@huitong/contract'

export type Item = ReplyOf<typeof readBindings>['items'][number]
export type Change = BodyOf<typeof bindItems>['bindings'][number]

/** Binds an item to an element; its own code set stays. Without an element it is freed of both. */
export function bindingTo(
  { item, ownCodeSet, codeSet }: Pick<Item, 'item' | 'ownCodeSet' | 'codeSet'>,
  elementId: string | null,
): Change {
  const isKept = elementId !== null && ownCodeSet && codeSet !== null
  return { item, elementId, codeSet: isKept ? { id: codeSet.id, label: codeSet.label } : null }
}
