import { Type } from 'typebox'
import { defineJob } from '../job.ts'
import { countRecipe, openRecipe, RecipeInput, type RecipeCounts } from './recipe-input.ts'
import { identifier } from './sql-text.ts'

/** A row that the recipe changes: what it was and what it becomes, as texts of at most 500 characters; `after` null: taken away. */
export interface PreviewRow {
  before: Record<string, string | null>
  after: Record<string, string | null> | null
  /** Places of the steps that changed it. */
  steps: number[]
}

export interface RecipePreview extends RecipeCounts {
  /** The first changed rows; of a recipe that changes none, the first rows. */
  sample: PreviewRow[]
}

/** What a recipe would make of `rowsMax` rows of its table: counts, and some changed rows before and after. */
export const previewRecipe = defineJob({
  input: Type.Object(
    {
      ...RecipeInput,
      rowsMax: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
      sample: Type.Integer({ minimum: 1, maximum: 100 }),
    },
    { additionalProperties: false },
  ),
  run: async (input, context): Promise<RecipePreview> => {
    const db = await context.openDatabase()
    const plan = await openRecipe(db, input, input.rowsMax)
    await db.run(`CREATE TEMP TABLE made AS ${plan.select}`)
    const steps = input.steps.length
    const counts = await countRecipe(db, plan, { relation: 'made', source: 'part', steps })
    const { key } = input.table
    const on = key.map((one, at) => `m."#k${at}" IS NOT DISTINCT FROM p.${identifier(one)}`).join(' AND ')
    const cells = (alias: string, names: readonly string[], mark: string) =>
      names.map((one) => `left(CAST(${alias}.${identifier(one)} AS VARCHAR), 500) AS ${identifier(`${mark}${one}`)}`)
    const [before, after] = [Object.keys(input.columns), Object.keys(plan.columns)]
    const order = key.map((one) => `p.${identifier(one)}`).join(', ')
    const read = await db.runAndReadAll(`SELECT ${[...cells('p', before, '<'), ...cells('m', after, '>')].join(', ')},
        m."#m" AS mask, m."#m" IS NULL AS gone FROM part p LEFT JOIN made m ON ${on}
      ORDER BY coalesce(m."#m", 1) = 0, ${order} LIMIT ${input.sample}`)
    const sample = read.getRowObjects().map((row) => {
      const of = (names: readonly string[], mark: string) =>
        Object.fromEntries(names.map((one) => [one, row[`${mark}${one}`] as string | null]))
      const mask = (row['mask'] as bigint | null) ?? 0n
      return {
        before: of(before, '<'),
        after: row['gone'] === true ? null : of(after, '>'),
        steps: Array.from({ length: steps }, (_, at) => at).filter((at) => (mask >> BigInt(at)) & 1n),
      }
    })
    return { ...counts, sample }
  },
})
