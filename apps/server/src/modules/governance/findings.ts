import { join } from 'node:path'
import type { ReplyOf } from '@huitong/contract'
import { listFindings } from '@huitong/contract/governance'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { pageAt, pageOf, type PageAt } from '../../kernel/paging.ts'
import type { Services } from '../../kernel/services.ts'
import { query } from '../../kernel/verb.ts'
import { askEngine } from './ask-engine.ts'
import { findingsPath } from './run-checks.job.ts'
import { SELECT_RUN, type RunRow } from './runs.ts'
import { qualitySees } from './sees.ts'

/**
 * The failing rows of a check, page by page. Everybody who may see findings sees keys and rules; values only the
 * department whose data it is, and each reading is audited.
 */
export const listFindingsVerb = query<typeof listFindings>({
  endpoint: listFindings,
  audit: ({ params, query: { rule } }, reply) => ({
    objectKind: 'check_run',
    objectId: params.id,
    detail: { rule: rule ?? null, rows: reply.items.length, values: reply.valuesShown },
  }),
  async run({ db, actor, services }, { params, query: given }) {
    const at = pageAt(given, FINDING_KEYS)
    const run = await db.one<RunRow>(
      sql`${SELECT_RUN} where r.id = ${params.id} and ${qualitySees(actor, 'r.department_id')}`,
    )
    if (run.state !== 'done') refuse('object.state')
    const rule = given.rule === undefined ? null : run.rules.findIndex((one) => one.code === given.rule)
    if (rule === -1) refuse('object.not_found')
    return () => findingsPage(services, { run, rule, at, valuesShown: actor.departmentId === run.department_id })
  },
})

/** The place of one page after the other in a file of findings. */
export const FINDING_KEYS = [/^\d{1,18}$/] as const

/** A page of the failing rows of a check. @throws Refusal `quality.engine` when they cannot be read. */
export async function findingsPage(
  services: Services,
  given: {
    run: RunRow
    /** Only rows that break the rule at this place, and not the one at that place of another check. */
    rule: number | null
    unlike?: { run: RunRow; rule: number }
    at: PageAt
    /** Values are for the department whose data it is. */
    valuesShown: boolean
  },
): Promise<ReplyOf<typeof listFindings>> {
  const { run, rule, unlike, at, valuesShown } = given
  const pathOf = (one: RunRow) => join(services.settings.dataDir, findingsPath(one.id))
  const input = { path: pathOf(run), key: run.key!, rule, after: at.after?.[0] ?? '-1', limit: at.limit + 1 }
  const other = unlike === undefined ? {} : { unlike: { path: pathOf(unlike.run), rule: unlike.rule } }
  const { rows } = await askEngine(services, 'read-findings', { ...input, ...other }, 30_000)
  const page = pageOf(
    rows,
    at,
    (row) => [row.at],
    (row) => ({
      key: row.key,
      rules: row.rules.map((one) => run.rules[one]!.code),
      values: valuesShown ? row.values : [],
    }),
  )
  return { ...page, keyItems: run.key!, valuesShown }
}
