import { Type, type Static, type TSchema } from 'typebox'

const exact = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false })
/** Codes of fields: they become names of columns. */
const FieldCode = Type.String({ pattern: '^[a-z][a-z0-9_]{0,39}$' })

/**
 * What is done to a value before it is compared. `name`: a person's name; `firm`: a firm's name without brackets and
 * legal form; `code`: capitals without spaces and hyphens; `date`: eight digits; `text`: lower case, single spaces.
 */
export const FieldKind = Type.Union(
  ['text', 'name', 'firm', 'date', 'code'].map((kind) => Type.Literal(kind)) as [
    ReturnType<typeof Type.Literal<'text'>>,
    ReturnType<typeof Type.Literal<'name'>>,
    ReturnType<typeof Type.Literal<'firm'>>,
    ReturnType<typeof Type.Literal<'date'>>,
    ReturnType<typeof Type.Literal<'code'>>,
  ],
)

/** How far two values agree; of the levels of a comparison the first that holds counts. */
export const Level = Type.Union([
  exact({ level: Type.Literal('exact') }),
  /** Jaro–Winkler similarity of the UTF-8 bytes, 0 to 1: for Chinese coarser than for letters, as a character is three bytes. */
  exact({ level: Type.Literal('jaro_winkler'), least: Type.Number({ minimum: 0.5, maximum: 1 }) }),
  /** Characters changed, lost, added or swapped with their neighbour. Holds for ASCII only: codes, dates, telephone numbers. */
  exact({ level: Type.Literal('edits'), most: Type.Integer({ minimum: 1, maximum: 5 }) }),
  /** The same parts of a date. */
  exact({
    level: Type.Literal('date_part'),
    part: Type.Union([Type.Literal('year'), Type.Literal('year_month'), Type.Literal('month_day')]),
  }),
  /** The same syllables, without tones. */
  exact({ level: Type.Literal('sounds_alike') }),
  /** The same first characters: of a Chinese name the surname. */
  exact({ level: Type.Literal('first'), characters: Type.Integer({ minimum: 1, maximum: 8 }) }),
  /** The two fields stand in each other's place. */
  exact({ level: Type.Literal('swapped'), with: FieldCode }),
])

export const Comparison = exact({
  field: FieldCode,
  levels: Type.Array(Level, { minItems: 1, maxItems: 6 }),
  /** That two agree in a rare value tells more than that they agree in a frequent one. */
  termFrequency: Type.Boolean(),
})

export const BlockPart = exact({
  field: FieldCode,
  take: Type.Union([
    exact({ take: Type.Literal('whole') }),
    exact({ take: Type.Literal('first'), characters: Type.Integer({ minimum: 1, maximum: 12 }) }),
    exact({ take: Type.Literal('last'), characters: Type.Integer({ minimum: 1, maximum: 12 }) }),
    exact({ take: Type.Literal('sound') }),
  ]),
})

export const Field = exact({ code: FieldCode, kind: FieldKind })

/** How records are brought together. */
export const FusionDefinition = exact({
  fields: Type.Array(Field, { minItems: 1, maxItems: 40 }),
  /** The number that decides alone where it is valid: 公民身份号码 (GB 11643) or 统一社会信用代码 (GB 32100). */
  identifier: Type.Union([
    exact({ field: FieldCode, kind: Type.Union([Type.Literal('id_number'), Type.Literal('credit_code')]) }),
    Type.Null(),
  ]),
  /** Pairs are looked at where all parts of some rule agree. */
  blocking: Type.Array(Type.Array(BlockPart, { minItems: 1, maxItems: 4 }), { maxItems: 12 }),
  comparisons: Type.Array(Comparison, { maxItems: 16 }),
  /** Probabilities: at `match` and above two records are one, at `review` and above a person decides. */
  thresholds: exact({
    match: Type.Number({ minimum: 0.5, maximum: 0.999999 }),
    review: Type.Number({ minimum: 0.01, maximum: 0.999999 }),
  }),
})

export type FusionDefinition = Static<typeof FusionDefinition>
export type Field = Static<typeof Field>
export type Comparison = Static<typeof Comparison>
export type Level = Static<typeof Level>
export type BlockPart = Static<typeof BlockPart>

export interface DefinitionFault {
  /** JSON pointer into the definition. */
  readonly path: string
  readonly zh: string
  readonly en: string
}

/** Names of columns of the work itself. */
const RESERVED = /^(n|id|record|source|fresh|cluster|entity|members|master|key|identifier|idnumber|k\d+)$/
/** A pair holds one bit for each blocking rule, and one number for each combination of levels. */
const PATTERNS_MAX = 2 ** 40

/** What is wrong with a definition that has the right shape. */
export function definitionFaults(definition: FusionDefinition): DefinitionFault[] {
  const faults: DefinitionFault[] = []
  const fault = (path: string, zh: string, en: string): void => void faults.push({ path, zh, en })
  const fields = new Map(definition.fields.map((one) => [one.code, one.kind]))
  const known = (path: string, field: string): void => {
    if (!fields.has(field)) fault(path, `没有字段「${field}」`, `there is no field "${field}"`)
  }
  definition.fields.forEach(({ code }, at) => {
    if (RESERVED.test(code))
      fault(`/fields/${at}/code`, '该名称已被占用，请换一个', 'the name is taken; choose another')
    if (definition.fields.findIndex((one) => one.code === code) < at)
      fault(`/fields/${at}/code`, '字段重复', 'the field is named twice')
  })
  if (definition.identifier) {
    known('/identifier/field', definition.identifier.field)
    if (fields.get(definition.identifier.field) !== 'code')
      fault('/identifier/field', '标识字段的类型应为代码', 'the identifier must be a field of kind code')
  }
  definition.blocking.forEach((parts, rule) =>
    parts.forEach((part, at) => known(`/blocking/${rule}/${at}/field`, part.field)),
  )
  definition.comparisons.forEach((one, at) => {
    known(`/comparisons/${at}/field`, one.field)
    if (definition.comparisons.findIndex((other) => other.field === one.field) < at)
      fault(`/comparisons/${at}/field`, '同一字段只能比较一次', 'the field is compared twice')
    if (one.termFrequency && one.levels[0]!.level !== 'exact')
      fault(
        `/comparisons/${at}/levels/0`,
        '按词频调整须以“完全一致”为首级',
        'term frequency needs exact as first level',
      )
    one.levels.forEach((level, place) => {
      const path = `/comparisons/${at}/levels/${place}`
      if (level.level === 'swapped') known(`${path}/with`, level.with)
      if (level.level === 'date_part' && fields.get(one.field) !== 'date')
        fault(path, '只有日期才有年月日', 'only a date has parts')
    })
  })
  if (definition.comparisons.reduce((count, one) => count * (one.levels.length + 2), 1) > PATTERNS_MAX)
    fault('/comparisons', '比较级别的组合过多', 'too many combinations of levels')
  if ((definition.blocking.length === 0) !== (definition.comparisons.length === 0))
    fault('/blocking', '分块规则与比较须同时给出', 'blocking rules and comparisons come together')
  if (definition.thresholds.review > definition.thresholds.match)
    fault('/thresholds/review', '复核阈值不能高于合并阈值', 'the threshold of review must not be above that of match')
  return faults
}
