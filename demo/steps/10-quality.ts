import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSuite, listFindings, openWorkOrder, readRun, startRun } from '@huitong/contract/governance'
import type { ReplyOf } from '@huitong/contract'
import { faultsOf, needed, until, type LandedTable, type Outcome, type Step, type World } from '../run/world.ts'
import { lateCorrection, type CorrectionFigures } from './quality-correction.ts'
import { repairLicences, type RepairFigures } from './quality-repair.ts'
import { rulesOf } from './quality-rules.ts'
import { REGISTERS, type RegisterName } from './registers.ts'

export interface QualityFigures extends RepairFigures, CorrectionFigures {
  rules: number
  rule_kinds: number
  /** How often each table was read for all its rules. */
  scans: Record<string, number>
  rows_checked: Record<string, number>
  rows_expected: Record<string, number>
  milliseconds: Record<string, number>
  /** By rule: (rule, row) pairs planted, found, not found, found but not planted. */
  truth: Record<string, { planted: number; found: number; missed: number; extra: number }>
  recall: number
  precision: number
  scores: Record<string, string | null>
  dimensions: Record<string, string | null>
  work_orders: number
  values_hidden: boolean
}

export type Run = ReplyOf<typeof readRun>
const TABLES = Object.keys(REGISTERS) as RegisterName[]

/** The landed registers are checked; what is found is compared with what was planted, fed back, repaired and closed. */
async function run(world: World): Promise<Outcome<QualityFigures>> {
  const landed = needed(world.made.landed, 'the landed tables')
  const datasets = Object.fromEntries(Object.entries(landed).map(([name, one]) => [name, one.datasetId]))
  const rules = rulesOf(datasets as Parameters<typeof rulesOf>[0])
  const runs = {} as Record<RegisterName, Run>
  for (const name of TABLES) runs[name] = await check(world, landed[name]!, rules[name])
  const truth = planted(world)
  const compared: QualityFigures['truth'] = {}
  let hidden = true
  for (const name of TABLES) {
    const { found, valuesShown } = await findingsOf(world, runs[name].id, name)
    hidden &&= !valuesShown
    for (const { code } of rules[name])
      compared[`${name}.${code}`] = compare(of(truth, name, code), of(found, name, code))
  }
  const orders: Record<string, string> = {}
  const centre = await world.as('centre')
  for (const name of TABLES) orders[name] = (await centre.call(openWorkOrder, { params: { id: runs[name].id } })).id
  const all = Object.values(compared)
  const sum = (key: 'planted' | 'found' | 'missed' | 'extra') => all.reduce((total, one) => total + one[key], 0)
  const each = <T>(take: (one: Run) => T) => Object.fromEntries(TABLES.map((name) => [name, take(runs[name])]))
  const figures: QualityFigures = {
    rules: Object.values(rules).flat().length,
    rule_kinds: new Set(Object.values(rules).flatMap((list) => list.map((one) => one.kind))).size,
    scans: each((one) => one.scans ?? 0),
    rows_checked: each((one) => Number(one.rows)),
    rows_expected: await rowsOf(world, landed),
    milliseconds: each((one) => one.milliseconds ?? 0),
    truth: compared,
    recall: ratio(sum('planted') - sum('missed'), sum('planted')),
    precision: ratio(sum('found') - sum('extra'), sum('found')),
    scores: each((one) => one.score),
    dimensions: Object.fromEntries(runs.population.scores.map((one) => [one.dimension, one.score])),
    work_orders: Object.keys(orders).length,
    values_hidden: hidden,
    ...(await repairLicences(world, landed['licence']!, orders['licence']!)),
    ...(await lateCorrection(world, landed['population']!)),
  }
  return { figures, faults: faultsIn(figures) }
}

const faultsIn = (figures: QualityFigures): string[] =>
  faultsOf({
    'at least 12 rules of at least 8 kinds': figures.rules >= 12 && figures.rule_kinds >= 8,
    'every table was read once for all its rules': Object.values(figures.scans).every((one) => one === 1),
    'every row that landed was judged': JSON.stringify(figures.rows_checked) === JSON.stringify(figures.rows_expected),
    'every planted fault was found, and nothing else': figures.recall === 1 && figures.precision === 1,
    'each rule had something to find': Object.values(figures.truth).every((one) => one.planted > 0),
    'the centre sees which rows, not their values': figures.values_hidden,
    'a recheck after half of the repair leaves what is not repaired':
      figures.open_after_half === figures.left_after_half,
    'the work order closes when all of it is repaired at the source':
      figures.order_state === 'closed' && figures.open_at_last === 0,
    'the order and its rechecks stand in the ledger': figures.order_entries >= 3,
    'a correction application has ten working days': figures.correction_due === figures.correction_due_expected,
    'no violation is suspected a minute before, one a minute after':
      figures.suspected_before === 0 && figures.suspected_after === 1,
    'an application answered in time raises none': figures.suspected_of_answered === 0,
    'the authority cannot decide before the department was heard': figures.decided_unheard === 'object.state',
    'the violation is confirmed with statement and decision': figures.violation_state === 'confirmed',
  })

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)

async function check(world: World, { datasetId }: LandedTable, rules: readonly object[]): Promise<Run> {
  const centre = await world.as('centre')
  const body = { datasetId, rules: [...rules] as never, repairWorkingDays: 10 }
  const suite = await centre.call(createSuite, { body })
  const { id } = await centre.call(startRun, { params: { id: suite.id } })
  let read: Run | undefined
  await until('the check', async () => {
    read = await centre.call(readRun, { params: { id } })
    if (read.state === 'failed') throw new Error(`the check failed: ${read.problem?.en}`)
    return read.state === 'done'
  })
  return read!
}

/** `table/rule/id` of everything that rules can decide. */
function planted(world: World): Set<string> {
  const lines = readFileSync(join(world.platform.dataDir, 'demo', 'dirt-truth.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
  const rows = lines.map((line) => JSON.parse(line) as { table: string; id: string; rule: string; decidable?: false })
  return new Set(rows.filter((one) => one.decidable !== false).map((one) => `${one.table}/${one.rule}/${one.id}`))
}

async function findingsOf(world: World, runId: string, name: string) {
  const centre = await world.as('centre')
  const found = new Set<string>()
  let valuesShown = false
  let after: string | null = null
  do {
    const query: { limit: string; after?: string } = { limit: '200', ...(after === null ? {} : { after }) }
    const page: ReplyOf<typeof listFindings> = await centre.call(listFindings, { params: { id: runId }, query })
    valuesShown ||= page.valuesShown || page.items.some((one) => one.values.length > 0)
    for (const { key, rules } of page.items) for (const code of rules) found.add(`${name}/${code}/${key[0]}`)
    after = page.next
  } while (after !== null)
  return { found, valuesShown }
}

const of = (pairs: ReadonlySet<string>, name: string, code: string): Set<string> =>
  new Set([...pairs].filter((one) => one.startsWith(`${name}/${code}/`)))

function compare(truth: ReadonlySet<string>, found: ReadonlySet<string>) {
  return {
    planted: truth.size,
    found: found.size,
    missed: [...truth].filter((one) => !found.has(one)).length,
    extra: [...found].filter((one) => !truth.has(one)).length,
  }
}

async function rowsOf(world: World, landed: Record<string, LandedTable>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const name of TABLES) {
    const [row] = await world.centre.rows<{ n: string }>(`select count(*) as n from public.${landed[name]!.table}`)
    counts[name] = Number(row!.n)
  }
  return counts
}

export const quality: Step<QualityFigures> = { number: 10, name: 'quality', run }
