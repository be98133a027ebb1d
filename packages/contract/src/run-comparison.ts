import { Type } from 'typebox'
import { BigInteger, Bilingual, exact, IdParams, LanguageMap, nullable, oneOf, PageQuery, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { listFindings } from './governance.ts'
import { Dimension, RunView, Score } from './governance-views.ts'
import { words } from './words.ts'

/** Comparison of a full check with an earlier one of the same suite. Rows are told apart by their key. */

const Counted = exact({ judged: BigInteger, broken: BigInteger })
/**
 * Rows that break now and did not then; that broke then and do not now (mended, removed, or no longer judged); that break both
 * times. Null where the keys of the two checks are of other items.
 */
const Change = { appeared: nullable(BigInteger), gone: nullable(BigInteger), remaining: nullable(BigInteger) }
/** Which earlier check; without it the newest earlier one that is done. */
const With = { with: Type.Optional(Uuid) }

export const compareRuns = endpoint({
  id: 'governance.run.compare',
  method: 'GET',
  path: '/api/v1/quality/runs/:id/comparison',
  access: 'quality.read',
  words: words('比较两次核验', 'Compare two checks'),
  params: IdParams,
  query: exact(With),
  reply: exact({
    run: RunView,
    /** Null: there is no earlier one to compare with. */
    before: nullable(RunView),
    keyItems: nullable(Type.Array(Type.String())),
    /** Of the rules that are the same in both; a row counts once, however many of them it breaks. */
    rows: nullable(exact(Change)),
    rules: Type.Array(
      exact({
        code: Type.String(),
        name: LanguageMap(128),
        kindWords: Bilingual,
        /** `changed`: of another kind or with other parameters, so that its rows cannot be compared. */
        change: oneOf('same', 'changed', 'added', 'removed'),
        before: nullable(Counted),
        after: nullable(Counted),
        ...Change,
      }),
    ),
    scores: Type.Array(exact({ dimension: Dimension, words: Bilingual, before: Score, after: Score })),
  }),
  errors: ['object.not_found', 'object.state', 'quality.engine'],
})
export const listChangedFindings = endpoint({
  id: 'governance.finding.list_changed',
  method: 'GET',
  path: '/api/v1/quality/runs/:id/comparison/findings',
  access: 'finding.read',
  words: words('两次核验之间变化的问题数据', 'List the findings that changed between two checks'),
  params: IdParams,
  query: exact({
    ...PageQuery,
    ...With,
    change: oneOf('appeared', 'gone'),
    rule: Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' }),
  }),
  reply: listFindings.reply,
  errors: ['object.not_found', 'object.state', 'quality.engine'],
})

export const runComparisonEndpoints = [compareRuns, listChangedFindings] as const
