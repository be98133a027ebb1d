import type { ItemContent } from '@huitong/contract/catalogue'

/** Items of the published version that another version takes away or has otherwise, by their codes. */
export function changedItems(live: readonly ItemContent[], pending: readonly ItemContent[]): string[] {
  const after = new Map(pending.map((one) => [one.code, formOf(one)]))
  return live.filter((one) => after.get(one.code) !== formOf(one)).map((one) => one.code)
}

const formOf = (item: ItemContent): string =>
  JSON.stringify(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1)))
