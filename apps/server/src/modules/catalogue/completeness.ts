import type { DatasetContent, ItemContent } from '@huitong/contract/catalogue'
import type { Words } from '@huitong/contract'
import { refuse } from '../../kernel/errors.ts'

/** A mandatory field that is not filled in, and the rule that asks for it. `path` is a JSON pointer into the content. */
export interface Missing {
  readonly path: string
  readonly words: Words
  readonly source: string
}

const R13 = '政务数据共享条例 第13条'
const R15 = '政务数据共享条例 第15条'
const GUIDE = '政务信息资源目录编制指南'

const missing = (path: string, zh: string, en: string, source: string): Missing => ({ path, words: { zh, en }, source })

type Check = readonly [keyof DatasetContent, string, string, string]

/** Always mandatory. The name is in the schema already. */
const ALWAYS: readonly Check[] = [
  ['summary', '信息资源摘要', 'Summary', GUIDE],
  ['classification', '信息资源分类', 'Classification', GUIDE],
  ['format', '数据格式', 'Format', R13],
  ['updateCycle', '数据更新频率', 'Update cycle', R13],
  ['shareAttribute', '共享属性', 'Share attribute', R13],
  ['useConditions', '使用条件', 'Conditions of use', R13],
  ['level', '数据分类分级', 'Data level', R13],
  ['open', '开放属性', 'Open attribute', GUIDE],
  ['secrecyAssessment', '保密风险评估', 'Secrecy risk assessment', R13],
  ['privacyAssessment', '个人信息保护影响评估', 'Personal information impact assessment', R13],
]

/** What depends on the share attribute (条例 14–15). */
const BY_ATTRIBUTE: Readonly<Record<string, readonly Check[]>> = {
  unconditional: [['shareMethods', '共享方式', 'Share methods', R13]],
  conditional: [
    ['shareMethods', '共享方式', 'Share methods', R13],
    ['shareScope', '共享范围', 'Share scope', R15],
    ['shareUse', '使用用途', 'Permitted use', R15],
  ],
  refused: [
    ['refusalReason', '不予共享理由', 'Reason for refusal', R15],
    ['refusalBasis', '不予共享法律依据', 'Legal basis of refusal', R15],
  ],
}

const ITEM: readonly (readonly [keyof ItemContent, string, string])[] = [
  ['type', '数据类型', 'type'],
  ['shareAttribute', '共享属性', 'share attribute'],
  ['level', '数据分级', 'level'],
]

/** Spaces fill nothing in; of a composed field every part but the English text must be filled in. */
function isEmpty(value: unknown): boolean {
  if (value === undefined) return true
  if (typeof value === 'string') return value.trim() === ''
  if (Array.isArray(value)) return value.length === 0
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([part, one]) => part !== 'en' && isEmpty(one))
}

/** Every mandatory field that is missing, in the order of the form. Empty means that the entry may be submitted. */
export function missingFields(content: DatasetContent): Missing[] {
  const checks = [...ALWAYS, ...(BY_ATTRIBUTE[content.shareAttribute ?? ''] ?? [])]
  const openConditions: readonly Check[] =
    content.open === 'conditional' ? [['openConditions', '开放条件', 'Conditions of opening', GUIDE]] : []
  const own = [...checks, ...openConditions].flatMap(([field, zh, en, source]) =>
    isEmpty(content[field]) ? [missing(`/${field}`, zh, en, source)] : [],
  )
  return [...own, ...missingItems(content.items ?? [])]
}

function missingItems(items: readonly ItemContent[]): Missing[] {
  if (items.length === 0) return [missing('/items', '数据项', 'Data items', R13)]
  return items.flatMap((item, index) =>
    ITEM.flatMap(([field, zh, en]) =>
      isEmpty(item[field])
        ? [missing(`/items/${index}/${field}`, `信息项“${item.name.zh}”的${zh}`, `${en} of item “${item.code}”`, GUIDE)]
        : [],
    ),
  )
}

/** Refuses an incomplete entry with `dataset.incomplete`, naming every missing field and the rule that asks for it. */
export function requireComplete(content: DatasetContent): void {
  const places = missingFields(content).map((one) => ({
    path: one.path,
    problem: { zh: `缺少${one.words.zh}（${one.source}）`, en: `missing: ${one.words.en}` },
  }))
  if (places.length > 0) refuse('dataset.incomplete', { places })
}
