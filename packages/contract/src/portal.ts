import { Type } from 'typebox'
import { Bilingual, exact, Instant, nullable, oneOf } from './common.ts'
import { ObligationView } from './catalogue.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** When a duty ends, in working time. */
const { dueAt, extendedTo, fulfilledAt, overdue, remainingMinutes, allowedMinutes } = ObligationView.properties
const Deadline = exact({
  /** The rule of the statutory limit; null where the limit is set by whoever gave the duty. */
  rule: nullable(Type.String()),
  dueAt,
  extendedTo,
  fulfilledAt,
  overdue,
  remainingMinutes,
  allowedMinutes,
})

export const readHome = endpoint({
  id: 'portal.home.read',
  method: 'GET',
  path: '/api/v1/home',
  access: 'session',
  words: words('工作台', 'Home'),
  reply: exact({
    /** What this person must do now, nearest deadline first. */
    todo: Type.Array(
      exact({
        kind: oneOf(
          'dataset_submit',
          'dataset_sign',
          'dataset_review',
          'request_step',
          'request_supplement',
          'channel_configure',
          'repair_accept',
          'drift_approve',
          'fields_unlisted',
          'incident_handle',
          'work_order_mend',
          'work_order_recheck',
          'correction_answer',
          'violation_state',
          'violation_decide',
        ),
        words: Bilingual,
        title: Type.String(),
        link: Type.String(),
        since: Instant,
        deadline: nullable(Deadline),
      }),
    ),
    counts: exact({
      datasets: Type.Integer(),
      items: Type.Integer(),
      requestsRunning: Type.Integer(),
      channelsRunning: Type.Integer(),
      overdue: Type.Integer(),
    }),
    /** Progress of building the demonstration city; null when it is done or there is none. */
    demo: nullable(exact({ percent: Type.Integer(), words: Bilingual })),
  }),
})

export const portalEndpoints = [readHome] as const
