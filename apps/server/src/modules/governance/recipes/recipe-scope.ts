import { join } from 'node:path'
import { CellTooLong, followRecipe, recipeFaults, type Step, type StepScope, sayStep } from '@huitong/recipes'
import type { Columns } from '@huitong/quality'
import { sql } from 'kysely'
import type { JobInput } from '../../../engine-worker/client.ts'
import type { Person } from '../../../kernel/actor.ts'
import type { Reader } from '../../../kernel/db.ts'
import { place, refuse } from '../../../kernel/errors.ts'
import { datasetSees, SELECT_DATASET, type DatasetRow } from '../../catalogue/index.ts'
import { lakeTable, landedTable, type LandedTable } from '../../engine/index.ts'
import { columnsOf } from '../scope.ts'

/** A row that was typed in, and what must become of it; null: it must be taken away. */
export interface Example {
  readonly given: Readonly<Record<string, string | null>>
  readonly made: Readonly<Record<string, string | null>> | null
}

/** What a recipe speaks of: its landed table, and those that it looks in, by the id of their dataset. */
export interface RecipeScope {
  readonly table: LandedTable
  readonly others: ReadonlyMap<string, LandedTable>
  readonly scope: StepScope
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Datasets that steps look in. */
export const datasetsOf = (steps: readonly Step[]): string[] => [
  ...new Set(
    steps
      .map(({ parameters }) => parameters['table'])
      .filter((one): one is string => typeof one === 'string' && UUID.test(one)),
  ),
]

/**
 * The scope of a recipe. Values of another dataset come into this one, so only those of the same department, or that are
 * shared with everybody, are there to be looked in; `actor` null: the platform, which runs what somebody else has kept.
 */
export async function recipeScope(
  db: Reader,
  actor: Person | null,
  datasetId: string,
  steps: readonly Step[],
): Promise<RecipeScope> {
  const table = (await landedTable(db, datasetId)) ?? refuse('quality.not_landed')
  const others = new Map<string, LandedTable>()
  const tables: Record<string, Columns> = {}
  for (const id of datasetsOf(steps)) {
    const [other, open] = [await landedTable(db, id), await openItems(db, actor, table, id)]
    if (other === null || open === null) continue
    others.set(id, other)
    tables[id] = Object.fromEntries(Object.entries(columnsOf(other)).filter(([one]) => open === 'all' || open.has(one)))
  }
  return { table, others, scope: { columns: columnsOf(table), key: table.key, tables } }
}

/** The items of a dataset that a recipe of this table may look in: all of the own department's, else those shared with everybody. */
async function openItems(
  db: Reader,
  actor: Person | null,
  table: LandedTable,
  id: string,
): Promise<ReadonlySet<string> | 'all' | null> {
  const sees = actor === null ? sql`true` : datasetSees(actor)
  const row = await db.maybe<DatasetRow>(sql`${SELECT_DATASET} where v.id = ${id} and ${sees}`)
  if (row?.state !== 'published') return null
  if (row.department_id === table.provider_department_id) return 'all'
  if (row.live_content?.shareAttribute !== 'unconditional') return null
  const open = (row.live_content.items ?? []).filter(
    (one) => one.personal !== true && (one.shareAttribute ?? 'unconditional') === 'unconditional',
  )
  return new Set(open.map((one) => one.code))
}

/** Refuses steps that have faults, and examples that come out otherwise, naming each place. */
export function requireGood(steps: readonly Step[], { scope }: RecipeScope, examples: readonly Example[] = []): void {
  if (scope.key.length === 0)
    refuse('recipe.invalid', {
      places: [place('/steps', '归集的数据没有主键字段，不能清洗', 'the landed data has no key to follow its rows by')],
    })
  const faults = recipeFaults(steps, scope)
  if (faults.length > 0)
    refuse('recipe.invalid', { places: faults.slice(0, 50).map((one) => place(one.path, one.zh, one.en)) })
  const wrong = examples.flatMap((example, at) => wrongIn(steps, scope, example, `/examples/${at}`))
  if (wrong.length > 0) refuse('recipe.invalid', { places: wrong.slice(0, 50) })
}

function wrongIn(steps: readonly Step[], scope: StepScope, { given, made }: Example, path: string) {
  const unknown = Object.keys(given).filter((one) => !Object.hasOwn(scope.columns, one))
  if (unknown.length > 0)
    return unknown.map((one) => place(`${path}/given/${one}`, `没有字段 ${one}`, `there is no column ${one}`))
  // Other tables are not there: an example tells what the row by itself becomes.
  const result = followed(steps, scope, given)
  if (result instanceof CellTooLong)
    return [place(`/steps/${result.step}`, '结果超过 100000 个字符', 'it makes more than 100,000 characters')]
  const [left] = result
  if (made === null) return left ? [place(`${path}/made`, '该行没有被去除', 'the row was not taken away')] : []
  if (!left) return [place(`${path}/made`, '该行被去除了', 'the row was taken away')]
  return Object.entries(made).flatMap(([name, value]) => {
    if (!Object.hasOwn(left.row, name) && !Object.hasOwn(scope.columns, name))
      return [place(`${path}/made/${name}`, `没有字段 ${name}`, `there is no column ${name}`)]
    const is = left.row[name] ?? null
    if (is === value) return []
    const [zh, en] = is === null ? ['空', 'nothing'] : [`“${is}”`, `“${is}”`]
    return [place(`${path}/made/${name}`, `结果是${zh}`, `it becomes ${en}`)]
  })
}

function followed(steps: readonly Step[], scope: StepScope, given: Example['given']) {
  try {
    return followRecipe(steps, scope, { rows: [given], tables: {} })
  } catch (error) {
    if (error instanceof CellTooLong) return error
    throw error
  }
}

/** What the engine needs for a recipe: `quality.not_landed` when one of its tables is not whole in the lake. */
export async function recipeInput(
  db: Reader,
  dataDir: string,
  steps: readonly Step[],
  { table, others, scope }: RecipeScope,
): Promise<Omit<JobInput<'run-recipe'>, 'out'> & { lake: { generation: number; changes: number } }> {
  const filesOf = async (one: LandedTable) => {
    const lake = (await lakeTable(db, one.channel_id)) ?? refuse('quality.not_landed')
    const at = (path: string) => join(dataDir, path)
    return { lake, files: { base: lake.base.map(at), changes: lake.changes.map(at), key: one.key } }
  }
  const own = await filesOf(table)
  const tables: JobInput<'run-recipe'>['tables'] = {}
  for (const [id, one] of others) tables[id] = { columns: scope.tables[id]!, files: (await filesOf(one)).files }
  return {
    steps: steps.map(({ kind, parameters }) => ({ kind, parameters: { ...parameters } })),
    columns: scope.columns,
    table: own.files,
    tables,
    lake: { generation: own.lake.generation, changes: own.lake.changes.length },
  }
}

/** Says steps in the words of the catalogue, as far as the viewer may see them. */
export async function stepSpeaker(db: Reader, actor: Person, datasetId: string, steps: readonly Step[]) {
  const ids = [datasetId, ...datasetsOf(steps)]
  const rows = await db.many<DatasetRow>(
    sql`${SELECT_DATASET} where v.id = any(${ids}::uuid[]) and ${datasetSees(actor)}`,
  )
  const contents = new Map(rows.map((row) => [row.id, row.live_content]))
  const item = (column: string, id = datasetId) => contents.get(id)?.items?.find((one) => one.code === column)?.name
  const zh = {
    item: (column: string, table?: string) => item(column, table)?.zh ?? column,
    table: (id: string) => contents.get(id)?.name.zh ?? '另一项信息资源',
  }
  const en = {
    item: (column: string, table?: string) => item(column, table)?.en ?? column,
    table: (id: string) => contents.get(id)?.name.en ?? contents.get(id)?.name.zh ?? 'another dataset',
  }
  return (step: Step) => ({ zh: sayStep(step, zh).zh, en: sayStep(step, en).en })
}
