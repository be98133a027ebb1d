import { checkCreditCode, checkIdNumber } from '@huitong/codes'
import type { Registers } from '../registers.ts'

/** The day of the check, for dates that must not lie ahead. */
export const TODAY = '2026-06-01'

const blank = (value: string | null): value is null => value === null || /^[\t \u00a0\u3000]*$/.test(value)

/** A real day, by the calendar of JavaScript and not by the generator's. */
const realDay = (text: string | null): text is string => {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? '')
  if (match === null) return false
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/**
 * The rules of `dirt.md`, written down plainly a second time: `table/id/rule` of each row that breaks one. Slow, and
 * knows nothing of how the rows were made.
 */
export function rulesBroken(
  { population, benefit, enterprise, licence }: Registers,
  known: { villages: ReadonlySet<string>; counties: ReadonlySet<string> },
): string[] {
  const out: string[] = []
  const say = (table: string, id: string, rules: Readonly<Record<string, boolean>>): void => {
    for (const [rule, broken] of Object.entries(rules)) if (broken) out.push(`${table}/${id}/${rule}`)
  }
  const numbers = Map.groupBy(population, (row) => row.id_number)
  const dead = new Set(population.filter((row) => !blank(row.death_date)).map((row) => row.id_number))
  for (const row of population) {
    const number = row.id_number
    const formed = !blank(number) && /^[0-9]{17}[0-9X]$/.test(number)
    const born = number?.replace(/^.{6}(....)(..)(..).*$/, '$1-$2-$3')
    const man = Number(number?.[16]) % 2 === 1
    say('population', row.id, {
      id_number_check: !blank(number) && checkIdNumber(number, TODAY).status !== 'valid',
      birth_date_impossible: !blank(row.birth_date) && !realDay(row.birth_date),
      sex_against_id: formed && (row.sex === '1' || row.sex === '2') && (row.sex === '1') !== man,
      birth_against_id: formed && realDay(row.birth_date) && row.birth_date !== born,
      id_number_duplicate: !blank(number) && numbers.get(number)!.length > 1,
      name_missing: blank(row.name),
      sex_code: !blank(row.sex) && !['0', '1', '2', '9'].includes(row.sex),
      nation_code:
        !blank(row.nation) && !(/^\d\d$/.test(row.nation) && Number(row.nation) >= 1 && Number(row.nation) <= 56),
      phone_fullwidth: /[０-９]/.test(row.phone ?? ''),
      name_spaces: !blank(row.name) && /[\t \u00a0\u3000]/.test(row.name),
      name_address_swapped: !blank(row.name) && /[0-9０-９省市县村路号]/.test(row.name),
      division_outdated: !blank(row.division_code) && !known.counties.has(row.division_code),
      death_before_birth: realDay(row.death_date) && realDay(row.birth_date) && row.death_date < row.birth_date,
      village_unknown: !blank(row.village_code) && !known.villages.has(row.village_code),
    })
  }
  for (const row of benefit) {
    const amount = row.amount === null ? null : Number(row.amount)
    say('benefit', row.id, {
      benefit_of_dead: !blank(row.id_number) && dead.has(row.id_number),
      amount_range: amount !== null && (amount <= 0 || amount > 5000),
      family_missing: blank(row.family_no),
    })
  }
  for (const row of enterprise) {
    const capital = row.capital === null ? null : Number(row.capital)
    say('enterprise', row.id, {
      credit_code_check: !blank(row.credit_code) && checkCreditCode(row.credit_code).status !== 'valid',
      legal_person_missing: row.status === '存续' && blank(row.legal_person),
      capital_range: capital !== null && (capital <= 0 || capital > 10_000_000),
      established_future: realDay(row.established_on) && row.established_on > TODAY,
    })
  }
  const codes = new Set(enterprise.map((row) => row.credit_code))
  for (const row of licence) {
    say('licence', row.id, {
      licence_orphan: !blank(row.credit_code) && !codes.has(row.credit_code),
      valid_before_issued: realDay(row.issued_on) && realDay(row.valid_until) && row.valid_until < row.issued_on,
    })
  }
  return out
}
