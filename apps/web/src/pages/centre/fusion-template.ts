import type { BodyOf, ReplyOf } from '@huitong/contract'
import type { readFusion, setFusion } from '@huitong/contract/fusion'

type Settings = BodyOf<typeof setFusion>
type Candidate = ReplyOf<typeof readFusion>['candidates'][number]
type Field = Settings['definition']['fields'][number]

interface Known extends Field {
  readonly name: { zh: string; en: string }
  /** What an item is called that feeds the field. */
  readonly item: RegExp
}

const FIELDS: Readonly<Record<'person' | 'firm', readonly Known[]>> = {
  person: [
    { code: 'name', kind: 'name', name: { zh: '姓名', en: 'Name' }, item: /姓名$/ },
    { code: 'number', kind: 'code', name: { zh: '公民身份号码', en: 'Citizen number' }, item: /身份(证)?号码?$/ },
    { code: 'birth', kind: 'date', name: { zh: '出生日期', en: 'Date of birth' }, item: /出生(日期|年月)/ },
    { code: 'phone', kind: 'code', name: { zh: '联系电话', en: 'Telephone' }, item: /电话|手机/ },
    { code: 'address', kind: 'text', name: { zh: '住址', en: 'Address' }, item: /地址|住址/ },
  ],
  firm: [
    { code: 'name', kind: 'firm', name: { zh: '名称', en: 'Name' }, item: /(企业|单位|机构|法人)?名称$/ },
    { code: 'number', kind: 'code', name: { zh: '统一社会信用代码', en: 'Credit code' }, item: /信用代码/ },
    { code: 'leader', kind: 'name', name: { zh: '法定代表人', en: 'Legal representative' }, item: /法定代表人/ },
    { code: 'phone', kind: 'code', name: { zh: '联系电话', en: 'Telephone' }, item: /电话|手机/ },
    { code: 'address', kind: 'text', name: { zh: '地址', en: 'Address' }, item: /地址|住所/ },
  ],
}

const whole = (field: string) => ({ field, take: { take: 'whole' as const } })

/** A definition to begin with, from what the items of the landed tables are called; a person looks at it before it is saved. */
export function beginning(library: 'person' | 'firm', candidates: readonly Candidate[]): Settings {
  const known = FIELDS[library]
  const sources = candidates.flatMap(({ channelId, items }) => {
    const fed = known.flatMap((field) => {
      const item = items.find((one) => field.item.test(one.name.zh))
      return item === undefined ? [] : [[field.code, item.code] as const]
    })
    const map = Object.fromEntries(fed)
    return map['name'] === undefined && map['number'] === undefined
      ? []
      : [{ channelId, items: map, updatedItem: null }]
  })
  const fields = known.filter(({ code }) => sources.some((one) => one.items[code] !== undefined) || code === 'number')
  const has = (code: string) => fields.some((one) => one.code === code)
  const others = ['birth', 'phone', 'leader'].filter(has)
  const compared = has('name') && others.length > 0
  return {
    definition: {
      fields: fields.map(({ code, kind }) => ({ code, kind })),
      identifier: { field: 'number', kind: library === 'person' ? 'id_number' : 'credit_code' },
      blocking: compared ? [[whole('name')], ...others.map((one) => [whole(one)])] : [],
      comparisons: compared
        ? [
            {
              field: 'name',
              levels:
                library === 'person'
                  ? [{ level: 'exact' }, { level: 'sounds_alike' }, { level: 'first', characters: 1 }]
                  : [{ level: 'exact' }, { level: 'jaro_winkler', least: 0.95 }],
              termFrequency: true,
            },
            ...others.map((field) => ({
              field,
              levels: [{ level: 'exact' as const }, { level: 'edits' as const, most: 1 }],
              termFrequency: false,
            })),
          ]
        : [],
      thresholds: { match: 0.99, review: 0.5 },
    },
    names: Object.fromEntries(fields.map(({ code, name }) => [code, name])),
    sources,
    survivorship: fields.map(({ code }) => ({
      field: code,
      authority: sources.filter((one) => one.items[code] !== undefined).map((one) => one.channelId),
      order: ['authority', 'freshness', 'completeness'],
    })),
  }
}
