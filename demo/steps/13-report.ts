import { faultsOf, needed, type Outcome, type Step, type Tally, type World } from '../run/world.ts'
import { checkCallRoots, type CallRootFigures } from './call-roots.ts'
import { ledgerAtRest, reportNow } from './tally.ts'

export interface ReportStepFigures extends CallRootFigures {
  indicators: number
  without_definition: string[]
  cut_off: string
  figures_compared: number
  /** `department/indicator: in the report, as the demonstration counts`. */
  differences: string[]
  datasets: number
  items: number
  rows_shared: number
  requests_made: number
  requests_late: number
  evidence_entries: number
  incidents: number
  calls: number
  work_orders: number
  work_orders_closed: number
  totals_wrong: string[]
}

type Counts = Record<string, Record<string, number>>

/** Indicators that the demonstration planted, and those that it counts with its own queries. */
const PLANTED = ['datasets', 'items', 'requests_made', 'rows_shared', 'calls', 'calls_made'] as const

/** The report by department: what it grew by during this main job equals what the demonstration planted and counts itself. */
async function run(world: World): Promise<Outcome<ReportStepFigures>> {
  const tally = needed(world.made.tally, 'what the report said before')
  const roots = await checkCallRoots(world)
  await ledgerAtRest(world)
  if (world.sabotage === 'report') await spoil(world)
  for (const count of tally.atReport) await count()
  const report = await reportNow(world)
  const grown = growth(report.figures, tally, world)
  const own: Counts = tally.planted
  const late = await countLate(world, tally.since, report.cutOff)
  const evidence = await countEvidence(world, tally.since, report.cutOff)
  const incidents = await countIncidents(world, tally.since, report.cutOff)
  const orders = await countOrders(world, tally.since, report.cutOff)
  const differences: string[] = []
  let compared = 0
  for (const { key } of world.platform.city.departments) {
    const expected: Record<string, number> = {
      ...Object.fromEntries(PLANTED.map((name) => [name, own[key]?.[name] ?? 0])),
      late: late[key] ?? 0,
      evidence_entries: evidence[key] ?? 0,
      incidents: incidents[key] ?? 0,
      work_orders: orders.opened[key] ?? 0,
      orders_closed: orders.closed[key] ?? 0,
    }
    for (const [name, count] of Object.entries(expected)) {
      compared++
      if (grown[key]?.[name] !== count) differences.push(`${key}/${name}: ${grown[key]?.[name]}, ${count}`)
    }
  }
  const sum = (name: string) => Object.values(grown).reduce((all, one) => all + (one[name] ?? 0), 0)
  const figures: ReportStepFigures = {
    indicators: report.indicators.length,
    without_definition: report.indicators.filter((one) => !isDefined(one)).map((one) => one.name),
    cut_off: report.cutOff,
    figures_compared: compared,
    differences,
    datasets: sum('datasets'),
    items: sum('items'),
    rows_shared: sum('rows_shared'),
    requests_made: sum('requests_made'),
    requests_late: sum('late'),
    evidence_entries: sum('evidence_entries'),
    incidents: sum('incidents'),
    calls: sum('calls'),
    work_orders: sum('work_orders'),
    work_orders_closed: sum('orders_closed'),
    totals_wrong: totalsWrong(report),
    ...roots,
  }
  const faults = faultsOf({
    'every indicator has a definition and a unit in both languages':
      figures.indicators > 0 && figures.without_definition.length === 0,
    'every figure is what the demonstration planted or counts itself': compared > 0 && differences.length === 0,
    'every minute of calls is sealed by a root in the ledger that anybody can compute again':
      figures.call_roots > 0 && figures.call_roots_wrong.length === 0,
    'the incident that was made is in it': (incidents['minzheng'] ?? 0) >= (own['minzheng']?.['incidents'] ?? 0),
    'the totals are the sums of the departments': figures.totals_wrong.length === 0,
    'nothing after its cut-off, which is now, is in it': Math.abs(Date.parse(report.cutOff) - Date.now()) < 120_000,
  })
  return { figures, faults }
}

interface Described {
  readonly words: { zh: string; en: string }
  readonly unit: { zh: string; en: string }
  readonly definition: { zh: string; en: string }
}
const isDefined = ({ words, unit, definition }: Described): boolean =>
  [words, unit, definition].every((one) => one.zh !== '' && one.en !== '') && definition.zh.length > words.zh.length

type Report = Awaited<ReturnType<typeof reportNow>>

/** What each department has more than before the job; late deadlines are those that are in the whole but not in time. */
function growth(after: Report['figures'], { before }: Tally, world: World): Counts {
  const grown: Counts = {}
  for (const { key } of world.platform.city.departments) {
    const of = (all: Report['figures'], name: string) => all[key]?.[name]
    const late = (all: Report['figures']) =>
      Number(of(all, 'requests_on_time')?.whole ?? 0) - Number(of(all, 'requests_on_time')?.part ?? 0)
    const closed = (all: Report['figures']) => Number(of(all, 'work_orders_closed')?.part ?? 0)
    const own: Record<string, number> = {
      late: late(after) - late(before),
      orders_closed: closed(after) - closed(before),
    }
    for (const name of [...PLANTED, 'evidence_entries', 'incidents', 'work_orders'])
      own[name] = Number(of(after, name)?.value ?? 0) - Number(of(before, name)?.value ?? 0)
    grown[key] = own
  }
  return grown
}

function totalsWrong({ indicators, departments, total }: Report): string[] {
  return indicators
    .filter(({ name, kind }) => {
      const sum = (field: 'value' | 'part' | 'whole') =>
        departments.reduce((all, one) => all + BigInt(one.figures[name]![field] ?? 0), 0n).toString()
      const own = total[name]!
      return kind === 'ratio' ? own.part !== sum('part') || own.whole !== sum('whole') : own.value !== sum('value')
    })
    .map((one) => one.name)
}

/** Acts of people and nodes of each department, by their own words in the audit. */
const countEvidence = (world: World, from: string, until: string): Promise<Record<string, number>> =>
  byDepartment(
    world,
    `select d.name->>'zh' as name, count(*) as n from audit a join department d on d.id = a.department_id
     where a.at >= $1 and a.at < $2 group by 1`,
    [from, until],
  )

/** Deadlines of requests that were missed: noted as passed, or met too late. */
const countLate = (world: World, from: string, until: string): Promise<Record<string, number>> =>
  byDepartment(
    world,
    `select d.name->>'zh' as name, count(*) as n from obligation o join department d on d.id = o.department_id
       join access_request r on r.id = o.subject_id
     where o.cancelled_at is null and r.created_at >= $1 and r.created_at < $2
       and (o.overdue_at is not null or o.fulfilled_at >= coalesce(o.extended_to, o.due_at)) group by 1`,
    [from, until],
  )

/** Work orders of quality by the department that repairs: given out, and closed since. */
async function countOrders(world: World, from: string, until: string) {
  const count = (more: string) =>
    byDepartment(
      world,
      `select d.name->>'zh' as name, count(*) as n from work_order w join department d on d.id = w.department_id
       where w.opened_at >= $1 and w.opened_at < $2 ${more} group by 1`,
      [from, until],
    )
  return { opened: await count(''), closed: await count('and w.closed_at is not null and w.closed_at < $2') }
}

const countIncidents = (world: World, from: string, until: string): Promise<Record<string, number>> =>
  byDepartment(
    world,
    `select d.name->>'zh' as name, count(*) as n from incident i join department d on d.id = i.department_id
     where i.opened_at >= $1 and i.opened_at < $2 group by 1`,
    [from, until],
  )

async function byDepartment(world: World, text: string, values: string[]): Promise<Record<string, number>> {
  const rows = await world.platformSql.rows<{ name: string; n: string }>(text, values)
  const keys = new Map(world.platform.city.departments.map((one) => [one.name, one.key]))
  return Object.fromEntries(rows.map(({ name, n }) => [keys.get(name) ?? name, Number(n)]))
}

/** Sabotage: the platform's books say that a segment of the whole copy held one row more. */
async function spoil(world: World): Promise<void> {
  const channelId = needed(world.made.wholeChannelId, 'the channel')
  await world.platformSql.rows(
    `update segment set rows = rows + 1 where ctid = (select g.ctid from segment g join stream s
       on s.id = g.stream_id and s.generation = g.generation
     where g.channel_id = $1 and g.state = 'applied' and s.kind = 'copy' and s.source_rows = s.target_rows limit 1)`,
    [channelId],
  )
}

export const report: Step<ReportStepFigures> = { number: 13, name: 'report', run }
