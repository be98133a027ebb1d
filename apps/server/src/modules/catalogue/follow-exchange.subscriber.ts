import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import { subscriber } from '../../kernel/subscribers.ts'
import { goTo } from './decide-request.ts'
import { closeObligations } from './obligations.ts'
import { SELECT_REQUEST, type RequestRow } from './request-view.ts'

/**
 * The exchange and the gateway answer back: a configured channel or an opened service fulfils the centre's step; a
 * completed channel, or the service itself, the duty to provide (D5).
 */
export const followExchange = subscriber<'channel.configured' | 'channel.completed' | 'service.opened'>({
  name: 'request_follows_exchange',
  on: ['channel.configured', 'channel.completed', 'service.opened'],
  async handle({ db, emit, legalNow, now }, { type, payload }) {
    const row = await requestOf(db, payload)
    const provided = type === 'channel.completed' || type === 'service.opened'
    if (provided) await closeObligations(db, { subjectKind: 'request', subjectId: row.id, at: legalNow, rule: ['D5'] })
    if (type === 'channel.completed') return { objectKind: 'request', objectId: row.id, detail: { provided: true } }
    if (row.step !== 'centre_configure') return null
    const { personId, departmentId } = payload as { personId: string; departmentId: string }
    await db.run(sql`insert into request_decision (request_id, step, decision, person_id, department_id, at, legal_at)
      values (${row.id}, 'centre_configure', 'agree', ${personId}, ${departmentId}, ${now}, ${legalNow})`)
    await db.run(sql`update access_request set version = version + 1, updated_at = ${now} where id = ${row.id}`)
    await goTo({ db, legalNow, emit }, row, row.steps[row.steps.indexOf('centre_configure') + 1] ?? null)
    return { objectKind: 'request', objectId: row.id, detail: { step: 'centre_configure', provided } }
  },
})

const requestOf = (db: Reader, payload: { requestId: string } | { channelId: string }): Promise<RequestRow> =>
  'requestId' in payload
    ? db.one<RequestRow>(sql`${SELECT_REQUEST} where r.id = ${payload.requestId}`)
    : db.one<RequestRow>(
        sql`${SELECT_REQUEST} where g.id = (select grant_id from channel where id = ${payload.channelId})`,
      )
