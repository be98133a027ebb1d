import type { ItemContent } from '@huitong/contract/catalogue'
import type { ElementContent } from '@huitong/contract/data-standards'
import type { Words } from '@huitong/quality'

/** What people call the types of items of the catalogue. */
export const ITEM_TYPES: Readonly<Record<NonNullable<ItemContent['type']>, Words>> = {
  text: { zh: '字符型', en: 'text' },
  integer: { zh: '整数型', en: 'whole number' },
  decimal: { zh: '数值型', en: 'decimal' },
  money: { zh: '货币型', en: 'money' },
  date: { zh: '日期型', en: 'date' },
  datetime: { zh: '日期时间型', en: 'date and time' },
  boolean: { zh: '逻辑型', en: 'yes or no' },
  memo: { zh: '备注型', en: 'long text' },
  binary: { zh: '二进制', en: 'binary' },
}

/** What people call the types of data elements. */
export const ELEMENT_TYPES: Readonly<Record<ElementContent['type'], Words>> = {
  text: { zh: '文本', en: 'text' },
  integer: { zh: '整数', en: 'whole number' },
  decimal: { zh: '小数', en: 'decimal' },
  date: { zh: '日期', en: 'date' },
  datetime: { zh: '日期时间', en: 'date and time' },
  boolean: { zh: '布尔', en: 'yes or no' },
}
