import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomOf, type Random } from '../city/random.ts'
import type { DemoClient } from '../client.ts'
import type { StepName } from './arguments.ts'
import { openSql, type Measured, type Sql } from './measure.ts'
import type { Chaos } from './chaos.ts'
import type { OperateFigures } from './kills.ts'
import { type Platform, waitFor } from './platform.ts'
import type { Poller } from './poller.ts'

/** What the steps of one main job share. Later steps read what earlier ones made. */
export interface World {
  readonly platform: Platform
  /** 1 for the first main job on this platform; each has datasets and tables of its own. */
  readonly round: number
  readonly random: Random
  readonly sabotage: StepName | null
  /** Rows of the source as the demonstration planted them. */
  readonly villages: number
  /** Kill each process during the copy (step 12)? */
  readonly operate: boolean
  readonly poller: Poller
  readonly chaos: Chaos
  /** The departments' databases and the platform's, by the demonstration's own connections. */
  readonly source: Sql
  readonly target: Sql
  readonly platformSql: Sql
  /** The database of the resource centre. */
  readonly centre: Sql
  as(account: string): Promise<DemoClient>
  say(line: string): void
  readonly made: Made
}

/** Handles of what was made, filled step by step. */
export interface Made {
  sourceId?: string
  targetId?: string
  tableId?: string
  datasetId?: string
  refusedRequestId?: string
  provinceRequest?: PlantedRequest
  wholeRequest?: PlantedRequest
  provinceGrantId?: string
  wholeGrantId?: string
  provinceChannelId?: string
  wholeChannelId?: string
  reconciliationId?: string
  repairedId?: string
  operate?: OperateFigures
  /** Datasets of the registers that were published, by their table. */
  registers?: Readonly<Record<string, string>>
  /** The service that was made of the landed population. */
  serviceId?: string
  /** Tables that landed in the resource centre, by their name at the source. */
  landed?: Record<string, LandedTable>
  /** What this main job did that the report must count, by the keys of departments; and the report before it. */
  tally?: Tally
  /** Both ends as they were measured when the last copy of step 6 had ended. */
  copied?: { readonly source: Measured; readonly target: Measured }
}

/** Figures of the statistics report, by department and indicator. */
export type ReportFigures = Readonly<
  Record<string, Readonly<Record<string, { value: string | null; part?: string; whole?: string }>>>
>

/** What the demonstration planted or measured itself, by department key and indicator of the report. */
export interface Tally {
  readonly before: ReportFigures
  /** The cut-off of the report before. */
  readonly since: string
  readonly planted: Record<string, Record<string, number>>
  /** Counts of what may go on moving after its own step, such as a table that is followed: taken right before the report. */
  readonly atReport: (() => Promise<void>)[]
}

/** Counts something that the report must show. */
export function tally(world: World, department: string, name: string, count: number): void {
  const planted = world.made.tally?.planted
  if (planted === undefined) return
  const own = (planted[department] ??= {})
  own[name] = (own[name] ?? 0) + count
}

/** A table that the centre asked for and landed. */
export interface LandedTable {
  readonly datasetId: string
  readonly requestId: string
  readonly grantId: string
  readonly channelId: string
  /** Its name in the centre's database. */
  readonly table: string
  readonly items: readonly string[]
}

/** What was asked and answered, as the demonstration planted it. */
export interface PlantedRequest {
  readonly id: string
  readonly items: readonly string[]
  /** Two digits; null: the whole country. */
  readonly province: string | null
  readonly masks: readonly { readonly item: string; readonly mask: 'name' | 'null' }[]
  readonly from: string
  readonly until: string
  readonly purpose: string
  readonly table: string
}

/** What a step found: its figures, and a sentence for each thing that is not as it should be. */
export interface Outcome<F> {
  readonly figures: F
  readonly faults: readonly string[]
}

export interface Step<F = unknown> {
  readonly number: number
  readonly name: StepName
  run(world: World): Promise<Outcome<F>>
}

/** The faults among named facts: each must be true. */
export function faultsOf(facts: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(facts).flatMap(([sentence, isSo]) => (isSo ? [] : [`not so: ${sentence}`]))
}

/** A handle that an earlier step must have left. */
export function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is missing: an earlier step failed`)
  return value
}

/** Waits for something that the platform does by itself. */
export const until = (what: string, isSo: () => Promise<boolean>, timeoutMs = 120_000): Promise<void> =>
  waitFor(what, isSo, { timeoutMs, pauseMs: 150 })

export const pause = (ms: number): Promise<void> => sleep(ms)

export const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')

export type WorldOptions = Pick<
  World,
  'platform' | 'round' | 'sabotage' | 'villages' | 'operate' | 'poller' | 'chaos' | 'say'
>

/** Opens the world of one main job. */
export function openWorld(given: WorldOptions): World {
  const { platform } = given
  const { provider, consumer } = platform.databases
  return {
    ...given,
    random: randomOf(`huitong/job/${platform.city.seed}/${given.round}`),
    source: openSql(() => platform.superuser('departments', provider.database)),
    target: openSql(() => platform.superuser('departments', consumer.database)),
    platformSql: openSql(() => platform.superuser('platform', 'huitong')),
    centre: openSql(() => platform.superuser('platform', 'huitong_centre')),
    as: (account) => platform.as(account),
    made: {},
  }
}
