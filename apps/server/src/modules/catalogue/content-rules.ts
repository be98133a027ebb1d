import type { DatasetContent } from '@huitong/contract/catalogue'
import type { Place } from '@huitong/contract'
import { place, refuse } from '../../kernel/errors.ts'

/** Sensitivity in ascending order (GB/T 43697-2024). */
const LEVELS = ['general_1', 'general_2', 'general_3', 'general_4', 'important', 'core'] as const
const STRICTNESS = ['unconditional', 'conditional', 'refused'] as const

/**
 * Rules that hold for a draft too: names are more than spaces, item codes are unique, a dataset is at least as sensitive as its
 * items (就高从严), and no item is shared more freely than its dataset.
 */
export function requireConsistent(content: DatasetContent): void {
  const places = [...blankNames(content), ...duplicateCodes(content), ...levelTooLow(content), ...itemTooFree(content)]
  if (places.length > 0) refuse('request.invalid', { places })
}

function blankNames({ name, items = [] }: DatasetContent): Place[] {
  const blank = (path: string) => place(path, '名称不能为空白', 'a name of spaces only')
  const own = name.zh.trim() === '' ? [blank('/name/zh')] : []
  return [...own, ...items.flatMap((item, at) => (item.name.zh.trim() === '' ? [blank(`/items/${at}/name/zh`)] : []))]
}

function duplicateCodes({ items = [] }: DatasetContent): Place[] {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const repeated = seen.has(item.code)
    seen.add(item.code)
    return repeated ? [place(`/items/${index}/code`, '信息项代码重复', 'item code is used twice')] : []
  })
}

function levelTooLow({ level, items = [] }: DatasetContent): Place[] {
  if (!level) return []
  const highest = Math.max(-1, ...items.map((item) => (item.level ? LEVELS.indexOf(item.level) : -1)))
  return highest > LEVELS.indexOf(level)
    ? [place('/level', '数据级别不得低于其信息项的最高级别', 'lower than the highest level of its items')]
    : []
}

function itemTooFree({ shareAttribute, items = [] }: DatasetContent): Place[] {
  if (!shareAttribute) return []
  const least = STRICTNESS.indexOf(shareAttribute)
  return items.flatMap((item, index) =>
    item.shareAttribute && STRICTNESS.indexOf(item.shareAttribute) < least
      ? [place(`/items/${index}/shareAttribute`, '信息项的共享属性不得宽于目录', 'freer than the dataset')]
      : [],
  )
}
