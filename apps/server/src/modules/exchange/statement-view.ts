import { createHash } from 'node:crypto'
import type { StatementSummary, StatementView } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Statement } from './statement-content.ts'

export interface StatementRow {
  id: string
  number: string
  channel_id: string
  period_from: string
  period_to: string
  state: Statement['state']
  totals: Statement['totals']
  document: string
  signature: Buffer
  key_id: string
  issued_by: string
  issued_at: Date
}

/** Without the document, which may be long. */
export const SELECT_STATEMENT = sql.raw(
  'select id, number, channel_id, period_from, period_to, state, totals, issued_by, issued_at from statement',
)

export type SummaryRow = Omit<StatementRow, 'document' | 'signature' | 'key_id'>

export const statementSummary = (row: SummaryRow): Static<typeof StatementSummary> => ({
  id: row.id,
  number: row.number,
  channelId: row.channel_id,
  from: row.period_from,
  to: row.period_to,
  state: row.state,
  totals: row.totals,
  issuedAt: row.issued_at.toISOString(),
  issuedBy: row.issued_by,
})

export const statementView = (row: StatementRow): Static<typeof StatementView> => ({
  ...statementSummary(row),
  content: JSON.parse(row.document) as Statement,
  report: {
    document: row.document,
    digest: createHash('sha256').update(row.document, 'utf8').digest('hex'),
    signature: row.signature.toString('base64'),
    keyId: row.key_id,
  },
})
