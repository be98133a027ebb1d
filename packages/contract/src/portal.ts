import { Type } from 'typebox'
import { Bilingual, exact, Instant, nullable, oneOf } from './common.ts'
import { ObligationView } from './catalogue.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

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
          'incident_handle',
        ),
        words: Bilingual,
        title: Type.String(),
        link: Type.String(),
        since: Instant,
        deadline: nullable(ObligationView),
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
