import { called, type ColumnProfile, type Draft, type ItemFacts } from './proposal.ts'
import type { Words } from './rule.ts'

/** Below this number of rows nothing follows from what was seen. */
const ROWS_MIN = 20
/** A column with fewer values than this, each often, holds codes. */
const CODES_MAX = 30
const CODE_ROWS_MIN = 200
/** Of a hundred values so many must have a form before it is taken for the form of all. */
const FORM_SHARE = 0.95

/** The rules that what was counted in a column speaks for, each with its evidence. */
export function ofProfile(item: ItemFacts, profile: ColumnProfile): Draft[] {
  const there = profile.rows - profile.missing
  if (there < ROWS_MIN) return []
  const { column, holds } = item
  const make: Make = (kind, parameters, [zh, en], why) => ({
    kind,
    parameters: { column, ...parameters },
    name: called(item, zh, en),
    origin: 'profile',
    why: { zh: `${profile.rows} 行数据中，${why.zh}`, en: `in ${profile.rows} rows, ${why.en}` },
  })
  const filled = make('required', {}, ['必填', 'required'], { zh: '没有一行为空', en: 'none is empty' })
  const shape = holds === 'text' && item.standard === null ? shapeOf(profile, there, make) : null
  return [...(profile.missing === 0 ? [filled] : []), ...(shape === null ? [] : [shape])]
}

type Make = (kind: string, parameters: Draft['parameters'], name: readonly [string, string], why: Words) => Draft

/** The one rule that says most of what the values of a text column look like. */
function shapeOf(profile: ColumnProfile, there: number, make: Make): Draft | null {
  const share = (form: keyof ColumnProfile['forms']) => profile.forms[form] / there
  const like = (form: keyof ColumnProfile['forms'], zh: string, en: string): Words => {
    const percent = `${(share(form) * 100).toFixed(1)} %`
    return { zh: `${percent} 的值形如${zh}`, en: `${percent} look like ${en}` }
  }
  if (share('id_number') >= FORM_SHARE)
    return make('id_number', {}, ['校验', 'check'], like('id_number', '身份证号', 'citizen numbers'))
  if (share('credit_code') >= FORM_SHARE)
    return make('credit_code', {}, ['校验', 'check'], like('credit_code', '统一社会信用代码', 'credit codes'))
  if (share('mobile') >= FORM_SHARE) {
    const parameters = { pattern: '1[3-9]\\d{9}', mode: 'must' }
    return make('pattern', parameters, ['格式', 'form'], like('mobile', '手机号', 'mobile numbers'))
  }
  if (share('iso') + share('basic') + share('slash') >= FORM_SHARE) {
    const forms = (['iso', 'basic', 'slash'] as const).filter((one) => share(one) >= 0.01)
    return make('date_valid', { forms }, ['日期有效', 'valid date'], {
      zh: '绝大多数值是日期',
      en: 'nearly all are dates',
    })
  }
  const codes = codesOf(profile, there)
  if (codes.length > 0)
    return make('code_set', { codes }, ['代码', 'codes'], {
      zh: `只有 ${codes.length} 种常见取值`,
      en: `${codes.length} values are common`,
    })
  const { minLength: min, maxLength: max } = profile
  if (min === null || min !== max) return null
  const why = { zh: `所有值都是 ${min} 个字符`, en: `all have ${min} characters` }
  return make('length', { min, max }, ['长度', 'length'], why)
}

/** The values that are common, of a column that has few. */
function codesOf({ values }: ColumnProfile, there: number): string[] {
  if (values === null || there < CODE_ROWS_MIN || values.length > CODES_MAX) return []
  const codes = values.filter(({ count }) => count / there >= 0.001).map(({ value }) => value)
  return codes.every((one) => one.length <= 100) ? codes : []
}
