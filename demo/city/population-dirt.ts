import { dateOf, dayOf, isDay } from './days.ts'
import { idCheck } from './id-number.ts'
import { ownNumber, type Person, type PopulationRow } from './people.ts'
import { bulkRandomOf, type BulkRandom } from './random.ts'
import { dirtyOneIn, type Truth } from './truth.ts'

/** County codes that were abolished, with what took their place. Source: changes published by the Ministry of Civil Affairs. */
export const ABOLISHED_COUNTIES = [
  '110103', // 崇文区, 2010
  '110104', // 宣武区, 2010
  '120107', // 塘沽区, 2009
  '120108', // 汉沽区, 2009
  '310103', // 卢湾区, 2011
  '310119', // 南汇区, 2009
  '310230', // 崇明县, 2016
  '320503', // 平江区, 2012
  '330103', // 下城区, 2021
  '330104', // 江干区, 2021
  '350182', // 长乐市, 2017
  '370205', // 四方区, 2012
  '430124', // 宁乡县, 2017
  '500222', // 綦江县, 2011
  '510122', // 双流县, 2015
  '610125', // 户县, 2016
]

interface Spoiling {
  readonly rule: string
  /** Fields that it changes or relies on: two that share one never meet in a row. */
  readonly fields: readonly string[]
  /** Answers whether the row could be spoilt so. */
  spoil(person: Person, context: Context): boolean
}
interface Context {
  readonly random: BulkRandom
  readonly truth: Truth
  readonly used: Set<string>
  /** An earlier row that is clean. */
  clean(): Person | null
}

const ID_FORM = /^\d{17}[\dX]$/

const spoiling = (
  rule: string,
  fields: string,
  spoil: (row: PopulationRow, random: BulkRandom, person: Person) => boolean | void,
): Spoiling => ({
  rule,
  fields: fields.split(' '),
  spoil: (person, { random, truth }) => {
    if (spoil(person.row, random, person) === false) return false
    truth.add('population', person.row.id, rule)
    return true
  },
})

/** What can be wrong with one row by itself. `id.end` is the check character and the order of the sequence, `id` the rest. */
const SINGLE: readonly Spoiling[] = [
  spoiling('id_number_check', 'id.end', (row, random) => {
    const number = row.id_number ?? ''
    if (!ID_FORM.test(number)) return false
    row.id_number = number.slice(0, 17) + random.pick([...'0123456789X'].filter((one) => one !== number[17]))
  }),
  spoiling('birth_date_impossible', 'birth', (row, random) => {
    row.birth_date = random.pick(['1990-02-30', '1975-11-31', '1988-00-12', '2001-13-05', '1900-02-29', '1969-06-00'])
  }),
  spoiling('sex_against_id', 'sex id', (row) => {
    if (!ID_FORM.test(row.id_number ?? '')) return false
    row.sex = row.sex === '1' ? '2' : '1'
  }),
  spoiling('birth_against_id', 'birth id death', (row, random) => {
    if (!ID_FORM.test(row.id_number ?? '') || row.birth_date === null || row.death_date !== null) return false
    row.birth_date = dateOf(dayOf(row.birth_date) - 1 - random.integer(3000))
  }),
  spoiling('name_missing', 'name', (row, random) => {
    row.name = random.pick([null, '', ' '])
  }),
  spoiling('sex_code', 'sex', (row, random) => {
    row.sex = random.pick(['男', '女', '3', 'M', 'F'])
  }),
  spoiling('nation_code', 'nation', (row, random) => {
    row.nation = random.pick(['汉', '57', '00', '1', '汉族'])
  }),
  spoiling('phone_fullwidth', 'phone', (row) => {
    if (row.phone === null) return false
    row.phone = row.phone.replace(/\d{4}$/, (digits) => [...digits].map(wide).join(''))
  }),
  spoiling('name_spaces', 'name', (row, random) => {
    const name = row.name ?? ''
    if (name.trim() === '') return false
    row.name = random.pick([
      ` ${name}`,
      `${name} `,
      `${name[0]} ${name.slice(1)}`,
      `${name[0]}\u3000${name.slice(1)}`,
      `${name}\t`,
    ])
  }),
  spoiling('name_address_swapped', 'name address', (row) => {
    ;[row.name, row.address] = [row.address, row.name]
  }),
  spoiling('division_outdated', 'division', (row, random) => {
    row.division_code = random.pick(ABOLISHED_COUNTIES)
  }),
  spoiling('death_before_birth', 'birth death', (row, random) => {
    if (row.birth_date === null || !isDay(row.birth_date)) return false
    row.death_date = dateOf(dayOf(row.birth_date) - 1 - random.integer(4000))
    row.status = '死亡注销'
  }),
  spoiling('village_unknown', 'village', (row, random) => {
    // Villages are numbered from 001 or 200 on; none of any county has 9xx under a street 999.
    row.village_code = `${row.village_code?.slice(0, 6)}999${900 + random.integer(100)}`
  }),
]

/** The same number cut short: no rule but that of its form can be asked of it. */
const SHORT_ID = spoiling('id_number_check', 'id id.end', (row) => {
  if (!ID_FORM.test(row.id_number ?? '')) return false
  row.id_number = row.id_number!.slice(0, 17)
})
/** Two neighbours of the sequence change places; the check character does not follow. */
const SWAPPED_ID = spoiling('id_number_check', 'id.end', (row) => {
  const number = row.id_number ?? ''
  if (!ID_FORM.test(number) || number[14] === number[15]) return false
  const swapped = `${number.slice(0, 14)}${number[15]}${number[14]}${number[16]}`
  if (idCheck(swapped) === number[17]) return false
  row.id_number = swapped + number[17]
})

const DOUBLED: Spoiling = {
  rule: 'id_number_duplicate',
  fields: ['id', 'id.end', 'name', 'sex', 'nation', 'birth', 'death'],
  spoil: ({ row }, { clean, truth }) => {
    const other = clean()?.row
    if (!ID_FORM.test(other?.id_number ?? '')) return false
    const { name, sex, nation, id_number, birth_date, death_date, status } = other!
    Object.assign(row, { name, sex, nation, id_number, birth_date, death_date, status })
    for (const id of [row.id, other!.id]) truth.add('population', id, 'id_number_duplicate')
    return true
  },
}

const TWO_IDS: Spoiling = {
  rule: 'two_ids_one_person',
  fields: DOUBLED.fields,
  spoil: ({ row }, { clean, truth, random, used }) => {
    const other = clean()?.row
    if (!ID_FORM.test(other?.id_number ?? '') || other!.birth_date === null) return false
    const { name, sex, nation, birth_date, death_date, status, phone } = other!
    const county = other!.id_number!.slice(0, 6)
    const id_number = ownNumber(used, county, birth_date!, sex === '1' ? 'male' : 'female', random)
    Object.assign(row, { name, sex, nation, id_number, birth_date, death_date, status, phone })
    truth.addPair('population', 'two_ids_one_person', row.id, other!.id)
    return true
  },
}

const ALL: readonly Spoiling[] = [...SINGLE, DOUBLED, SHORT_ID, SWAPPED_ID, TWO_IDS]

/** Spoils about three rows of a hundred, every rule in turn, some rows by several. Adds what they break to the truth. */
export function spoilPeople(seed: number, people: readonly Person[], truth: Truth): void {
  const random = bulkRandomOf(`huitong/population-dirt/${seed}`)
  const used = new Set(people.map((one) => one.idNumber))
  const taken = new Set<number>()
  const rate = dirtyOneIn(people.length, ALL.length)
  let turn = 0
  people.forEach((person, at) => {
    if (taken.has(at) || !random.oneIn(rate)) return
    const clean = (): Person | null => earlierClean(people, at, taken, random)
    const context: Context = { random, truth, used, clean }
    const fields = new Set<string>()
    const wanted = 1 + (random.oneIn(3) ? 1 + random.integer(2) : 0)
    for (let tries = 0, done = 0; done < wanted && tries < 12; tries++) {
      const one = done === 0 ? ALL[turn++ % ALL.length]! : random.pick(SINGLE)
      if (one.fields.some((field) => fields.has(field)) || !one.spoil(person, context)) continue
      done++
      for (const field of one.fields) fields.add(field)
    }
    taken.add(at)
  })
}

/** A row before this one that nothing was done to; it is taken then. */
function earlierClean(
  people: readonly Person[],
  before: number,
  taken: Set<number>,
  random: BulkRandom,
): Person | null {
  for (let tries = 0; tries < 20; tries++) {
    const at = random.integer(Math.max(1, before))
    if (at >= before || taken.has(at)) continue
    taken.add(at)
    return people[at]!
  }
  return null
}

const wide = (digit: string): string => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)
