import { join } from 'node:path'
import { groupValues, previewRecipe } from '@huitong/contract/recipes'
import { maskText, previewMask } from '@huitong/policy'
import { originsOf } from '@huitong/recipes'
import { sql } from 'kysely'
import type { Person } from '../../../kernel/actor.ts'
import type { Reader } from '../../../kernel/db.ts'
import { place, refuse } from '../../../kernel/errors.ts'
import { query } from '../../../kernel/verb.ts'
import { datasetSees, SELECT_DATASET, type DatasetRow } from '../../catalogue/index.ts'
import { lakeTable, landedTable } from '../../engine/index.ts'
import { askEngine } from '../ask-engine.ts'
import { judgedDataset } from '../bindings.ts'
import { datasetsOf, recipeInput, recipeScope, requireGood, stepSpeaker } from './recipe-scope.ts'
import { columnsOf } from '../scope.ts'

const ROWS_MAX = 20_000
const SAMPLE_ROWS = 20
const ASK_MS_MAX = 30_000
const VALUES_MAX = 200
const GROUPS_MAX = 100

/** How a column of a dataset is masked for a viewer; null: not at all. */
function masksOf(dataset: DatasetRow, isOwn: boolean) {
  const items = new Map((dataset.live_content?.items ?? []).map((one) => [one.code, one]))
  return (column: string) => {
    if (isOwn) return null
    const item = items.get(column)
    return previewMask({ code: column, name: item?.name.zh ?? column, personal: item?.personal ?? true })
  }
}

/** Whether the viewer sees a column of another dataset masked; of one that is not there to be seen, all. */
async function masksElsewhere(db: Reader, actor: Person, ids: readonly string[]) {
  const rows = await db.many<DatasetRow>(
    sql`${SELECT_DATASET} where v.id = any(${[...ids]}::uuid[]) and ${datasetSees(actor)}`,
  )
  const masks = new Map(rows.map((row) => [row.id, masksOf(row, actor.departmentId === row.department_id)]))
  return (table: string, column: string) => masks.get(table)?.(column) !== null
}

/**
 * What a recipe would make of some rows: counts for each step, and some rows before and after. Whoever sees values
 * masked gets neither rows nor counts where the recipe reads these: which rows a step changes, and how many, would spell them out.
 */
export const previewRecipeVerb = query<typeof previewRecipe>({
  endpoint: previewRecipe,
  audit: ({ params, body }, reply) => ({
    objectKind: 'dataset',
    objectId: params.id,
    detail: { steps: body.steps.length, rows: reply.sample.length },
  }),
  async run({ db, actor, services }, { params, body }) {
    const dataset = await judgedDataset(db, actor, params.id)
    const found = await recipeScope(db, actor, params.id, body.steps)
    requireGood(body.steps, found)
    const { lake: _lake, ...input } = await recipeInput(db, services.settings.dataDir, body.steps, found)
    const says = await stepSpeaker(db, actor, params.id, body.steps)
    const maskOf = masksOf(dataset, actor.departmentId === dataset.department_id)
    const { made: left, read, elsewhere } = originsOf(body.steps, found.scope.columns)
    const isMaskedThere = await masksElsewhere(db, actor, datasetsOf(body.steps))
    const sampleHidden =
      [...read].some((one) => maskOf(one) !== null) ||
      elsewhere.some(({ table, column }) => isMaskedThere(table, column))
    const names = new Map((dataset.live_content?.items ?? []).map((one) => [one.code, one.name]))
    const columns = [...left.keys()].map((column) => ({
      column,
      name: names.get(column) ?? { zh: column },
      mask: found.scope.columns[column] === undefined ? null : maskOf(column),
      made: found.scope.columns[column] === undefined,
    }))
    const shown = (row: Readonly<Record<string, string | null>>) =>
      columns.map(({ column, mask }) => {
        const value = row[column] ?? null
        return mask === null ? value : maskText(mask, value)
      })
    return async () => {
      const made = await askEngine(
        services,
        'preview-recipe',
        { ...input, rowsMax: ROWS_MAX, sample: SAMPLE_ROWS },
        ASK_MS_MAX,
      )
      return {
        rows: made.rows,
        left: sampleHidden ? null : made.left,
        changed: sampleHidden ? null : made.changed,
        steps: body.steps.map((step, at) => ({ says: says(step), rows: sampleHidden ? null : made.steps[at]! })),
        columns: columns.map(({ mask, ...one }) => ({ ...one, masked: mask !== null })),
        sample: sampleHidden
          ? []
          : made.sample.map(({ before, after, steps }) => ({
              before: shown(before),
              after: after === null ? null : shown(after),
              steps,
            })),
        sampleHidden,
      }
    }
  },
})

/** What a column of texts holds, with values that are probably one; nothing of a column that the viewer sees masked. */
export const groupValuesVerb = query<typeof groupValues>({
  endpoint: groupValues,
  audit: ({ params, body }, reply) => ({
    objectKind: 'dataset',
    objectId: params.id,
    detail: { column: body.column, values: reply.values.length },
  }),
  async run({ db, actor, services }, { params, body }) {
    const dataset = await judgedDataset(db, actor, params.id)
    const table = (await landedTable(db, params.id)) ?? refuse('quality.not_landed')
    if (columnsOf(table)[body.column] !== 'text')
      refuse('request.invalid', { places: [place('/column', '不是文本字段', 'this is no column of texts')] })
    const lake = (await lakeTable(db, table.channel_id)) ?? refuse('quality.not_landed')
    const at = (path: string) => join(services.settings.dataDir, path)
    const files = { base: lake.base.map(at), changes: lake.changes.map(at), key: table.key }
    const hidden = masksOf(dataset, actor.departmentId === dataset.department_id)(body.column) !== null
    const [valuesMax, groupsMax] = hidden ? [0, 0] : [VALUES_MAX, GROUPS_MAX]
    const input = { column: body.column, table: files, valuesMax, groupsMax }
    return async () => {
      const { rows, distinct, tooMany, values, groups } = await askEngine(services, 'group-values', input, ASK_MS_MAX)
      return { rows, distinct, hidden, tooMany, values, groups }
    }
  },
})
