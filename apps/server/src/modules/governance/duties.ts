import type { CorrectionView, ViolationView, WorkOrderView } from '@huitong/contract/governance'
import type { Static } from 'typebox'
import type { Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { correctionsToAnswer } from './corrections.ts'
import { violationsToActOn } from './violations.ts'
import { workOrdersToMend } from './work-orders.ts'

/** What somebody must do about quality now. */
export interface QualityDuties {
  readonly workOrders: readonly Static<typeof WorkOrderView>[]
  readonly corrections: readonly Static<typeof CorrectionView>[]
  readonly violations: readonly Static<typeof ViolationView>[]
}

/** The duties of quality of a person, by the rules that the verbs hold; of each kind at most `max`, the most urgent first. */
export async function qualityDuties(db: Reader, actor: Person, legalNow: Date, max: number): Promise<QualityDuties> {
  return {
    workOrders: await workOrdersToMend(db, actor, legalNow, max),
    corrections: await correctionsToAnswer(db, actor, legalNow, max),
    violations: await violationsToActOn(db, actor, max),
  }
}
