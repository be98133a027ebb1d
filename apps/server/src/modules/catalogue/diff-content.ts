import { isDeepStrictEqual } from 'node:util'
import type { Words } from '@huitong/contract'
import type { DatasetContent, ItemContent } from '@huitong/contract/catalogue'

export interface Change {
  readonly path: string
  readonly words: Words
  readonly kind: 'added' | 'removed' | 'changed'
  readonly before: unknown
  readonly after: unknown
}

const FIELD_WORDS: Readonly<Record<string, Words>> = {
  name: { zh: '名称', en: 'Name' },
  summary: { zh: '摘要', en: 'Summary' },
  classification: { zh: '分类', en: 'Classification' },
  format: { zh: '数据格式', en: 'Format' },
  updateCycle: { zh: '更新频率', en: 'Update cycle' },
  shareAttribute: { zh: '共享属性', en: 'Share attribute' },
  shareMethods: { zh: '共享方式', en: 'Share methods' },
  useConditions: { zh: '使用条件', en: 'Conditions of use' },
  shareScope: { zh: '共享范围', en: 'Share scope' },
  shareUse: { zh: '使用用途', en: 'Permitted use' },
  refusalReason: { zh: '不予共享理由', en: 'Reason for refusal' },
  refusalBasis: { zh: '不予共享依据', en: 'Legal basis of refusal' },
  open: { zh: '开放属性', en: 'Open attribute' },
  openConditions: { zh: '开放条件', en: 'Conditions of opening' },
  level: { zh: '数据分级', en: 'Data level' },
  system: { zh: '数源系统', en: 'Source system' },
  contact: { zh: '联系人', en: 'Contact' },
  secrecyAssessment: { zh: '保密风险评估', en: 'Secrecy risk assessment' },
  privacyAssessment: { zh: '个人信息保护影响评估', en: 'Impact assessment' },
  type: { zh: '数据类型', en: 'Type' },
  length: { zh: '长度', en: 'Length' },
  key: { zh: '主键', en: 'Key' },
  nullable: { zh: '可空', en: 'Nullable' },
  personal: { zh: '个人信息', en: 'Personal information' },
  description: { zh: '说明', en: 'Description' },
}

const changeOf = (path: string, words: Words, before: unknown, after: unknown): Change[] => {
  if (isDeepStrictEqual(before, after)) return []
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  return [{ path, words, kind, before: before ?? null, after: after ?? null }]
}

/** Field by field; items are matched by their code, so that moving one is not a change. */
export function diffContent(before: DatasetContent, after: DatasetContent): Change[] {
  const { items: itemsBefore = [], ...restBefore } = before
  const { items: itemsAfter = [], ...restAfter } = after
  const fields = diffFields('', restBefore, restAfter, null)
  const codes = new Set([...itemsBefore, ...itemsAfter].map((item) => item.code))
  const items = [...codes].flatMap((code) => diffItem(code, find(itemsBefore, code), find(itemsAfter, code)))
  return [...fields, ...items]
}

const find = (items: readonly ItemContent[], code: string) => items.find((item) => item.code === code)

function diffItem(code: string, before: ItemContent | undefined, after: ItemContent | undefined): Change[] {
  const name = (after ?? before)!.name
  if (!before || !after)
    return changeOf(`/items/${code}`, { zh: `信息项“${name.zh}”`, en: `Item “${code}”` }, before, after)
  return diffFields(`/items/${code}`, before, after, name.zh)
}

function diffFields(path: string, before: object, after: object, item: string | null): Change[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) => {
    const words = FIELD_WORDS[key] ?? { zh: key, en: key }
    const shown = item === null ? words : { zh: `信息项“${item}”的${words.zh}`, en: `${words.en} of item “${item}”` }
    return changeOf(
      `${path}/${key}`,
      shown,
      (before as Record<string, unknown>)[key],
      (after as Record<string, unknown>)[key],
    )
  })
}
