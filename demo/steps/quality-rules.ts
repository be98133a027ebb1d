import type { BodyOf } from '@huitong/contract'
import type { createSuite } from '@huitong/contract/governance'
import type { RegisterName } from './registers.ts'

type Rule = BodyOf<typeof createSuite>['rules'][number]
type Tables = Readonly<Record<RegisterName | 'villages', string>>

const rule = (
  code: string,
  [zh, en]: readonly [string, string],
  kind: string,
  parameters: Rule['parameters'],
): Rule => ({
  code,
  kind,
  name: { zh, en },
  parameters,
})
const NATIONS = Array.from({ length: 56 }, (_, at) => String(at + 1).padStart(2, '0'))
const SEX_OF_ID = { left: { column: 'sex' }, op: 'eq', right: { column: 'id_number', take: 'id_sex' }, as: 'text' }

const PEOPLE: readonly Rule[] = [
  rule('id_number_check', ['公民身份号码校验', 'Citizen number is correct'], 'id_number', {
    column: 'id_number',
    ignoreDate: true,
  }),
  rule('birth_date_impossible', ['出生日期有效', 'Birth date is valid'], 'date_valid', {
    column: 'birth_date',
    forms: ['iso'],
  }),
  rule('sex_against_id', ['性别与身份证号一致', 'Sex agrees with the citizen number'], 'conditional', {
    when: { column: 'sex', in: ['1', '2'] },
    rule: { kind: 'compare', parameters: SEX_OF_ID },
  }),
  rule('birth_against_id', ['出生日期与身份证号一致', 'Birth date agrees with the citizen number'], 'compare', {
    left: { column: 'birth_date' },
    op: 'eq',
    right: { column: 'id_number', take: 'id_birth' },
    as: 'date',
  }),
  rule('id_number_duplicate', ['公民身份号码唯一', 'Citizen number is unique'], 'unique', { columns: ['id_number'] }),
  rule('name_missing', ['姓名必填', 'Name is filled in'], 'required', { column: 'name' }),
  rule('sex_code', ['性别代码', 'Sex code'], 'code_set', { column: 'sex', codes: ['0', '1', '2', '9'] }),
  rule('nation_code', ['民族代码', 'Ethnicity code'], 'code_set', { column: 'nation', codes: NATIONS }),
  rule('phone_fullwidth', ['电话无全角数字', 'Phone has no full-width digits'], 'no_full_width', {
    column: 'phone',
    what: 'digits',
  }),
  // A name of nothing but spaces is a missing one.
  rule('name_spaces', ['姓名无多余空格', 'Name has no stray spaces'], 'conditional', {
    when: { not: { column: 'name', matches: '\\s*' } },
    rule: { kind: 'no_stray_spaces', parameters: { column: 'name', inside: 'none' } },
  }),
  rule('name_address_swapped', ['姓名不是地址', 'Name is not an address'], 'pattern', {
    column: 'name',
    pattern: '.*[0-9０-９省市县村路号].*',
    mode: 'must_not',
  }),
  rule('division_outdated', ['行政区划现行', 'Division is in force'], 'division_at_date', {
    column: 'division_code',
    county: true,
  }),
  rule('death_before_birth', ['死亡不早于出生', 'Death not before birth'], 'compare', {
    left: { column: 'death_date' },
    op: 'ge',
    right: { column: 'birth_date' },
    as: 'date',
  }),
]

/** The rules over each register, as the data centre writes them; their names are those of `demo/city/dirt.md`. */
export const rulesOf = (datasets: Tables): Readonly<Record<RegisterName, readonly Rule[]>> => ({
  population: [
    ...PEOPLE,
    rule('village_unknown', ['村级代码存在', 'Village code exists'], 'reference', {
      columns: ['village_code'],
      table: datasets.villages,
      to: ['code'],
    }),
  ],
  benefit: [
    rule('benefit_of_dead', ['领取人未死亡', 'Recipient is alive'], 'cross_table', {
      columns: ['id_number'],
      table: datasets.population,
      to: ['id_number'],
      where: { column: 'death_date', is: 'present' },
    }),
    rule('amount_range', ['发放金额范围', 'Amount is in range'], 'range', {
      column: 'amount',
      as: 'number',
      above: '0',
      max: '5000',
    }),
    rule('family_missing', ['家庭编号必填', 'Family number is filled in'], 'required', { column: 'family_no' }),
  ],
  enterprise: [
    rule('credit_code_check', ['统一社会信用代码校验', 'Credit code is correct'], 'credit_code', {
      column: 'credit_code',
    }),
    rule('legal_person_missing', ['存续企业有法定代表人', 'Active firm has a legal representative'], 'conditional', {
      when: { column: 'status', in: ['存续'] },
      rule: { kind: 'required', parameters: { column: 'legal_person' } },
    }),
    rule('capital_range', ['注册资本范围', 'Capital is in range'], 'range', {
      column: 'capital',
      as: 'number',
      above: '0',
      max: '10000000',
    }),
    rule('established_future', ['成立日期不晚于当日', 'Founded not in the future'], 'compare', {
      left: { column: 'established_on' },
      op: 'le',
      right: { today: true },
      as: 'date',
    }),
  ],
  licence: [
    rule('licence_orphan', ['持证主体存在', 'Licensee exists'], 'reference', {
      columns: ['credit_code'],
      table: datasets.enterprise,
      to: ['credit_code'],
    }),
    rule('valid_before_issued', ['有效期不早于发证', 'Valid until after issue'], 'compare', {
      left: { column: 'valid_until' },
      op: 'ge',
      right: { column: 'issued_on' },
      as: 'date',
    }),
  ],
})
