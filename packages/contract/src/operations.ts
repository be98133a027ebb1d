import { Type } from 'typebox'
import { Bilingual, exact, Instant, nullable, oneOf } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

export const readHealth = endpoint({
  id: 'operations.health.read',
  method: 'GET',
  path: '/api/v1/health',
  access: 'health.read',
  words: words('运行状态', 'Health'),
  reply: exact({
    at: Instant,
    parts: Type.Array(
      exact({
        name: Type.String(),
        words: Bilingual,
        state: oneOf('up', 'down', 'degraded'),
        detail: nullable(Bilingual),
        since: nullable(Instant),
      }),
    ),
  }),
})

export const operationsEndpoints = [readHealth] as const
