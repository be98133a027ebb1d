import type { Person } from './people.ts'
import { bulkRandomOf, type BulkRandom } from './random.ts'
import { dirtyOneIn, type Truth } from './truth.ts'

/** A row of `benefit`. */
export interface BenefitRow {
  readonly id: string
  readonly person_name: string
  readonly id_number: string
  family_no: string | null
  amount: string | null
  readonly started_on: string
  readonly village_code: string
  readonly community_name: string
}

const POOR_ONE_IN = 25

/**
 * What the civil affairs department pays to poor families: a row for each living member, and, as dirt, rows for some who
 * have died. Amounts and family numbers of some rows are spoilt.
 */
export function makeBenefits(seed: number, people: readonly Person[], truth: Truth): BenefitRow[] {
  const random = bulkRandomOf(`huitong/benefits/${seed}`)
  const poor = new Map<string, string>()
  const rows: BenefitRow[] = []
  const pay = (person: Person): void => {
    const family = poor.get(person.household) ?? `DB${String(poor.size + 1).padStart(7, '0')}`
    poor.set(person.household, family)
    rows.push(rowOf(person, family, rows.length + 1, random))
  }
  let asked = ''
  let isPoor = false
  for (const person of people) {
    if (person.household !== asked) {
      asked = person.household
      isPoor = random.oneIn(POOR_ONE_IN)
    }
    if (isPoor && !person.dead) pay(person)
  }
  const dead = people.filter((one) => one.dead && one.row.id_number === one.idNumber && one.row.death_date !== null)
  const wrongly = Math.min(dead.length, Math.max(3, Math.ceil(rows.length / 80)))
  const step = Math.floor(dead.length / Math.max(1, wrongly))
  for (let at = 0; at < wrongly; at++) pay(dead[at * step]!)
  spoil(rows, random, truth)
  addPaidDead(rows, people, truth)
  return rows
}

function rowOf({ name, idNumber, village }: Person, family: string, id: number, random: BulkRandom): BenefitRow {
  const month = String(1 + random.integer(12)).padStart(2, '0')
  return {
    id: String(id),
    person_name: name,
    id_number: idNumber,
    family_no: family,
    amount: `${200 + random.integer(900)}.${random.pick(['00', '50', '20'])}`,
    started_on: `${2018 + random.integer(8)}-${month}-01`,
    village_code: village.code,
    community_name: village.name,
  }
}

function spoil(rows: readonly BenefitRow[], random: BulkRandom, truth: Truth): void {
  const rate = dirtyOneIn(rows.length, 2)
  let turn = 0
  for (const row of rows) {
    if (!random.oneIn(rate)) continue
    const both = random.oneIn(6)
    if (both || turn % 2 === 0) {
      row.amount = random.pick(['0.00', '-300.00', '5000.01', '68000.00'])
      truth.add('benefit', row.id, 'amount_range')
    }
    if (both || turn % 2 === 1) {
      row.family_no = random.pick([null, ''])
      truth.add('benefit', row.id, 'family_missing')
    }
    turn++
  }
}

/** Also those whose death date was itself planted as dirt. */
function addPaidDead(rows: readonly BenefitRow[], people: readonly Person[], truth: Truth): void {
  const dead = new Set(people.flatMap(({ row }) => (row.death_date === null ? [] : [row.id_number])))
  for (const row of rows) if (dead.has(row.id_number)) truth.add('benefit', row.id, 'benefit_of_dead')
}
