import { ofProfile } from './propose-by-profile.ts'
import {
  called,
  type ColumnProfile,
  type Draft,
  type ItemFacts,
  type ItemStandard,
  type Origin,
  type Proposal,
} from './proposal.ts'
import type { Rule, Words } from './rule.ts'
import { typeOf } from './suite.ts'
import type { ColumnClass } from './table.ts'

/**
 * The rules that follow from standards, catalogue and what was counted in the data, but for those that a suite has. Nothing
 * is taken over by itself: a person confirms each.
 */
export function proposeRules(given: {
  readonly items: readonly ItemFacts[]
  /** Columns that name a row in the catalogue. */
  readonly key: readonly string[]
  readonly profiles: Readonly<Record<string, ColumnProfile>> | null
  readonly present: readonly (Rule & { readonly origin?: Origin | undefined })[]
}): Proposal[] {
  const { items, key, profiles, present } = given
  const drafts = [
    ...items.flatMap(ofStandard),
    ...items.flatMap(ofCatalogue),
    ...(key.length === 0 ? [] : [ofKey(key, items)]),
    ...(profiles === null
      ? []
      : items.flatMap((item) => (profiles[item.column] ? ofProfile(item, profiles[item.column]!) : []))),
  ]
  const proposals: Proposal[] = []
  const taken = new Set(present.map((one) => one.code))
  for (const { kind, parameters, name, origin, why } of drafts) {
    const rule = { kind, parameters, name, code: '' }
    const same = present.find((one) => subject(one) === subject(rule))
    const isRenewed = same?.origin === 'standard' && origin === 'standard' && text(same.parameters) !== text(parameters)
    if ((same && !isRenewed) || proposals.some((one) => subject(one.rule) === subject(rule))) continue
    const code = isRenewed
      ? same.code
      : freeCode(
          `${kind}_${typeOf(rule)
            .columns(parameters as never)
            .join('_')}`,
          taken,
        )
    taken.add(code)
    proposals.push({ rule: { code, kind, name, parameters }, origin, why, replaces: isRenewed ? same.code : null })
  }
  return proposals
}

const text = (value: unknown): string => JSON.stringify(value)
/** What a rule is about: two rules of one kind on the same columns are in each other's way. */
const subject = (rule: Rule): string => text([rule.kind, typeOf(rule).columns(rule.parameters as never)])

function freeCode(wanted: string, taken: ReadonlySet<string>): string {
  const base = wanted.slice(0, 56)
  for (let at = 1; ; at++) {
    const code = at === 1 ? base : `${base}_${at}`
    if (!taken.has(code)) return code
  }
}

/** Classes of columns whose values are of the type by themselves. */
const SURE: Readonly<Record<ItemStandard['type'], readonly ColumnClass[]>> = {
  text: [],
  integer: ['integer'],
  decimal: ['integer', 'decimal', 'float'],
  date: ['date'],
  datetime: ['timestamp'],
  boolean: ['boolean'],
}
const CHECKS: Readonly<Record<NonNullable<ItemStandard['check']>, Words>> = {
  id_number: { zh: '校验', en: 'check' },
  credit_code: { zh: '校验', en: 'check' },
  organisation_code: { zh: '校验', en: 'check' },
}

function ofStandard(item: ItemFacts): Draft[] {
  const { standard, column, holds } = item
  if (standard === null) return []
  const why = { zh: `已绑定标准 ${standard.called}`, en: `bound to the standard ${standard.called}` }
  const of = (kind: string, parameters: Draft['parameters'], zh: string, en: string): Draft => ({
    kind,
    parameters: { column, ...parameters },
    name: called(item, zh, en),
    origin: 'standard',
    why,
  })
  const { type, digits, scale, minLength, maxLength, set, check } = standard
  const isNumber = type === 'integer' || type === 'decimal'
  const sizes = {
    ...(isNumber && digits !== undefined ? { digits } : {}),
    ...(type === 'decimal' && scale !== undefined ? { scale } : {}),
  }
  const needsType = type !== 'text' && (!SURE[type].includes(holds) || Object.keys(sizes).length > 0)
  const hasLength = (minLength ?? 0) > 0 || maxLength !== undefined
  return [
    ...(needsType && holds !== 'float' ? [of('type', { as: type, ...sizes }, '类型', 'type')] : []),
    ...(check === undefined ? [] : [of(check, {}, CHECKS[check].zh, CHECKS[check].en)]),
    ...(set === undefined ? [] : [of('code_set', { set }, '代码', 'codes')]),
    ...(check === undefined && set === undefined && type === 'text' && hasLength
      ? [
          of(
            'length',
            { ...(minLength ? { min: minLength } : {}), ...(maxLength === undefined ? {} : { max: maxLength }) },
            '长度',
            'length',
          ),
        ]
      : []),
  ]
}

function ofCatalogue(item: ItemFacts): Draft[] {
  const { column, length, required, holds } = item
  const why = { zh: '目录中的信息项属性', en: 'what the catalogue says of the item' }
  return [
    ...(required
      ? [
          {
            kind: 'required',
            parameters: { column },
            name: called(item, '必填', 'required'),
            origin: 'catalogue' as const,
            why,
          },
        ]
      : []),
    ...(length !== null && length > 0 && holds === 'text' && item.standard === null
      ? [
          {
            kind: 'length',
            parameters: { column, max: length },
            name: called(item, '长度', 'length'),
            origin: 'catalogue' as const,
            why,
          },
        ]
      : []),
  ]
}

function ofKey(key: readonly string[], items: readonly ItemFacts[]): Draft {
  const names = key.map((one) => items.find((item) => item.column === one)?.name ?? { zh: one })
  return {
    kind: 'unique',
    parameters: { columns: key },
    name: { zh: `${names.map((one) => one.zh).join('、')}唯一`, en: `${key.join(', ')}: unique` },
    origin: 'catalogue',
    why: { zh: '目录中的主键', en: 'the key in the catalogue' },
  }
}
