import { sql } from 'kysely'
import { subscriber } from '../../kernel/subscribers.ts'
import { goTo } from './decide-request.ts'
import { closeObligations } from './obligations.ts'
import { SELECT_REQUEST, type RequestRow } from './request-view.ts'

/** The exchange answers back: a configured channel fulfils the centre's step, a completed one the duty to provide (D5). */
export const followExchange = subscriber<'channel.configured' | 'channel.completed'>({
  name: 'request_follows_exchange',
  on: ['channel.configured', 'channel.completed'],
  async handle({ db, emit, legalNow, now }, { type, payload }) {
    const row = await db.one<RequestRow>(sql`${SELECT_REQUEST}
      where g.id = (select grant_id from channel where id = ${payload.channelId})`)
    if (type === 'channel.completed') {
      await closeObligations(db, { subjectKind: 'request', subjectId: row.id, at: legalNow, rule: ['D5'] })
      return { objectKind: 'request', objectId: row.id, detail: { provided: true } }
    }
    if (row.step !== 'centre_configure') return null
    const { personId, departmentId } = payload as { personId: string; departmentId: string }
    await db.run(sql`insert into request_decision (request_id, step, decision, person_id, department_id, at, legal_at)
      values (${row.id}, 'centre_configure', 'agree', ${personId}, ${departmentId}, ${now}, ${legalNow})`)
    await db.run(sql`update access_request set version = version + 1, updated_at = ${now} where id = ${row.id}`)
    await goTo({ db, legalNow, emit }, row, row.steps[row.steps.indexOf('centre_configure') + 1] ?? null)
    return { objectKind: 'request', objectId: row.id, detail: { step: 'centre_configure' } }
  },
})
