import type { Columns } from '@huitong/quality'
import { typeOf } from './recipe.ts'
import type { Step, StepInput, StepInputs, StepType, Way } from './step.ts'

/** A column that a column of the result, or the choice of its rows, comes from. */
export interface ColumnOrigin {
  /** Null: the table that is cleaned. */
  readonly table: string | null
  readonly column: string
  readonly way: Way
  /** Numbers of the steps in between, from 0; none: it is as it came. */
  readonly steps: readonly number[]
}

/** Where everything in the table that a recipe leaves comes from. */
export interface RecipeLineage {
  /** The columns that it leaves, in their order. */
  readonly columns: ReadonlyMap<string, readonly ColumnOrigin[]>
  /** What decides which rows are left. */
  readonly rows: readonly ColumnOrigin[]
}

const VALUES: ReadonlySet<Way> = new Set(['IDENTITY', 'TRANSFORMATION', 'AGGREGATION'])
/** True where values themselves arrive; false where they only decide which values or rows do. */
export const isDirect = (way: Way): boolean => VALUES.has(way)

/** What the cells and the choice of rows of a step come from. A kind that does not say so: from all that it reads. */
export function inputsOf(step: Step): StepInputs {
  const type: StepType = typeOf(step)
  if (type.inputs) return type.inputs(step.parameters as never)
  const own = type.reads(step.parameters as never).map((column) => ({ table: null, column }))
  const all = [...own, ...(type.elsewhere?.(step.parameters as never) ?? [])]
  const isCells = type.sets(step.parameters as never).length > 0
  return isCells
    ? { cells: all.map((one) => ({ ...one, way: 'TRANSFORMATION' })), rows: [] }
    : { cells: [], rows: all.map((one) => ({ ...one, way: 'FILTER' })) }
}

/** Follows every column through a recipe without faults over a table with these columns. */
export function lineageOf(steps: readonly Step[], source: Columns): RecipeLineage {
  const columns = new Map<string, readonly ColumnOrigin[]>(
    Object.keys(source).map((column) => [column, [{ table: null, column, way: 'IDENTITY', steps: [] }]]),
  )
  let rows: readonly ColumnOrigin[] = []
  for (const [at, step] of steps.entries()) {
    const inputs = inputsOf(step)
    const follow = (given: readonly StepInput[]) => given.flatMap((one) => followed(one, at, columns))
    rows = merged([...rows, ...follow(inputs.rows)])
    const cells = merged(follow(inputs.cells))
    for (const one of typeOf(step).sets(step.parameters as never)) columns.set(one, cells)
  }
  return { columns, rows }
}

function followed(
  { table, column, way }: StepInput,
  at: number,
  columns: ReadonlyMap<string, readonly ColumnOrigin[]>,
): ColumnOrigin[] {
  if (table !== null) return [{ table, column, way, steps: [at] }]
  return (columns.get(column) ?? []).map((one) => ({ ...one, way: waysOf(one.way, way), steps: [...one.steps, at] }))
}

/** One way after another: once values only decide, they do not arrive any more. */
function waysOf(first: Way, then: Way): Way {
  if (!isDirect(then)) return then
  return then === 'IDENTITY' || !isDirect(first) ? first : then
}

/** Each origin once for each way, with all the steps in between. */
function merged(origins: readonly ColumnOrigin[]): ColumnOrigin[] {
  const same = Map.groupBy(origins, ({ table, column, way }) => JSON.stringify([table, column, way]))
  return [...same.values()].map((all) => ({
    ...all[0]!,
    steps: [...new Set(all.flatMap((one) => one.steps))].sort((a, b) => a - b),
  }))
}
