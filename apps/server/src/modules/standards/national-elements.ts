import type { ElementContent } from '@huitong/contract/data-standards'

/** A data element whose value domain a national standard fixes. Its identifier is ours: the catalogues number theirs apart. */
interface NationalElement {
  readonly identifier: string
  readonly content: Omit<ElementContent, 'codeSet'>
  /** The code set of its permissible values. */
  readonly set?: string
}

const element = (
  identifier: string,
  [zh, en]: readonly [zh: string, en: string],
  definition: string,
  rest: Omit<NationalElement['content'], 'name' | 'definition'>,
  set?: string,
): NationalElement => ({
  identifier,
  content: { name: { zh, en }, definition, ...rest },
  ...(set === undefined ? {} : { set }),
})

const person = { objectClass: '自然人' } as const
const organisation = { objectClass: '机构' } as const
const code = (length: number) =>
  ({ type: 'text', minLength: length, maxLength: length, representation: '代码' }) as const

export const NATIONAL_ELEMENTS: readonly NationalElement[] = [
  element('HT0001', ['公民身份号码', 'Citizen identification number'], '赋予中国公民的唯一、终身不变的身份号码', {
    ...person,
    property: '身份号码',
    representation: '号码',
    type: 'text',
    minLength: 18,
    maxLength: 18,
    check: 'id_number',
    synonyms: ['身份证号', '身份证号码', '居民身份证号码'],
    source: 'GB 11643-1999《公民身份号码》',
  }),
  element('HT0002', ['姓名', 'Name of a person'], '在公安户籍管理部门正式登记注册、人事档案中正式记载的姓氏和名称', {
    ...person,
    property: '姓名',
    representation: '名称',
    type: 'text',
    minLength: 1,
    maxLength: 50,
    synonyms: ['人员姓名'],
    source: '平台基础数据元，长度取常用值',
  }),
  element(
    'HT0003',
    ['性别代码', 'Code of sex'],
    '人的生理性别的代码',
    { ...person, property: '性别', ...code(1), synonyms: ['性别'], source: 'GB/T 2261.1-2003' },
    'GB/T 2261.1',
  ),
  element(
    'HT0004',
    ['民族代码', 'Code of nationality'],
    '中国各民族的代码',
    { ...person, property: '民族', ...code(2), synonyms: ['民族'], source: 'GB/T 3304-1991' },
    'GB/T 3304',
  ),
  element('HT0005', ['出生日期', 'Date of birth'], '出生证签署的、户籍管理部门正式登记的出生日期', {
    ...person,
    property: '出生',
    representation: '日期',
    type: 'date',
    synonyms: ['出生年月日'],
    source: 'GB/T 7408.1-2023《日期和时间 信息交换表示法 第1部分：基本规则》',
  }),
  element(
    'HT0006',
    ['婚姻状况代码', 'Code of marital status'],
    '人的婚姻状况的代码',
    { ...person, property: '婚姻状况', ...code(2), synonyms: ['婚姻状况'], source: 'GB/T 2261.2-2003' },
    'GB/T 2261.2',
  ),
  element(
    'HT0007',
    ['政治面貌代码', 'Code of political affiliation'],
    '人的政治面貌的代码',
    { ...person, property: '政治面貌', ...code(2), synonyms: ['政治面貌'], source: 'GB/T 4762-1984' },
    'GB/T 4762',
  ),
  element(
    'HT0101',
    ['统一社会信用代码', 'Unified social credit code'],
    '法人和其他组织在全国范围内唯一的、终身不变的法定身份识别码',
    {
      ...organisation,
      property: '统一社会信用',
      ...code(18),
      check: 'credit_code',
      synonyms: ['信用代码', '社会信用代码'],
      source: 'GB 32100-2015《法人和其他组织统一社会信用代码编码规则》',
    },
  ),
  element(
    'HT0102',
    ['组织机构代码', 'Organisation code'],
    '赋予组织机构的识别代码（已由统一社会信用代码代替，历史数据用）',
    {
      ...organisation,
      property: '组织机构',
      representation: '代码',
      type: 'text',
      minLength: 9,
      maxLength: 10,
      check: 'organisation_code',
      source: 'GB 11714-1997《全国组织机构代码编制规则》',
    },
  ),
  element(
    'HT0103',
    ['行业门类代码', 'Code of industrial section'],
    '所从事国民经济行业的门类代码',
    { ...organisation, property: '行业门类', ...code(1), source: 'GB/T 4754-2017' },
    'GB/T 4754-门类',
  ),
  element(
    'HT0201',
    ['行政区划代码', 'Code of a division'],
    '县级及以上行政区划的代码',
    { objectClass: '行政区划', property: '区划', ...code(6), synonyms: ['区划代码', '行政区划'], source: 'GB/T 2260' },
    'GB/T 2260',
  ),
]
