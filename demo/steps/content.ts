import type { DatasetContent, ItemContent } from '@huitong/contract/catalogue'
import type { Random } from '../city/random.ts'

/** What the officer adds to the draft that was suggested from the table. */
export const COMPLETION = {
  summary: { zh: '全国村民委员会、居民委员会的名称、代码及其所属的省、市、县、乡，统计用区划代码2023年版' },
  classification: '101001',
  updateCycle: 'yearly',
  shareAttribute: 'conditional',
  shareScope: '本市各级行政机关和具有公共事务管理职能的组织',
  shareUse: '地址标准化、网格管理、住房保障资格核查',
  useConditions: '仅用于申请的事项，不得向第三方提供',
  open: 'closed',
  level: 'general_2',
  system: '区划地名管理系统',
  contact: { name: '区划地名科', phone: '12345' },
  secrecyAssessment: { number: '保密审〔2026〕18号', on: '2026-03-02', conclusion: '不涉及国家秘密' },
  privacyAssessment: { number: '个保评〔2026〕7号', on: '2026-03-05', conclusion: '不含个人信息' },
} as const satisfies Partial<DatasetContent>

/** Mandatory by the regulation for conditional sharing (条例 13, 15; 编制指南); the share attribute decides the list. */
const MANDATORY = [
  'summary',
  'classification',
  'updateCycle',
  'useConditions',
  'level',
  'open',
  'secrecyAssessment',
  'privacyAssessment',
  'shareScope',
  'shareUse',
  'format',
  'shareMethods',
] as const
const MANDATORY_OF_ITEM = ['type', 'shareAttribute', 'level'] as const

/** The whole entry: the suggested draft, completed. */
export function completed(suggested: DatasetContent, name: string): DatasetContent {
  const items = (suggested.items ?? []).map((item): ItemContent => {
    return { ...item, shareAttribute: 'conditional', level: 'general_1', personal: false, open: false }
  })
  return { ...suggested, ...COMPLETION, name: { zh: name, en: `Villages of China, 2023` }, items }
}

/** The same entry with seeded holes, and the paths of these holes. */
export function withHoles(content: DatasetContent, random: Random): { content: DatasetContent; holes: string[] } {
  const fields = random.sample(MANDATORY, 4)
  const kept = Object.fromEntries(Object.entries(content).filter(([name]) => !(fields as string[]).includes(name)))
  const at = random.integer(content.items!.length)
  const field = random.pick(MANDATORY_OF_ITEM)
  const items = content.items!.map((item, index) =>
    index === at ? Object.fromEntries(Object.entries(item).filter(([name]) => name !== field)) : item,
  )
  return {
    content: { ...kept, items } as DatasetContent,
    holes: [...fields.map((name) => `/${name}`), `/items/${at}/${field}`].sort(),
  }
}

export interface PlantedChange {
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

/** Seeded changes of a published entry, and what a comparison must therefore say. */
export function changed(
  content: DatasetContent,
  random: Random,
): { content: DatasetContent; changes: PlantedChange[] } {
  const summary = { zh: `${content.summary!.zh}（按年更新）` }
  const at = random.integer(content.items!.length)
  const item = content.items![at]!
  const description = '采用国家统计局发布的代码'
  const items = content.items!.map((one, index) => (index === at ? { ...one, description } : one))
  return {
    content: { ...content, summary, updateCycle: 'half_yearly', items },
    changes: [
      { path: '/summary', before: content.summary, after: summary },
      { path: '/updateCycle', before: content.updateCycle, after: 'half_yearly' },
      { path: `/items/${item.code}/description`, before: null, after: description },
    ],
  }
}
