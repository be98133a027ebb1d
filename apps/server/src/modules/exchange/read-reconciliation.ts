import { readReconciliation } from '@huitong/contract/exchange'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { query } from '../../kernel/verb.ts'
import { reconciliationView, type ReconciliationRow } from './reconciliation-view.ts'

const FIELDS: Record<string, string> = { applicant: 'consumer_department_id', provider: 'provider_department_id' }

/** A reconciliation of a channel that the actor may see, or `object.not_found`. */
export function findReconciliation(db: Reader, actor: Person, id: string): Promise<ReconciliationRow> {
  const visible = sql.raw(emitPostgres(VISIBILITY.channel(viewerOf(actor)), (field) => FIELDS[field]!))
  return db.one<ReconciliationRow>(sql`select * from reconciliation where id = ${id} and ${visible}`)
}

/** One reconciliation: figures, differing rows, signed report, proposed repair. */
export const readReconciliationVerb = query<typeof readReconciliation>({
  endpoint: readReconciliation,
  audit: null,
  run: async ({ db, actor }, { params }) => reconciliationView(await findReconciliation(db, actor, params.id), actor),
})
