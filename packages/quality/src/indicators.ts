/** Dimensions of GB/T 36344-2018, in its order. */
export const DIMENSIONS = {
  normative: { zh: '规范性', en: 'Normative' },
  complete: { zh: '完整性', en: 'Complete' },
  accurate: { zh: '准确性', en: 'Accurate' },
  consistent: { zh: '一致性', en: 'Consistent' },
  timely: { zh: '时效性', en: 'Timely' },
  accessible: { zh: '可访问性', en: 'Accessible' },
} as const
export type Dimension = keyof typeof DIMENSIONS

interface Indicator {
  readonly dimension: Dimension
  readonly zh: string
  readonly en: string
  /** `up`: A counts what is right; `down`: A counts what is wrong, so that less is better. */
  readonly direction: 'up' | 'down'
}

const one = (dimension: Dimension, zh: string, en: string, direction: 'up' | 'down' = 'up'): Indicator => ({
  dimension,
  zh,
  en,
  direction,
})

/** Indicators of GB/T 36344-2018 by their codes. Each is A ÷ B over the elements that were judged. */
export const INDICATORS = {
  '0101': one('normative', '数据标准', 'Data standard'),
  '0104': one('normative', '业务规则', 'Business rule'),
  '0105': one('normative', '权威参考数据', 'Reference data'),
  '0201': one('complete', '数据元素完整性', 'Elements assigned'),
  '0202': one('complete', '数据记录完整性', 'Records complete'),
  '0301': one('accurate', '数据内容正确性', 'Content correct'),
  '0302': one('accurate', '数据格式合规性', 'Form compliant'),
  '0304': one('accurate', '数据唯一性', 'Unique'),
  '0305': one('accurate', '脏数据出现率', 'Dirty data', 'down'),
  '0401': one('consistent', '相同数据一致性', 'Same data consistent'),
  '0402': one('consistent', '关联数据一致性', 'Related data consistent'),
  '0501': one('timely', '基于时间段的正确性', 'Right for its period'),
  '0502': one('timely', '基于时间点及时性', 'On time'),
  '0602': one('accessible', '可用性', 'Usable'),
} as const satisfies Record<string, Indicator>
export type IndicatorCode = keyof typeof INDICATORS
