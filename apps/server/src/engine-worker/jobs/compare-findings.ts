import { Type } from 'typebox'
import { defineJob } from '../job.ts'
import { breaks, FindingFile, findingRows, Key, keysDiffer, RulePlace, sameKey } from './finding-file.ts'

/** How many rows break now what they did not break then, no longer break it, and still do; decimal strings. */
export interface Change {
  appeared: string
  gone: string
  remaining: string
}

/** Compares the failing rows of two checks by their keys: for each pair of places of a rule, and for all pairs together. */
export const compareFindings = defineJob({
  input: Type.Object(
    {
      before: FindingFile,
      after: FindingFile,
      key: Key,
      /** A rule's place in the suite of the earlier check and in that of the later one. */
      pairs: Type.Array(Type.Object({ before: RulePlace, after: RulePlace }, { additionalProperties: false }), {
        minItems: 1,
        maxItems: 512,
      }),
    },
    { additionalProperties: false },
  ),
  run: async ({ before, after, key, pairs }, context): Promise<{ all: Change; rules: Change[] }> => {
    const db = await context.openDatabase()
    const asText = await keysDiffer(db, [before, after], key)
    // Once for each row and pair, or the sums would take the masks apart four times.
    const seen = pairs.map(
      (pair, at) =>
        `coalesce(${breaks(pair.before, 'b')}, false) AS b${at}, coalesce(${breaks(pair.after, 'a')}, false) AS a${at}`,
    )
    const rows = `SELECT ${seen.join(', ')} FROM ${findingRows(before)} b FULL JOIN ${findingRows(after)} a ON ${sameKey(key, ['b', 'a'], asText)}`
    const any = (side: string) => `(${pairs.map((_pair, at) => `${side}${at}`).join(' OR ')})`
    const sums = [counts('all', any('b'), any('a')), ...pairs.map((_pair, at) => counts(`${at}`, `b${at}`, `a${at}`))]
    const row = (await db.runAndReadAll(`SELECT ${sums.join(', ')} FROM (${rows})`)).getRowObjects()[0]!
    const changeOf = (name: string): Change => ({
      appeared: String(row[`appeared ${name}`]),
      gone: String(row[`gone ${name}`]),
      remaining: String(row[`remaining ${name}`]),
    })
    return { all: changeOf('all'), rules: pairs.map((_pair, at) => changeOf(`${at}`)) }
  },
})

const counts = (name: string, then: string, now: string): string =>
  `count_if(${now} AND NOT ${then}) AS "appeared ${name}", count_if(${then} AND NOT ${now}) AS "gone ${name}",
   count_if(${then} AND ${now}) AS "remaining ${name}"`
