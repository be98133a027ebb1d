import { dateOf, dayOf, LAST_DAY } from './days.ts'
import { idNumber } from './id-number.ts'
import { givenName, surname } from './names.ts'
import { bulkRandomOf, type BulkRandom } from './random.ts'

/** A village of the city as the civil affairs department's table has it. */
export interface Village {
  readonly code: string
  readonly name: string
  readonly street: string
  readonly areaCode: string
  readonly area: string
}

/** A row of `population`; null is NULL. The columns that the front database adds (`op`, …) come with loading. */
export interface PopulationRow {
  readonly id: string
  name: string | null
  sex: string | null
  nation: string | null
  id_number: string | null
  birth_date: string | null
  death_date: string | null
  phone: string | null
  address: string | null
  village_code: string | null
  division_code: string | null
  household_no: string | null
  marital_status: string | null
  status: string | null
}

/** A person as they really are: `row` may later be spoilt, the rest not. */
export interface Person {
  readonly row: PopulationRow
  readonly name: string
  readonly idNumber: string
  readonly village: Village
  readonly household: string
  readonly age: number
  readonly dead: boolean
}

type Sex = 'male' | 'female'

/** GB/T 3304 codes with their share of the population in ten thousands (seventh census, 2020). */
const NATIONS: readonly (readonly [code: string, share: number])[] = [
  ['01', 9111],
  ['08', 139],
  ['05', 84],
  ['03', 81],
  ['06', 79],
  ['11', 74],
  ['07', 70],
  ['15', 68],
  ['04', 50],
  ['02', 45],
  ['09', 25],
  ['12', 25],
  ['13', 23],
  ['14', 15],
  ['10', 12],
  ['16', 9],
]
/** Characters of transcribed names, joined by the middle dot, of some people of nation 05. */
const TRANSCRIBED = ['阿依古丽', '买买提', '古丽娜尔', '艾力', '帕提古丽', '吐尔逊', '热依汗', '阿不都拉']
const MOBILE_PREFIXES =
  '130 131 132 135 136 137 138 139 150 151 152 157 158 159 176 177 178 180 181 185 186 187 188 189 199'.split(' ')
const YEAR_DAYS = 365.25

/**
 * The city's people, household by household, until there are `count`; all clean. Villages and counties are real, ages,
 * nations and surnames have real shares, each citizen number is one person's alone.
 */
export function makePeople(seed: number, count: number, villages: readonly Village[]): Person[] {
  const random = bulkRandomOf(`huitong/people/${seed}`)
  const counties = [...new Set(villages.map((one) => one.areaCode))].sort()
  const used = new Set<string>()
  const people: Person[] = []
  for (let household = 1; people.length < count; household++) {
    const village = random.pick(villages)
    const home = {
      village,
      counties,
      used,
      number: `${village.code}${String(household).padStart(6, '0')}`,
      address: addressOf(village, random),
      random,
    }
    for (const one of familyOf(random)) if (people.length < count) people.push(personOf(home, one, people.length + 1))
  }
  return people
}

interface Member {
  readonly surname: string
  readonly sex: Sex
  readonly age: number
  readonly married: boolean
  readonly nation: string
}

/** One to five people of one household: a head, mostly a spouse, children, sometimes a parent. */
function familyOf(random: BulkRandom): Member[] {
  const age = 24 + random.integer(56)
  const name = surname(random)
  const nation = nationOf(random)
  const couple = random.integer(100) < (age < 30 ? 45 : 82)
  const family: Member[] = [
    { surname: name, sex: random.integer(4) === 0 ? 'female' : 'male', age, married: couple, nation },
  ]
  const head = family[0]!
  if (couple) {
    const other: Sex = head.sex === 'male' ? 'female' : 'male'
    family.push({
      surname: surname(random),
      sex: other,
      age: Math.max(22, age - 3 + random.integer(6)),
      married: true,
      nation,
    })
  }
  const children = couple && age < 62 ? random.integer(3) : 0
  for (let child = 0; child < children; child++) {
    const years = Math.max(0, age - 24 - random.integer(8) - 3 * child)
    if (years < 28) family.push({ surname: name, sex: sexOf(random), age: years, married: false, nation })
  }
  if (age < 55 && random.oneIn(5)) {
    family.push({ surname: name, sex: sexOf(random), age: age + 22 + random.integer(10), married: true, nation })
  }
  return family
}

const sexOf = (random: BulkRandom): Sex => (random.integer(2) === 0 ? 'male' : 'female')

function nationOf(random: BulkRandom): string {
  let at = random.integer(NATIONS.reduce((sum, [, share]) => sum + share, 0))
  for (const [code, share] of NATIONS) if ((at -= share) < 0) return code
  return '01'
}

interface Home {
  readonly village: Village
  readonly counties: readonly string[]
  readonly used: Set<string>
  readonly number: string
  readonly address: string
  readonly random: BulkRandom
}

function personOf(home: Home, { surname: family, sex, age, married, nation }: Member, id: number): Person {
  const { random, village } = home
  const today = dayOf(LAST_DAY)
  const born = today - Math.floor(age * YEAR_DAYS) - 1 - random.integer(364)
  const birthDate = dateOf(born)
  const year = Number(birthDate.slice(0, 4))
  // One in seven has moved here: the number keeps the county where it was given.
  const county = random.oneIn(7) ? random.pick(home.counties) : village.areaCode
  const number = ownNumber(home.used, county, birthDate, sex, random)
  const name =
    nation === '05' && random.oneIn(2)
      ? `${random.pick(TRANSCRIBED)}·${random.pick(TRANSCRIBED)}`
      : family + givenName(random, sex, year)
  const dead = random.integer(1000) < (age > 60 ? 130 : 8)
  const died = dead ? dateOf(born + 1 + random.integer(today - born)) : null
  const row: PopulationRow = {
    id: String(id),
    name,
    sex: sex === 'male' ? '1' : '2',
    nation,
    // A few rows lack what no rule demands.
    id_number: random.oneIn(900) ? null : number,
    birth_date: random.oneIn(700) ? null : birthDate,
    death_date: died,
    phone: age < 12 || random.oneIn(12) ? null : phoneOf(random),
    address: home.address,
    village_code: village.code,
    division_code: village.areaCode,
    household_no: home.number,
    marital_status: age < 20 ? '10' : married ? (random.oneIn(20) ? '30' : '20') : random.oneIn(6) ? '40' : '10',
    status: dead ? '死亡注销' : '正常',
  }
  return { row, name, idNumber: number, village, household: home.number, age, dead }
}

/** A number that nobody has yet. */
export function ownNumber(used: Set<string>, county: string, birthDate: string, sex: Sex, random: BulkRandom): string {
  for (;;) {
    const number = idNumber(county, birthDate, random.integer(500) * 2 + (sex === 'male' ? 1 : 0))
    if (used.has(number)) continue
    used.add(number)
    return number
  }
}

export const phoneOf = (random: BulkRandom): string =>
  random.pick(MOBILE_PREFIXES) + String(random.integer(100_000_000)).padStart(8, '0')

/** County, street, village without its suffix, group and house number. */
export function addressOf({ area, street, name }: Village, random: BulkRandom): string {
  const short = name.replace(/(?:村民委员会|村委会|居民委员会|社区居委会|居委会|委员会)$/, '') || name
  return `${area}${street}${short}${1 + random.integer(12)}组${1 + random.integer(240)}号`
}
