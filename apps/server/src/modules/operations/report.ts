import { shanghaiDate } from '@huitong/codes'
import type { ReplyOf } from '@huitong/contract'
import type { readReport } from '@huitong/contract/operations'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import type { Counted, Indicator } from './indicator.ts'
import { INDICATORS } from './indicators/index.ts'

type Report = ReplyOf<typeof readReport>
type Figures = Report['total']

const DAY_MS = 24 * 3_600_000
const midnight = (day: string): Date => new Date(`${day}T00:00:00+08:00`)

interface Period {
  readonly from: string
  readonly until: string
  readonly start: Date
  readonly cutOff: Date
}

/** Whole days of Asia/Shanghai, cut off at the present; by default the year so far. */
export function periodOf(query: { from?: string | undefined; until?: string | undefined }, now: Date): Period {
  const today = shanghaiDate(now)
  const until = query.until ?? today
  const from = query.from ?? `${until.slice(0, 4)}-01-01`
  if (from > until)
    refuse('request.invalid', {
      places: [place('#/query/from', '开始日期晚于结束日期', 'the period ends before it begins')],
    })
  if (from > today)
    refuse('request.invalid', { places: [place('#/query/from', '开始日期在未来', 'the period has not begun')] })
  const end = new Date(midnight(until).getTime() + DAY_MS)
  return { from, until, start: midnight(from), cutOff: end < now ? end : now }
}

interface Department {
  id: string
  name: { zh: string; en?: string }
  successor_id: string | null
  visible: boolean
}

/** The report as its viewer may see it: departments in force, with what their predecessors left them. */
export async function makeReport(db: Reader, actor: Person, period: Period): Promise<Report> {
  const visible = sql.raw(emitPostgres(VISIBILITY.report(viewerOf(actor)), () => 'd.id'))
  const all = await db.many<Department>(sql`select d.id, d.name, d.successor_id, ${visible} as visible from department d
    where d.jurisdiction = ${actor.jurisdiction} order by d.credit_code`)
  const heirs = heirsOf(all)
  const shown = all.filter((one) => one.visible && one.successor_id === null)
  const figures = new Map(shown.map((one) => [one.id, {} as Figures]))
  const total: Figures = {}
  for (const one of INDICATORS) {
    const counted = await one.count({ db, from: period.start, cutOff: period.cutOff })
    const sums = sumByDepartment(counted, heirs, figures)
    for (const [id, own] of figures) own[one.name] = figureOf(one, sums.get(id))
    total[one.name] = figureOf(one, [...sums.values()].reduce(add, undefined))
  }
  return {
    from: period.from,
    until: period.until,
    cutOff: period.cutOff.toISOString(),
    indicators: INDICATORS.map(({ name, words, unit, definition, kind }) => ({ name, words, unit, definition, kind })),
    departments: shown.map(({ id, name }) => ({ id, name, figures: figures.get(id)! })),
    total,
  }
}

/** Who has what an abolished department had: the last of its successors. */
function heirsOf(all: readonly Department[]): (id: string) => string {
  const next = new Map(all.map((one) => [one.id, one.successor_id]))
  return (id) => {
    let heir = id
    // A chain cannot be longer than there are departments.
    for (let steps = 0; steps < all.length; steps++) {
      const successor = next.get(heir)
      if (!successor) return heir
      heir = successor
    }
    return heir
  }
}

interface Sum {
  readonly part: bigint
  readonly whole: bigint
}

function add(sum: Sum | undefined, more: Sum): Sum {
  return { part: (sum?.part ?? 0n) + more.part, whole: (sum?.whole ?? 0n) + more.whole }
}

function sumByDepartment(
  counted: readonly Counted[],
  heirOf: (id: string) => string,
  shown: ReadonlyMap<string, Figures>,
): Map<string, Sum> {
  const sums = new Map<string, Sum>()
  for (const one of counted) {
    const id = heirOf(one.departmentId)
    if (!shown.has(id)) continue
    const more =
      'value' in one ? { part: BigInt(one.value), whole: 1n } : { part: BigInt(one.part), whole: BigInt(one.whole) }
    sums.set(id, add(sums.get(id), more))
  }
  return sums
}

/** A ratio in percent with two decimals, rounded half up; nothing to divide by is no figure. */
function figureOf({ kind }: Indicator, sum: Sum | undefined): Figures[string] {
  if (kind !== 'ratio') return { value: String(sum?.part ?? 0n) }
  const { part, whole } = sum ?? { part: 0n, whole: 0n }
  const parts = { part: String(part), whole: String(whole) }
  if (whole === 0n) return { value: null, ...parts }
  const hundredths = (part * 20_000n + whole) / (2n * whole)
  return { value: `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}`, ...parts }
}
