import { parseArgs } from 'node:util'
import { VILLAGES_TOTAL } from '../city/databases.ts'
import { type CitySize, FIRMS_MAX, FIRMS_MIN, firmsFor, PERSONS_MAX, PERSONS_MIN, personsFor } from '../city/size.ts'

/** Names of the steps, as `--sabotage` and the report use them; their numbers are those of the whole main job. */
export const STEP_NAMES = [
  'discover',
  'catalogue',
  'find',
  'request',
  'grant',
  'exchange',
  'landing',
  'change',
  'reconcile',
  'service',
  'quality',
  'evidence',
  'operate',
  'report',
] as const
export type StepName = (typeof STEP_NAMES)[number]
/** Steps that wait for kills of the platform's processes: the slow ones. */
export const WITH_KILLS: readonly StepName[] = ['operate', 'report']

export interface Arguments extends CitySize {
  readonly seed: number
  /** Where the report is written as JSON; null: nowhere. */
  readonly json: string | null
  /** SIGKILLs of any process within the run. */
  readonly chaos: number
  /** Spoils the world in this step, so that it must be seen to fail. */
  readonly sabotage: StepName | null
  /** After the job, does it once more up to this step, spoilt there: the job must be able to fail. */
  readonly prove: StepName | null
  /** Keep the data folder. */
  readonly keep: boolean
}

/**
 * Reads the command line; what it leaves out of the size of the city comes from HUITONG_DEMO_VILLAGES, as for `npm start`.
 * @throws Error with a message for people.
 */
export function readArguments(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
      chaos: { type: 'string', default: '0' },
      villages: { type: 'string', default: env['HUITONG_DEMO_VILLAGES'] ?? String(VILLAGES_TOTAL) },
      persons: { type: 'string' },
      firms: { type: 'string' },
      sabotage: { type: 'string' },
      prove: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  })
  const villages = whole('villages', values.villages, 1_000, VILLAGES_TOTAL)
  const persons = whole('persons', values.persons ?? String(personsFor(villages)), PERSONS_MIN, PERSONS_MAX)
  return {
    seed: whole('seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
    json: values.json ?? null,
    chaos: whole('chaos', values.chaos, 0, 100),
    villages,
    persons,
    firms: whole('firms', values.firms ?? String(firmsFor(persons)), FIRMS_MIN, FIRMS_MAX),
    sabotage: stepName('sabotage', values.sabotage),
    prove: stepName('prove', values.prove),
    keep: values.keep,
  }
}

function stepName(option: string, text: string | undefined): StepName | null {
  const known = STEP_NAMES.find((one) => one === text)
  if (known === undefined && text !== undefined) throw new Error(`--${option} must be one of ${STEP_NAMES.join(', ')}`)
  return known ?? null
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) throw new Error(`--${name} must be ${min} to ${max}`)
  return value
}
