import { randomUUID } from 'node:crypto'
import { canonicalJson } from '@huitong/canonical'
import { issueStatement } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { nextNumber, signDocument } from '../catalogue/index.ts'
import { findChannel } from './channel-view.ts'
import { statementOf } from './statement-content.ts'
import { statementView, type StatementRow } from './statement-view.ts'

export const STATEMENT_DOMAIN = 'huitong/statement/v1'

/** Issues the statement 对账单 of a channel for a period: 源 = 发 = 收 = 入 by run and batch, signed, and kept as it was signed. */
export const issueStatementVerb = command<typeof issueStatement>({
  endpoint: issueStatement,
  audit: ({ params }, reply) => ({
    objectKind: 'statement',
    objectId: reply.id,
    detail: { channel: params.id, number: reply.number, digest: reply.report.digest, state: reply.state },
  }),
  async run({ db, actor, now, services }, { params, body }) {
    if (body.from > body.to)
      refuse('request.invalid', { places: [place('/to', '截止日早于起始日', 'ends before it begins')] })
    const channel = await findChannel(db, actor, params.id)
    const period = { from: body.from, to: body.to }
    const content = await statementOf(db, channel, period, { number: await nextNumber(db, 'DZ', now), at: now })
    const document = canonicalJson(content as never)
    const { signature, keyId } = signDocument(services, STATEMENT_DOMAIN, document)
    const row =
      await db.one<StatementRow>(sql`insert into statement (id, number, channel_id, jurisdiction, provider_department_id,
        consumer_department_id, period_from, period_to, state, totals, document, signature, key_id, issued_by, issued_at)
      values (${randomUUID()}, ${content.number}, ${channel.id}, ${channel.jurisdiction}, ${channel.provider_department_id},
        ${channel.consumer_department_id}, ${body.from}, ${body.to}, ${content.state}, ${JSON.stringify(content.totals)}, ${document},
        ${Buffer.from(signature, 'base64')}, ${keyId}, ${actor.name}, ${now})
      returning *`)
    return statementView(row)
  },
})
