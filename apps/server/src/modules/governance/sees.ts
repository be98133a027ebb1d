import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf, type Person } from '../../kernel/actor.ts'

/** Which suites, checks, work orders or violations somebody may see, over the column that holds the department. */
export const qualitySees = (actor: Person, column: `${string}.department_id`) =>
  sql.raw(emitPostgres(VISIBILITY.quality(viewerOf(actor)), () => column))

const PARTIES: Readonly<Record<string, string>> = {
  applicant: 'k.applicant_department_id',
  provider: 'k.provider_department_id',
}
/** Which correction applications somebody may see. */
export const correctionSees = (actor: Person) =>
  sql.raw(emitPostgres(VISIBILITY.correction(viewerOf(actor)), (field) => PARTIES[field]!))

export type Names = { zh: string; en?: string }
/** The name of the dataset `x`, as it is published. */
export const DATASET_NAME = `coalesce((select v.content->'name' from dataset_version v where v.dataset_id = x.id and v.number = x.live_version),
  jsonb_build_object('zh', x.code))`
