import { Type } from 'typebox'
import { defineJob } from '../job.ts'
import { countRecipe, openRecipe, RecipeInput, type RecipeCounts } from './recipe-input.ts'
import { literal } from './sql-text.ts'

/**
 * Makes the governed table: all rows that the recipe leaves, in the order of their key in the source, as Parquet in `out`.
 * Running again makes the same rows, so a lost worker does no harm; the caller moves the file to its place.
 */
export const runRecipe = defineJob({
  input: Type.Object(
    { ...RecipeInput, out: Type.String({ pattern: '^/', maxLength: 4096 }) },
    { additionalProperties: false },
  ),
  run: async (input, context): Promise<RecipeCounts> => {
    const db = await context.openDatabase()
    const plan = await openRecipe(db, input, null)
    const order = input.table.key.map((_one, at) => `"#k${at}"`).join(', ')
    const out = literal(input.out)
    await db.run(`COPY (SELECT * FROM (${plan.select}) ORDER BY ${order}) TO ${out} (FORMAT parquet, COMPRESSION zstd)`)
    // From the written file, so that what is counted is what can be read.
    const relation = `read_parquet(${out})`
    return countRecipe(db, plan, { relation, source: 'source', steps: input.steps.length })
  },
})
