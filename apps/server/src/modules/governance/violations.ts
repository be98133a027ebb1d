import { decideViolation, listViolations, stateViolation, type ViolationView } from '@huitong/contract/governance'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { command, query } from '../../kernel/verb.ts'
import { NATIONAL_DEADLINES } from '../standards/index.ts'
import { qualitySees, type Names } from './sees.ts'

interface ViolationRow {
  id: string
  number: string
  department_id: string
  department_name: Names
  rule: string
  subject_kind: string
  subject_id: string
  subject_name: string
  state: Static<typeof ViolationView>['state']
  statement: string | null
  decision: string | null
  raised_at: Date
  stated_at: Date | null
  decided_at: Date | null
  version: number
}

const SELECT = sql.raw(
  `select w.*, d.name as department_name from violation w join department d on d.id = w.department_id`,
)

function viewOf(row: ViolationRow, actor: Person): Static<typeof ViolationView> {
  return {
    id: row.id,
    number: row.number,
    departmentId: row.department_id,
    departmentName: row.department_name,
    rule: row.rule,
    ruleWords: NATIONAL_DEADLINES[row.rule]?.words ?? { zh: row.rule, en: row.rule },
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    subjectName: row.subject_name,
    state: row.state,
    statement: row.statement,
    decision: row.decision,
    raisedAt: row.raised_at.toISOString(),
    statedAt: row.stated_at?.toISOString() ?? null,
    decidedAt: row.decided_at?.toISOString() ?? null,
    version: row.version,
    mayState:
      row.state === 'suspected' && actor.departmentId === row.department_id && actor.permissions.has('violation.state'),
    mayDecide: row.state === 'stated' && actor.permissions.has('violation.decide'),
  }
}

const find = (db: Reader, actor: Person, id: string): Promise<ViolationRow> =>
  db.one<ViolationRow>(sql`${SELECT} where w.id = ${id} and ${qualitySees(actor, 'w.department_id')}`)

/** Suspected violations that the viewer may see, newest first. */
export const listViolationsVerb = query<typeof listViolations>({
  endpoint: listViolations,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { state } = input.query
    const rows = await db.many<ViolationRow>(sql`${SELECT} where ${qualitySees(actor, 'w.department_id')}
      ${state === 'undecided' ? sql`and w.state in ('suspected', 'stated')` : sql``}
      ${state === 'decided' ? sql`and w.state in ('confirmed', 'dismissed')` : sql``}
      ${at.after ? sql`and (date_trunc('milliseconds', w.raised_at), w.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', w.raised_at) desc, w.id desc limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [row.raised_at.toISOString(), row.id],
      (row) => viewOf(row, actor),
    )
  },
})

/** Suspected violations that wait for the viewer: for the department's statement, or for the decision. */
export async function violationsToActOn(
  db: Reader,
  actor: Person,
  max: number,
): Promise<Static<typeof ViolationView>[]> {
  const own = actor.permissions.has('violation.state') ? ['suspected'] : []
  const any = actor.permissions.has('violation.decide') ? ['stated'] : []
  if (own.length + any.length === 0) return []
  const rows = await db.many<ViolationRow>(sql`${SELECT} where ${qualitySees(actor, 'w.department_id')}
    and ((w.department_id = ${actor.departmentId} and w.state = any(${own}::text[])) or w.state = any(${any}::text[]))
    order by coalesce(w.stated_at, w.raised_at), w.id limit ${max}`)
  return rows.map((row) => viewOf(row, actor))
}

/** The department says how it came to be late, before anybody decides. */
export const stateViolationVerb = command<typeof stateViolation>({
  endpoint: stateViolation,
  audit: ({ params }) => ({ objectKind: 'violation', objectId: params.id, detail: { stated: true } }),
  async run({ db, actor, legalNow }, { params, body, match }) {
    const row = await find(db, actor, params.id)
    if (row.department_id !== actor.departmentId) refuse('permission.denied')
    if (row.state !== 'suspected') refuse('object.state')
    const moved =
      await db.run(sql`update violation set state = 'stated', statement = ${body.statement}, stated_by = ${actor.id},
      stated_at = ${legalNow}, version = version + 1 where id = ${row.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    return viewOf(await find(db, actor, row.id), actor)
  },
})

/** The authority confirms or dismisses, with its reason, and only after the department was heard. */
export const decideViolationVerb = command<typeof decideViolation>({
  endpoint: decideViolation,
  audit: ({ params, body }) => ({ objectKind: 'violation', objectId: params.id, detail: { decision: body.decision } }),
  async run({ db, actor, legalNow }, { params, body, match }) {
    const row = await find(db, actor, params.id)
    if (row.state !== 'stated') refuse('object.state')
    const moved =
      await db.run(sql`update violation set state = ${body.decision}, decision = ${body.reason}, decided_by = ${actor.id},
      decided_at = ${legalNow}, version = version + 1 where id = ${row.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    return viewOf(await find(db, actor, row.id), actor)
  },
})
