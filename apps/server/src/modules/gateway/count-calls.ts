import { ERRORS, type ErrorCode, type ReplyOf } from '@huitong/contract'
import { countCalls } from '@huitong/contract/gateway'
import { addDays, shanghaiMidnight } from '@huitong/codes'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql, type RawBuilder } from 'kysely'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { query } from '../../kernel/verb.ts'

const ROWS_MAX = 1_000
const DAYS_MAX = 400
const BY = ['matter', 'application', 'department', 'service', 'outcome', 'day'] as const
type By = (typeof BY)[number]
type Item = ReplyOf<typeof countCalls>['items'][number]

/** How each dimension is grouped; a call whose caller or service is not known has none. */
const COLUMNS: Readonly<Record<By, string>> = {
  matter: 'k.matter_code',
  application: 'k.application_id',
  department: 'k.department_id',
  service: 'k.service_id',
  outcome: 'k.outcome',
  day: `to_char(k.minute at time zone 'Asia/Shanghai', 'YYYY-MM-DD')`,
}
const FIELDS: Record<string, string> = { applicant: 'k.department_id', provider: 'k.provider_department_id' }
const callSees = (actor: Person) =>
  sql.raw(emitPostgres(VISIBILITY.serviceCall(viewerOf(actor)), (field) => FIELDS[field]!))

interface Row {
  matter: string | null
  application_id: string | null
  application_name: string | null
  app_id: string | null
  department_id: string | null
  department_name: { zh: string; en?: string } | null
  service_id: string | null
  service_name: { zh: string; en?: string } | null
  service_code: string | null
  outcome: string | null
  day: string | null
  calls: string
  rows: string
}

/** Calls of a span of days by matter, application, department, service, outcome or day: sealed minutes and the open one. */
export const countCallsVerb = query<typeof countCalls>({
  endpoint: countCalls,
  audit: null,
  async run({ db, actor }, input) {
    const { from, until, serviceId, departmentId, matter } = input.query
    const by = [...new Set((input.query.by ?? 'service').split(','))] as By[]
    const [begin, end] = [shanghaiMidnight(from), shanghaiMidnight(addDays(until, 1))]
    if (!(begin < end) || end.getTime() - begin.getTime() > DAYS_MAX * 86_400_000)
      refuse('request.invalid', {
        places: [
          place(
            '#/query/until',
            `应不早于起始日，且跨度不超过 ${DAYS_MAX} 天`,
            `not before the first day; ${DAYS_MAX} days at most`,
          ),
        ],
      })
    const cut = sql`k.minute >= ${begin} and k.minute < ${end} and ${callSees(actor)}
      ${serviceId ? sql`and k.service_id = ${serviceId}` : sql``} ${departmentId ? sql`and k.department_id = ${departmentId}` : sql``}
      ${matter ? sql`and k.matter_code = ${matter}` : sql``}`
    const rows = await db.many<Row>(counted(by, cut))
    const { as_of } = await db.one<{ as_of: Date }>(sql`select now() as as_of`)
    return {
      by,
      items: rows.slice(0, ROWS_MAX).map((row) => view(row, new Set(by))),
      more: rows.length > ROWS_MAX,
      asOf: as_of.toISOString(),
    }
  },
})

function counted(by: readonly By[], cut: RawBuilder<unknown>): RawBuilder<Row> {
  const named = BY.map((one) => sql.raw(by.includes(one) ? `${COLUMNS[one]} as ${one}` : `null as ${one}`))
  const part = (table: string, calls: string, rows: string, more: string) =>
    sql`select ${sql.join(named)}, ${sql.raw(calls)} as calls, ${sql.raw(rows)} as rows from ${sql.raw(table)} k
      where ${cut} ${sql.raw(more)}`
  return sql<Row>`select x.matter, x.application as application_id, a.name as application_name, a.app_id,
      x.department as department_id, d.name as department_name, x.service as service_id, s.name as service_name,
      s.code as service_code, x.outcome, x.day, x.calls, x.rows
    from (select ${sql.raw(BY.map((one) => `${one}${CASTS[one]} as ${one}`).join(', '))}, sum(calls)::text as calls, sum(rows)::text as rows
      from (${part('call_count', 'calls', 'rows', '')}
        union all ${part('service_call', '1', 'rows', 'and k.root_id is null')}
        union all ${part('service_refusal', 'calls', '0', '')}) y group by 1, 2, 3, 4, 5, 6) x
      left join application a on a.id = x.application left join department d on d.id = x.department
      left join service s on s.id = x.service
    order by x.day, x.calls::numeric desc, x.matter, x.outcome, s.code, a.app_id limit ${ROWS_MAX + 1}`
}
const CASTS: Readonly<Record<By, string>> = {
  matter: '::text',
  application: '::uuid',
  department: '::uuid',
  service: '::uuid',
  outcome: '::text',
  day: '::text',
}

function view(row: Row, by: ReadonlySet<By>): Item {
  return {
    matter: by.has('matter') ? row.matter : null,
    application: row.application_id
      ? { id: row.application_id, name: row.application_name ?? '', appId: row.app_id ?? '' }
      : null,
    department: row.department_id ? { id: row.department_id, name: row.department_name ?? { zh: '' } } : null,
    service: row.service_id
      ? { id: row.service_id, name: row.service_name ?? { zh: '' }, code: row.service_code ?? '' }
      : null,
    outcome: row.outcome,
    outcomeWords: row.outcome === null ? null : wordsOf(row.outcome),
    day: row.day,
    calls: row.calls,
    rows: row.rows,
  }
}

function wordsOf(outcome: string): { zh: string; en: string } {
  if (outcome === 'ok') return { zh: '成功', en: 'Answered' }
  return Object.hasOwn(ERRORS, outcome) ? { ...ERRORS[outcome as ErrorCode].words } : { zh: outcome, en: outcome }
}
