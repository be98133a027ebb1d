import type { Columns, Row, RuleFault, Words } from '@huitong/quality'
import { quoted } from '@huitong/quality'
import { Check, Errors } from 'typebox/value'
import { CELL_MAX } from './characters.ts'
import type { Rows, Step, StepNames, StepScope, StepType } from './step.ts'
import { STEP_TYPES } from './steps/index.ts'

/** The most steps of one recipe: a bit each in the mask of a row. */
export const STEPS_MAX = 60

/** The kind of a step. @throws RangeError where there is none. */
export const typeOf = (step: Step): StepType => {
  const type = STEP_TYPES.get(step.kind)
  if (!type) throw new RangeError(`no kind of step is called ${step.kind}`)
  return type
}

/** Everything that is wrong in a recipe, each with its place: `/steps/2/parameters/column`. */
export function recipeFaults(steps: readonly Step[], scope: StepScope): RuleFault[] {
  if (steps.length > STEPS_MAX)
    return [{ path: '/steps', zh: `步骤超过 ${STEPS_MAX} 个`, en: `more than ${STEPS_MAX} steps` }]
  let columns = scope.columns
  return steps.flatMap((step, at) => {
    const faults = stepFaults(step, { ...scope, columns })
    if (faults.length === 0) columns = after(step, columns)
    return faults.map((one) => ({ ...one, path: `/steps/${at}${one.path}` }))
  })
}

function stepFaults(step: Step, scope: StepScope): RuleFault[] {
  const type = STEP_TYPES.get(step.kind)
  if (!type) return [{ path: '/kind', zh: `没有步骤 ${step.kind}`, en: `no kind of step is called ${step.kind}` }]
  const faults = Check(type.parameters, step.parameters)
    ? type.faults(step.parameters as never, scope)
    : Errors(type.parameters, step.parameters).map(({ instancePath, message }) => ({
        path: instancePath,
        zh: '参数不符合该步骤的要求',
        en: message,
      }))
  return faults.map((one) => ({ ...one, path: `/parameters${one.path}` }))
}

const after = (step: Step, columns: Columns): Columns => ({
  ...columns,
  ...Object.fromEntries(
    typeOf(step)
      .sets(step.parameters as never)
      .map((one) => [one, columns[one] ?? 'text']),
  ),
})

/** What a step does, in a sentence. */
export const sayStep = (step: Step, names: StepNames): Words => typeOf(step).say(step.parameters as never, names)

/** What a recipe makes of which columns. */
export interface Origins {
  /** The columns that it leaves, each with the columns of the source that its values may be made from. */
  readonly made: ReadonlyMap<string, ReadonlySet<string>>
  /** The columns of the source that any of its steps reads. */
  readonly read: ReadonlySet<string>
  /** The columns of other tables that any of its steps reads. */
  readonly elsewhere: readonly { readonly table: string; readonly column: string }[]
  /** The columns that it leaves which may hold, or be made from, values of other tables. */
  readonly foreign: ReadonlySet<string>
}

/** Follows columns through the steps of a recipe without faults. */
export function originsOf(steps: readonly Step[], source: Columns): Origins {
  const made = new Map(Object.keys(source).map((one) => [one, new Set([one])]))
  const read = new Set<string>()
  const elsewhere: { table: string; column: string }[] = []
  const foreign = new Set<string>()
  for (const step of steps) {
    const type = typeOf(step)
    const from = new Set(type.reads(step.parameters as never).flatMap((one) => [...(made.get(one) ?? [])]))
    for (const one of from) read.add(one)
    const there = type.elsewhere?.(step.parameters as never) ?? []
    elsewhere.push(...there)
    const isForeign = there.length > 0 || type.reads(step.parameters as never).some((one) => foreign.has(one))
    for (const one of type.sets(step.parameters as never)) {
      made.set(one, from)
      if (isForeign) foreign.add(one)
      else foreign.delete(one)
    }
  }
  return { made, read, elsewhere, foreign }
}

/** How a recipe is run in DuckDB. */
export interface RecipePlan {
  /**
   * The rows that the recipe leaves: its columns, `#k0`… the key that each row had in the source, and `#m` (BIGINT), in
   * which bit n says that step n changed the row.
   */
  readonly select: string
  readonly columns: Columns
  /** For each step that takes rows away: counts of the rows before and after it, one query each. */
  readonly removing: readonly { readonly step: number; readonly before: string; readonly after: string }[]
}

/**
 * Plans a recipe without faults over a table (`table`, an SQL relation) and others. The steps are layers of one query, so
 * that the data is read once; DuckDB computes what two places of a layer share once.
 */
export function planRecipe(
  steps: readonly Step[],
  scope: StepScope,
  relations: { readonly table: string; readonly tables: Readonly<Record<string, string>> },
): RecipePlan {
  const keys = scope.key.map((one, at) => `${quoted(one)} AS "#k${at}"`)
  let select = `SELECT ${[...Object.keys(scope.columns).map(quoted), ...keys].join(', ')}, 0::BIGINT AS "#m" FROM ${relations.table}`
  let columns = scope.columns
  const removing: { step: number; before: string; after: string }[] = []
  for (const [at, step] of steps.entries()) {
    const made = typeOf(step).sql(step.parameters as never, { ...scope, columns }, relations.tables)
    if ('qualify' in made) {
      const kept = `SELECT * FROM (${select}) p QUALIFY ${made.qualify}`
      removing.push({ step: at, before: countOf(select), after: countOf(kept) })
      select = kept
    } else select = withCells(select, columns, made, at)
    columns = after(step, columns)
  }
  return { select, columns, removing }
}

const countOf = (select: string): string => `SELECT count(*) AS n FROM (${select})`

function withCells(
  select: string,
  columns: Columns,
  { sets, join }: { sets: Readonly<Record<string, string>>; join?: string },
  at: number,
): string {
  const old = Object.entries(sets).filter(([name]) => columns[name] !== undefined)
  const fresh = Object.entries(sets).filter(([name]) => columns[name] === undefined)
  const changed = [
    ...old.map(([name, sql]) => `${sql} IS DISTINCT FROM p.${quoted(name)}`),
    ...fresh.map(([, sql]) => `${sql} IS NOT NULL`),
  ].join(' OR ')
  const mask = `"#m" | CASE WHEN ${changed} THEN ${1n << BigInt(at)} ELSE 0 END AS "#m"`
  const replaced = [...old.map(([name, sql]) => `${sql} AS ${quoted(name)}`), mask]
  const added = fresh.map(([name, sql]) => `, ${sql} AS ${quoted(name)}`).join('')
  return `SELECT p.* REPLACE (${replaced.join(', ')})${added} FROM (${select}) p ${join ?? ''}`
}

/** A step would make a value longer than {@link CELL_MAX}. */
export class CellTooLong extends RangeError {
  readonly step: number
  constructor(step: number, column: string) {
    super(`step ${step + 1} makes ${column} too long`)
    this.name = 'CellTooLong'
    this.step = step
  }
}

/**
 * What a recipe makes of rows in the order of their key, slowly: the rows that stay, each with the steps that changed it.
 * @throws CellTooLong
 */
export function followRecipe(
  steps: readonly Step[],
  scope: StepScope,
  given: Rows,
): { row: Row; at: number; changedBy: number[] }[] {
  let columns = scope.columns
  let rows = given.rows.map((row, at) => ({ row, at, changedBy: [] as number[] }))
  for (const [number, step] of steps.entries()) {
    const oracle = typeOf(step).oracle(
      step.parameters as never,
      { ...scope, columns },
      { rows: rows.map((one) => one.row), tables: given.tables },
    )
    rows = rows.flatMap(({ row, at, changedBy }, place) => {
      const cells = oracle(row, place)
      if (cells === null) return []
      for (const [name, value] of Object.entries(cells))
        if (value !== null && value.length > CELL_MAX && value !== row[name]) throw new CellTooLong(number, name)
      const isChanged = Object.entries(cells).some(([name, value]) => value !== (row[name] ?? null))
      return [{ row: { ...row, ...cells }, at, changedBy: isChanged ? [...changedBy, number] : changedBy }]
    })
    columns = after(step, columns)
  }
  return rows
}
