import { Type, type Static } from 'typebox'
import { Digest, exact, IdParams, Instant, text, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** Bytes of the scanned document, and of a request that carries it. */
export const CONSENT_BYTES_MAX = 5 * 1024 * 1024
const BODY_BYTES_MAX = 8 * 1024 * 1024
const Day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' })
const Content = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', minLength: 4, maxLength: 7_000_000 })

/** A department's written consent (书面同意) to the direct reading of a business database. Days include both ends. */
export const ConsentView = exact({
  id: Uuid,
  number: Type.String(),
  signedBy: Type.String(),
  validFrom: Day,
  validUntil: Day,
  fileName: Type.String(),
  mediaType: Type.String(),
  sha256: Digest,
  bytes: Type.Integer(),
  /** In force today. */
  inForce: Type.Boolean(),
  createdAt: Instant,
})
export type ConsentView = Static<typeof ConsentView>

export const giveConsent = endpoint({
  id: 'nodes.source.consent',
  method: 'POST',
  path: '/api/v1/data-sources/:id/consents',
  access: 'node.manage',
  words: words('登记书面同意', 'Register a written consent'),
  params: IdParams,
  body: exact({
    number: text(128, 1),
    signedBy: text(64, 1),
    validFrom: Day,
    validUntil: Day,
    fileName: text(255, 1),
    /** PDF, PNG or JPEG, base64. */
    content: Content,
  }),
  bodyBytesMax: BODY_BYTES_MAX,
  reply: ConsentView,
  status: 201,
  errors: ['object.not_found', 'object.state'],
})
export const listConsents = endpoint({
  id: 'nodes.source.consents',
  method: 'GET',
  path: '/api/v1/data-sources/:id/consents',
  access: 'node.read',
  words: words('书面同意列表', 'List written consents'),
  params: IdParams,
  reply: exact({ items: Type.Array(ConsentView) }),
  errors: ['object.not_found'],
})
export const readConsent = endpoint({
  id: 'nodes.source.consent_read',
  method: 'GET',
  path: '/api/v1/data-sources/:id/consents/:consentId',
  access: 'node.read',
  words: words('查看书面同意原件', 'Read a written consent'),
  params: exact({ id: Uuid, consentId: Uuid }),
  reply: exact({ ...ConsentView.properties, content: Content }),
  errors: ['object.not_found'],
})
