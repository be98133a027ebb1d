import { creditCheck, organisationCheck } from './credit-code.ts'
import { dateOf, dayOf, LAST_DAY } from './days.ts'
import { addressOf, phoneOf, type Person, type Village } from './people.ts'
import { bulkRandomOf, type BulkRandom } from './random.ts'
import { dirtyOneIn, type Truth } from './truth.ts'

/** A row of `enterprise`. */
export interface EnterpriseRow {
  readonly id: string
  credit_code: string
  readonly name: string
  legal_person: string | null
  legal_person_id: string | null
  readonly kind: string
  readonly industry: string
  readonly address: string
  readonly division_code: string
  capital: string | null
  established_on: string
  readonly status: string
  readonly phone: string | null
}

/** A firm as it really is: `row` may later be spoilt, the rest not. */
export interface Firm {
  readonly row: EnterpriseRow
  readonly creditCode: string
  readonly industry: Industry
}

interface Industry {
  /** Section letter and class of GB/T 4754-2017. */
  readonly code: string
  readonly trade: string
  /** Permits that such a firm needs. */
  readonly permit: string | null
}

const INDUSTRIES: readonly Industry[] = [
  ['A0111', '水稻种植', null],
  ['A0141', '蔬菜种植', null],
  ['A0313', '生猪养殖', '动物防疫条件合格证'],
  ['C1353', '肉制品', '食品生产许可证'],
  ['C1411', '糕点食品', '食品生产许可证'],
  ['C2110', '木质家具', null],
  ['C3021', '水泥制品', null],
  ['C3311', '金属结构', null],
  ['C3525', '模具', null],
  ['C3670', '汽车零部件', null],
  ['C3982', '电子电路', '排污许可证'],
  ['E4710', '住宅建筑工程', '建筑业企业资质证书'],
  ['E4910', '电气安装', '承装（修、试）电力设施许可证'],
  ['E5012', '装饰工程', '建筑业企业资质证书'],
  ['F5165', '建材贸易', null],
  ['F5211', '百货', '食品经营许可证'],
  ['F5212', '超市', '食品经营许可证'],
  ['F5251', '大药房', '药品经营许可证'],
  ['F5261', '汽车销售', null],
  ['F5273', '电脑销售', null],
  ['F5281', '五金', null],
  ['F5292', '电子商务', null],
  ['G5431', '货物运输', '道路运输经营许可证'],
  ['H6110', '酒店', '特种行业许可证'],
  ['H6210', '餐饮', '食品经营许可证'],
  ['H6220', '快餐', '食品经营许可证'],
  ['I6513', '软件', null],
  ['I6531', '信息系统集成', null],
  ['K7020', '物业服务', null],
  ['L7241', '会计服务', null],
  ['M7482', '工程监理', '工程监理企业资质证书'],
  ['O8111', '汽车维修', null],
].map(([code, trade, permit]) => ({ code: code!, trade: trade!, permit: permit ?? null }))

/** The first of them, which co-operatives are in. */
const FARMING = 3

const BRANDS = [...'华盛鑫源宏达恒泰瑞丰嘉和锦程博远天成金盛诚信永安德隆万通百川众创新兴康美佳禾']
const KINDS = [
  { first2: '91', kind: '有限责任公司', suffix: '有限公司' },
  { first2: '92', kind: '个体工商户', suffix: '经营部' },
  { first2: '93', kind: '农民专业合作社', suffix: '专业合作社' },
] as const
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const BODIES = ALPHABET.length ** 6

/** The city's enterprises, each with a code of its own and a person of the city as its legal representative. */
export function makeFirms(
  seed: number,
  count: number,
  given: { city: string; villages: readonly Village[]; people: readonly Person[]; truth: Truth },
): Firm[] {
  const random = bulkRandomOf(`huitong/firms/${seed}`)
  const start = random.integer(2 ** 30)
  const adults = given.people.filter((one) => one.age >= 20 && !one.dead)
  const firms = Array.from({ length: count }, (_one, at): Firm => {
    const kind = KINDS[random.integer(100) < 55 ? 0 : random.integer(100) < 92 ? 1 : 2]!
    const village = random.pick(given.villages)
    // Another number for each, spread over all bodies: the factor has no divisor in common with 31.
    const creditCode = creditCodeOf(kind.first2, village.areaCode, (start + at * 104_729) % BODIES)
    const industry = random.pick(kind.first2 === '93' ? INDUSTRIES.slice(0, FARMING) : INDUSTRIES)
    return {
      row: rowOf(at + 1, creditCode, { ...given, random, kind, village, industry, adults }),
      creditCode,
      industry,
    }
  })
  spoil(firms, random, given.truth)
  return firms
}

/** A code of that kind registered in a county, with both check characters right (GB 11714, GB 32100). */
export function creditCodeOf(first2: string, division: string, body: number): string {
  let text = ''
  for (let left = body, at = 0; at < 6; at++, left = Math.floor(left / 31)) text = ALPHABET[left % 31]! + text
  const organisation = `MA${text}`
  const first17 = `${first2}${division}${organisation}${organisationCheck(organisation)}`
  return first17 + creditCheck(first17)
}

interface Making {
  readonly city: string
  readonly random: BulkRandom
  readonly kind: (typeof KINDS)[number]
  readonly village: Village
  readonly industry: Industry
  readonly adults: readonly Person[]
}

function rowOf(
  id: number,
  creditCode: string,
  { city, random, kind, village, industry, adults }: Making,
): EnterpriseRow {
  const brand = random.pick(BRANDS) + random.pick(BRANDS)
  const status = random.integer(100) < 82 ? '存续' : random.pick(['注销', '吊销', '迁出'])
  const person = random.pick(adults)
  // Whoever is gone from the register may have no legal person any more; that breaks no rule.
  const nobody = status === '注销' && random.oneIn(4)
  const capital =
    kind.first2 === '92' && random.oneIn(2) ? null : `${random.pick([3, 10, 50, 100, 200, 500, 1000, 5000])}.00`
  const established = dayOf(LAST_DAY) - random.integer(9000)
  return {
    id: String(id),
    credit_code: creditCode,
    name: `${city}${brand}${industry.trade}${kind.suffix}`,
    legal_person: nobody ? null : person.name,
    legal_person_id: nobody ? null : person.idNumber,
    kind: kind.kind,
    industry: industry.code,
    address: addressOf(village, random),
    division_code: village.areaCode,
    capital,
    established_on: dateOf(established),
    status,
    phone: random.oneIn(10) ? null : phoneOf(random),
  }
}

function spoil(firms: readonly Firm[], random: BulkRandom, truth: Truth): void {
  const rate = dirtyOneIn(firms.length, SPOILINGS.length)
  let turn = 0
  for (const { row } of firms) {
    if (!random.oneIn(rate)) continue
    const first = turn++ % SPOILINGS.length
    for (const at of new Set(random.oneIn(4) ? [first, random.integer(SPOILINGS.length)] : [first])) {
      const { rule, spoil } = SPOILINGS[at]!
      if (spoil(row, random)) truth.add('enterprise', row.id, rule)
    }
  }
}

const SPOILINGS: readonly { rule: string; spoil: (row: EnterpriseRow, random: BulkRandom) => boolean }[] = [
  {
    rule: 'credit_code_check',
    spoil: (row, random) => {
      const code = row.credit_code
      // A wrong last character, or a letter that the standard leaves out because it looks like a digit.
      row.credit_code = random.oneIn(3)
        ? code.replace('0', 'O').replace(/^([^O]+)$/, '$1O')
        : code.slice(0, 17) + random.pick([...ALPHABET].filter((one) => one !== code[17]))
      return true
    },
  },
  {
    rule: 'legal_person_missing',
    spoil: (row, random) => {
      if (row.status !== '存续') return false
      row.legal_person = random.pick([null, '', ' '])
      row.legal_person_id = null
      return true
    },
  },
  {
    rule: 'capital_range',
    spoil: (row, random) => {
      row.capital = random.pick(['0.00', '-100.00', '88888888888.00', '10000000.01'])
      return true
    },
  },
  {
    rule: 'established_future',
    spoil: (row, random) => {
      row.established_on = `${2090 + random.integer(9)}-0${1 + random.integer(9)}-1${random.integer(10)}`
      return true
    },
  },
]
