import { createHmac, createSecretKey, randomUUID } from 'node:crypto'
import { canonicalJson } from '@huitong/canonical'
import { hashLeaf, rootOfHashes } from '@huitong/ledger'
import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS, type Reader } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'

/** Of one minute, application and service; more calls make a further root of the same minute. */
const LEAVES_MAX = 20_000

interface Group {
  minute: Date
  application_id: string
  service_id: string | null
}
export interface CallRow {
  id: string
  at: Date
  minute: Date
  jurisdiction: string
  application_id: string
  department_id: string
  service_id: string | null
  opening_id: string | null
  provider_department_id: string | null
  matter_code: string
  outcome: string
  rows: string
  request_id: string
  query_digest: Buffer
  salt: Buffer
}

/** What a leaf commits to: who asked under what, when, with which outcome; what was asked as a keyed digest only. */
export function leafOf(call: CallRow): Uint8Array {
  const content = canonicalJson({
    v: 1,
    id: call.id,
    at: call.at.toISOString(),
    application: call.application_id,
    department: call.department_id,
    service: call.service_id,
    opening: call.opening_id,
    matter: call.matter_code,
    outcome: call.outcome,
    rows: call.rows,
    requestId: call.request_id,
    asked: call.query_digest.toString('hex'),
  })
  return createHmac('sha256', createSecretKey(call.salt)).update(content).digest()
}

/** The root over the leaves of calls, in the order of their numbers (RFC 6962). */
export const rootOf = (calls: readonly CallRow[]): Buffer =>
  Buffer.from(rootOfHashes(calls.map((call) => hashLeaf(leafOf(call)))))

export const selectCalls = (where: ReturnType<typeof sql>) => sql<CallRow>`select id::text, at, minute, jurisdiction,
  application_id, department_id, service_id, opening_id, provider_department_id, matter_code, outcome, rows::text, request_id,
  query_digest, salt from service_call where ${where} order by service_call.id`

/**
 * Seals the calls of closed minutes: one Merkle root a minute, application and service, which the audit row of this act
 * takes into the evidence log, and their sums for the statistics. A minute is closed two seconds after its end.
 */
export const sealCallsJob = job({
  name: 'seal-calls',
  everyMs: 2_000,
  async run(services) {
    const group = await services.db.read(SYSTEM_ROWS, oldestGroup)
    if (!group) return false
    await act(services, systemActor('seal-calls'), 'job.seal_calls', async ({ db, now }) => {
      const ofGroup = sql`root_id is null and minute = ${group.minute} and application_id = ${group.application_id}
        and service_id is not distinct from ${group.service_id}`
      const calls = await db.many<CallRow>(sql`${selectCalls(ofGroup)} limit ${LEAVES_MAX}`)
      const first = calls[0]
      if (!first) return { value: undefined, audit: null }
      const id = randomUUID()
      const root = rootOf(calls)
      await db.run(sql`insert into call_root (id, jurisdiction, minute, application_id, department_id, service_id,
          provider_department_id, root, calls, made_at)
        values (${id}, ${first.jurisdiction}, ${group.minute}, ${group.application_id}, ${first.department_id}, ${group.service_id},
          ${first.provider_department_id}, ${root}, ${calls.length}, ${now})`)
      await db.run(sql`update service_call set root_id = ${id} where id = any(${calls.map((one) => one.id)}::bigint[])`)
      await db.run(sql`insert into call_count (root_id, minute, jurisdiction, application_id, department_id, service_id,
          provider_department_id, matter_code, outcome, calls, rows)
        select root_id, minute, jurisdiction, application_id, department_id, service_id, provider_department_id, matter_code,
          outcome, count(*), sum(rows) from service_call where root_id = ${id} group by 1, 2, 3, 4, 5, 6, 7, 8, 9`)
      return {
        value: undefined,
        audit: {
          objectKind: 'call_root',
          objectId: id,
          detail: {
            minute: group.minute.toISOString(),
            application: group.application_id,
            department: first.department_id,
            service: group.service_id,
            calls: calls.length,
            root: root.toString('hex'),
          },
        },
      }
    })
    return true
  },
})

/** A transaction that began in a closed minute and ended late leaves a call for a further root of it; none is passed over. */
const oldestGroup = (db: Reader) =>
  db.maybe<Group>(sql`select minute, application_id, service_id from service_call
    where root_id is null and minute < date_trunc('minute', now() - interval '2 seconds')
    order by minute, application_id, service_id nulls first limit 1`)
