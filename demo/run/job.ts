import { STEPS } from '../steps/index.ts'
import type { StepName } from './arguments.ts'
import type { World } from './world.ts'

/** One line of the report. */
export interface StepReport {
  readonly step: number
  readonly name: StepName
  readonly ok: boolean
  readonly seconds: number
  readonly figures: Readonly<Record<string, unknown>>
  /** A sentence for each thing that is not as it should be. */
  readonly faults: readonly string[]
}
export interface Report {
  readonly ok: boolean
  readonly seconds: number
  readonly seed: number
  readonly steps: readonly StepReport[]
}

/** Runs the steps in order, up to and with `last`. A step that fails does not keep the others from being tried. */
export async function runJob(world: World, last: StepName = 'report'): Promise<StepReport[]> {
  const reports: StepReport[] = []
  for (const step of STEPS) {
    world.say(`step ${step.number} ${step.name} …`)
    const begun = performance.now()
    const { figures, faults } = await step.run(world).then(
      (outcome) => ({ figures: { ...(outcome.figures as object) }, faults: outcome.faults }),
      (error: unknown) => ({ figures: {}, faults: [`stopped: ${describe(error)}`] }),
    )
    const seconds = Math.round((performance.now() - begun) / 10) / 100
    const report = { step: step.number, name: step.name, ok: faults.length === 0, seconds, figures, faults }
    reports.push(report)
    tell(world, report)
    if (step.name === last) break
  }
  return reports
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const places = (error as { places?: readonly { path: string; problem: { en: string } }[] }).places ?? []
  return [error.message, ...places.map((one) => `${one.path}: ${one.problem.en}`)].join('; ')
}

function tell(world: World, { step, name, ok, seconds, figures, faults }: StepReport): void {
  for (const [key, value] of Object.entries(figures)) world.say(`    ${key}: ${shown(value)}`)
  for (const fault of faults) world.say(`    ✗ ${fault}`)
  world.say(`step ${step} ${name}: ${ok ? 'as it should be' : 'NOT as it should be'} (${seconds} s)`)
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 160 ? `${text.slice(0, 157)}…` : text
}

/** The table at the end. */
export function tableOf(reports: readonly StepReport[]): string {
  const key: Readonly<Record<StepName, readonly string[]>> = {
    discover: ['tables', 'fields'],
    catalogue: ['code', 'named_missing'],
    find: ['found', 'by_item', 'leaked', 'facets_compared', 'p95_ms'],
    request: ['refused_state', 'deadline'],
    grant: ['signatures_valid', 'province'],
    exchange: ['source_rows', 'target_rows', 'segments', 'rows_per_second'],
    landing: ['centre_rows', 'library_rows'],
    change: ['inserted', 'updated', 'deleted', 'batches'],
    reconcile: ['altered_key', 'named_keys'],
    service: ['rows_by_key', 'rows_by_page', 'count', 'calls_per_second'],
    quality: ['rules', 'recall', 'precision', 'order_state', 'violation_state'],
    evidence: ['proofs_verified', 'sigstore_verified'],
    operate: ['polls', 'refused', 'not_found', 'longest_outage_ms', 'incident_open_seconds'],
    report: ['indicators', 'figures_compared', 'rows_shared'],
  }
  const lines = reports.map(({ step, name, ok, seconds, figures }) => {
    const chosen = key[name].map((one) => `${one} ${shown(figures[one] ?? '–')}`).join('  ')
    return `${String(step).padStart(4)}  ${name.padEnd(10)} ${ok ? 'ok  ' : 'FAIL'} ${seconds.toFixed(1).padStart(7)} s  ${chosen}`
  })
  return ['step  name       ok      time   figures', ...lines].join('\n')
}
