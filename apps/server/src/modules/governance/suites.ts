import { randomUUID } from 'node:crypto'
import {
  createSuite,
  listSuites,
  readSuite,
  updateSuite,
  type SuiteDetail,
  type SuiteView,
} from '@huitong/contract/governance'
import { listSuiteVersions } from '@huitong/contract/rule-design'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../kernel/actor.ts'
import type { Reader, Writer } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { command, query } from '../../kernel/verb.ts'
import { ruleSpeaker } from './rule-words.ts'
import { requireSound, scopeOf, type NamedRule } from './scope.ts'
import { DATASET_NAME, qualitySees, type Names } from './sees.ts'

interface SuiteRow {
  id: string
  dataset_id: string
  dataset_name: Names
  department_id: string
  department_name: Names
  rules: NamedRule[]
  repair_working_days: number
  updated_at: Date
  version: number
  run_id: string | null
  run_state: Static<typeof SuiteView>['latest'] extends infer L ? (L extends { state: infer S } ? S : never) : never
  total_score: string | null
  findings: string | null
  run_at: Date | null
}

const SELECT =
  sql.raw(`select s.id, s.dataset_id, ${DATASET_NAME} as dataset_name, s.department_id, d.name as department_name, s.rules,
    s.repair_working_days, date_trunc('milliseconds', s.updated_at) as updated_at, s.version, r.id as run_id, r.state as run_state, r.total_score, r.findings,
    coalesce(r.finished_at, r.created_at) as run_at
  from rule_suite s join dataset x on x.id = s.dataset_id join department d on d.id = s.department_id
    left join lateral (select * from check_run where suite_id = s.id and kind = 'full' order by created_at desc limit 1) r on true`)

function viewOf(row: SuiteRow): Static<typeof SuiteView> {
  return {
    id: row.id,
    datasetId: row.dataset_id,
    datasetName: row.dataset_name,
    departmentId: row.department_id,
    departmentName: row.department_name,
    ruleCount: row.rules.length,
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
    latest:
      row.run_id === null
        ? null
        : {
            id: row.run_id,
            state: row.run_state,
            score: row.total_score,
            findings: row.findings,
            at: row.run_at!.toISOString(),
          },
  }
}

const detailOf = async (db: Reader, actor: Person, id: string): Promise<Static<typeof SuiteDetail>> => {
  const row = await db.one<SuiteRow>(sql`${SELECT} where s.id = ${id} and ${qualitySees(actor, 's.department_id')}`)
  const speaker = await ruleSpeaker(db, actor, row.dataset_id, row.rules)
  const rules = row.rules.map((rule) => ({ ...rule, asks: speaker.asks(rule) }))
  return { ...viewOf(row), rules, repairWorkingDays: row.repair_working_days }
}

/** Suites that the viewer may see, those changed last first. */
export const listSuitesVerb = query<typeof listSuites>({
  endpoint: listSuites,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { datasetId } = input.query
    const rows = await db.many<SuiteRow>(sql`${SELECT} where ${qualitySees(actor, 's.department_id')}
      ${datasetId ? sql`and s.dataset_id = ${datasetId}` : sql``}
      ${at.after ? sql`and (date_trunc('milliseconds', s.updated_at), s.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', s.updated_at) desc, s.id desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.updated_at.toISOString(), row.id], viewOf)
  },
})

export const readSuiteVerb = query<typeof readSuite>({
  endpoint: readSuite,
  audit: null,
  run: ({ db, actor }, { params }) => detailOf(db, actor, params.id),
})

/** Gives a landed dataset its rules; each is checked against the columns that it reads. */
export const createSuiteVerb = command<typeof createSuite>({
  endpoint: createSuite,
  audit: (input, reply) => ({
    objectKind: 'rule_suite',
    objectId: reply.id,
    detail: { dataset: input.body.datasetId, rules: reply.ruleCount },
  }),
  async run({ db, actor, now }, { body }) {
    await db.one(sql`select 1 from dataset where id = ${body.datasetId}`)
    const { table, scope } = await scopeOf(db, body.datasetId, body.rules, now)
    requireSound(body.rules, scope)
    const id = randomUUID()
    await db.run(sql`insert into rule_suite (id, jurisdiction, dataset_id, department_id, rules, repair_working_days, updated_by, updated_at)
      values (${id}, ${table.jurisdiction}, ${body.datasetId}, ${table.provider_department_id}, ${JSON.stringify(body.rules)},
        ${body.repairWorkingDays}, ${actor.id}, ${now})`)
    await keepVersion(db, id)
    return detailOf(db, actor, id)
  },
})

/** Changes the rules; checks that were made keep those that they were made with. */
export const updateSuiteVerb = command<typeof updateSuite>({
  endpoint: updateSuite,
  audit: ({ params }, reply) => ({
    objectKind: 'rule_suite',
    objectId: params.id,
    detail: { rules: reply.ruleCount, version: reply.version },
  }),
  async run({ db, actor, now }, { params, body, match }) {
    const { datasetId } = await detailOf(db, actor, params.id)
    const { scope } = await scopeOf(db, datasetId, body.rules, now)
    requireSound(body.rules, scope)
    const moved =
      await db.run(sql`update rule_suite set rules = ${JSON.stringify(body.rules)}, repair_working_days = ${body.repairWorkingDays},
      updated_by = ${actor.id}, updated_at = ${now}, version = version + 1 where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    await keepVersion(db, params.id)
    return detailOf(db, actor, params.id)
  },
})

/** Keeps what a suite says now as the version that it has now. */
const keepVersion = (db: Writer, suiteId: string): Promise<number> =>
  db.run(sql`insert into rule_suite_version (suite_id, version, rules, repair_working_days, by_person, at)
    select id, version, rules, repair_working_days, updated_by, updated_at from rule_suite where id = ${suiteId}`)

interface VersionRow {
  version: number
  at: Date
  by: string
  rules: NamedRule[]
  earlier: NamedRule[] | null
  runs: number
}

/** The versions of a suite, newest first, each with what changed in it and how many checks were made by it. */
export const listSuiteVersionsVerb = query<typeof listSuiteVersions>({
  endpoint: listSuiteVersions,
  audit: null,
  async run({ db, actor }, { params, query: given }) {
    const at = pageAt(given, [/^\d{1,9}$/])
    await db.one(sql`select 1 from rule_suite s where s.id = ${params.id} and ${qualitySees(actor, 's.department_id')}`)
    const rows = await db.many<VersionRow>(sql`select v.version, v.at, p.name as by, v.rules,
        (select e.rules from rule_suite_version e where e.suite_id = v.suite_id and e.version < v.version order by e.version desc limit 1) as earlier,
        (select count(*) from check_run r where r.suite_id = v.suite_id and r.suite_version = v.version)::int as runs
      from rule_suite_version v join person p on p.id = v.by_person where v.suite_id = ${params.id}
        ${at.after ? sql`and v.version < ${at.after[0]}::int` : sql``} order by v.version desc limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [String(row.version)],
      ({ earlier, ...row }) => ({ ...row, at: row.at.toISOString(), ...differences(earlier ?? [], row.rules) }),
    )
  },
})

function differences(before: readonly NamedRule[], after: readonly NamedRule[]) {
  const was = new Map(before.map((one) => [one.code, JSON.stringify(one)]))
  const is = new Map(after.map((one) => [one.code, JSON.stringify(one)]))
  return {
    added: [...is.keys()].filter((code) => !was.has(code)),
    removed: [...was.keys()].filter((code) => !is.has(code)),
    changed: [...is].filter(([code, text]) => was.has(code) && was.get(code) !== text).map(([code]) => code),
  }
}
