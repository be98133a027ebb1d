import { listChangedFindings } from '@huitong/contract/run-comparison'
import { place, refuse } from '../../kernel/errors.ts'
import { pageAt } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { comparedRuns, hasSameKey, samePlaces } from './compare-runs.ts'
import { FINDING_KEYS, findingsPage } from './findings.ts'

/**
 * The rows that break a rule now and did not in an earlier check, or that broke it then and do not now. Values are those of the
 * check that found them, and only for the department whose data it is; each reading is audited.
 */
export const listChangedFindingsVerb = query<typeof listChangedFindings>({
  endpoint: listChangedFindings,
  audit: ({ params, query: { rule, change } }, reply) => ({
    objectKind: 'check_run',
    objectId: params.id,
    detail: { rule, change, rows: reply.items.length, values: reply.valuesShown },
  }),
  async run({ db, actor, services }, { params, query: given }) {
    const at = pageAt(given, FINDING_KEYS)
    const { run, before } = await comparedRuns(db, actor, params.id, given.with)
    if (before === null)
      refuse('object.state', {
        places: [place('#/query/with', '没有更早的、已完成的全量核验', 'there is no earlier full check that is done')],
      })
    if (!hasSameKey(before, run))
      refuse('object.state', {
        places: [
          place('#/query/with', '两次核验的主键不同，不能逐行比较', 'the keys of the two checks are of other items'),
        ],
      })
    const pair = samePlaces(before, run).find((one) => run.rules[one.after]!.code === given.rule)
    if (pair === undefined)
      refuse('object.not_found', {
        places: [
          place('#/query/rule', '两次核验没有这条相同的规则', 'the two checks have no such rule that is the same'),
        ],
      })
    const valuesShown = actor.departmentId === run.department_id
    const [found, other] =
      given.change === 'appeared'
        ? [
            { run, rule: pair.after },
            { run: before, rule: pair.before },
          ]
        : [
            { run: before, rule: pair.before },
            { run, rule: pair.after },
          ]
    return () => findingsPage(services, { ...found, unlike: other, at, valuesShown })
  },
})
