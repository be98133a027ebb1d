import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import type { ReplyOf } from '@huitong/contract'
import { compareRuns } from '@huitong/contract/run-comparison'
import { DIMENSIONS, RULE_TYPES } from '@huitong/quality'
import { sql } from 'kysely'
import type { Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { query } from '../../kernel/verb.ts'
import { askEngine } from './ask-engine.ts'
import { findingsPath } from './run-checks.job.ts'
import { resultsOf, type RunRow, runView, scoresOf, SELECT_RUN } from './runs.ts'
import type { NamedRule } from './scope.ts'
import { qualitySees } from './sees.ts'

const COMPARE_MS_MAX = 60_000

type Comparison = ReplyOf<typeof compareRuns>
type Change = NonNullable<Comparison['rows']>
const NOT_COMPARED = { appeared: null, gone: null, remaining: null } as const

/** Compares a full check with an earlier one of its suite: rule by rule and score by score. */
export const compareRunsVerb = query<typeof compareRuns>({
  endpoint: compareRuns,
  audit: null,
  async run({ db, actor, services }, { params, query: given }) {
    const { run, before } = await comparedRuns(db, actor, params.id, given.with)
    if (before === null)
      return { run: runView(run), before: null, keyItems: run.key, rows: null, rules: [], scores: [] }
    const [results, earlier] = [await resultsOf(db, run), await resultsOf(db, before)]
    const scores = scoresBeside(await scoresOf(db, before.id), await scoresOf(db, run.id))
    const pairs = samePlaces(before, run)
    return async () => {
      const changes = await changesOf(services, { run, before, pairs })
      const rules = rulesBeside({ run, before, results, earlier })
      return {
        run: runView(run),
        before: runView(before),
        keyItems: run.key,
        rows: changes?.all ?? null,
        rules: rules.map((rule): Comparison['rules'][number] => {
          const at = pairs.findIndex((pair) => run.rules[pair.after]!.code === rule.code)
          return { ...rule, ...((rule.change === 'same' ? changes?.rules[at] : NOT_COMPARED) ?? NOT_COMPARED) }
        }),
        scores,
      }
    }
  },
})

/**
 * A full check and the earlier one of its suite that it is compared with: the one named, or the newest that is done.
 * @throws Refusal `object.not_found`; `object.state` when one of them is not a full check that is done, or is of another suite.
 */
export async function comparedRuns(
  db: Reader,
  actor: Person,
  id: string,
  earlier: string | undefined,
): Promise<{ run: RunRow; before: RunRow | null }> {
  const seen = sql`${SELECT_RUN} where ${qualitySees(actor, 'r.department_id')}`
  const run = await db.one<RunRow>(sql`${seen} and r.id = ${id}`)
  if (run.kind !== 'full' || run.state !== 'done') refuse('object.state')
  const older = sql`(r.created_at, r.id) < (select o.created_at, o.id from check_run o where o.id = ${run.id})`
  if (earlier === undefined) {
    const before =
      await db.maybe<RunRow>(sql`${seen} and r.suite_id = ${run.suite_id} and r.kind = 'full' and r.state = 'done'
      and ${older} order by r.created_at desc, r.id desc limit 1`)
    return { run, before }
  }
  const before = await db.one<RunRow>(sql`${seen} and r.id = ${earlier}`)
  const isEarlier = await db.maybe(sql`select 1 from check_run r where r.id = ${earlier} and ${older}`)
  const fits =
    before.suite_id === run.suite_id && before.kind === 'full' && before.state === 'done' && isEarlier !== null
  if (!fits)
    refuse('object.state', {
      places: [
        place(
          '#/query/with',
          '应为同一套规则更早的、已完成的全量核验',
          'an earlier full check of the same rules that is done',
        ),
      ],
    })
  return { run, before }
}

const isSame = (one: NamedRule, other: NamedRule): boolean =>
  one.kind === other.kind && isDeepStrictEqual(one.parameters, other.parameters)

/** The places, in both suites, of the rules that are the same. */
export function samePlaces(before: RunRow, after: RunRow): { before: number; after: number }[] {
  return after.rules.flatMap((rule, at) => {
    const then = before.rules.findIndex((one) => one.code === rule.code && isSame(one, rule))
    return then === -1 ? [] : [{ before: then, after: at }]
  })
}

/** Whether rows of the two can be told apart by the same key. */
export const hasSameKey = (before: RunRow, after: RunRow): boolean => isDeepStrictEqual(before.key, after.key)

async function changesOf(
  services: Services,
  { run, before, pairs }: { run: RunRow; before: RunRow; pairs: { before: number; after: number }[] },
): Promise<{ all: Change; rules: Change[] } | null> {
  if (pairs.length === 0 || !hasSameKey(before, run)) return null
  const pathOf = (one: RunRow) => join(services.settings.dataDir, findingsPath(one.id))
  const input = { before: pathOf(before), after: pathOf(run), key: run.key!, pairs }
  return askEngine(services, 'compare-findings', input, COMPARE_MS_MAX)
}

type Results = Awaited<ReturnType<typeof resultsOf>>
type Beside = Omit<Comparison['rules'][number], keyof Change>

/** The rules of now in their order, and after them those that are no more. */
function rulesBeside(given: { run: RunRow; before: RunRow; results: Results; earlier: Results }): Beside[] {
  const { run, before, results, earlier } = given
  const counted = (found: Results, code: string) => {
    const one = found.find((result) => result.code === code)
    return one === undefined ? null : { judged: one.judged, broken: one.broken }
  }
  const shown = (rule: NamedRule, change: Beside['change']): Beside => ({
    code: rule.code,
    name: rule.name,
    kindWords: RULE_TYPES.get(rule.kind)!.words,
    change,
    before: counted(earlier, rule.code),
    after: counted(results, rule.code),
  })
  const now = run.rules.map((rule) => {
    const then = before.rules.find((one) => one.code === rule.code)
    return shown(rule, then === undefined ? 'added' : isSame(then, rule) ? 'same' : 'changed')
  })
  const gone = before.rules.filter((rule) => !run.rules.some((one) => one.code === rule.code))
  return [...now, ...gone.map((rule) => shown(rule, 'removed'))]
}

type Scores = Awaited<ReturnType<typeof scoresOf>>

function scoresBeside(before: Scores, after: Scores): Comparison['scores'] {
  const scoreOf = (scores: Scores, dimension: string) =>
    scores.find((one) => one.dimension === dimension)?.score ?? null
  return (Object.keys(DIMENSIONS) as (keyof typeof DIMENSIONS)[]).map((dimension) => ({
    dimension,
    words: DIMENSIONS[dimension],
    before: scoreOf(before, dimension),
    after: scoreOf(after, dimension),
  }))
}
