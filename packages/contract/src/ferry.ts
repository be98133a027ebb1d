import { Type, type Static, type TSchema } from 'typebox'
import { Base64, Digest, exact, LanguageMap, nullable, text, Uuid } from './common.ts'
import { SignedManifest, SignedReceipt } from './exchange.ts'
import { enrolNode, finishWork, LeasedWork, NodeLink } from './nodes.ts'

/** What stands in the ticket that a person brings to a ferried node: who it is, and whom it trusts. */
export const FerryTicket = exact({
  v: Type.Literal(1),
  link: NodeLink,
  code: text(128, 16),
  nodeId: Uuid,
  departmentId: Uuid,
  name: LanguageMap(128),
  platform: exact({ signingKey: Base64, sealingKey: Base64 }),
})
export type FerryTicket = Static<typeof FerryTicket>

const TICKET = 'HTF1.'
const TICKET_CHARACTERS_MAX = 8192

/** A ticket as the one line that is shown, copied and put into the node's folder. */
export const ticketText = (ticket: FerryTicket): string =>
  `${TICKET}${Buffer.from(JSON.stringify(ticket), 'utf8').toString('base64url')}`

/** The content of a ticket's line before its schema is checked; null when it is none. */
export function readTicket(line: string): unknown {
  if (!line.startsWith(TICKET) || line.length > TICKET_CHARACTERS_MAX) return null
  try {
    return JSON.parse(Buffer.from(line.slice(TICKET.length), 'base64url').toString('utf8'))
  } catch {
    return null
  }
}

/** What a node sends over the crossing, by kind: what it would have asked the platform's endpoints. */
export const NODE_MESSAGES = {
  enrol: enrolNode.body,
  /** With the sealed bytes of the segment. */
  segment: exact({ manifest: SignedManifest }),
  receipt: exact({ receipt: SignedReceipt }),
  result: exact({ id: Uuid, ...finishWork.body.properties }),
} as const satisfies Record<string, TSchema>

const { id, kind, fence, input } = LeasedWork.properties

/** What the platform sends over the crossing, by kind. */
export const PLATFORM_MESSAGES = {
  order: exact({ id, kind, fence, input }),
  revoke: exact({ id: Uuid }),
  /** A verified segment for the node that applies it, with its sealed bytes. */
  segment: exact({
    stream: Uuid,
    generation: Type.Integer({ minimum: 1 }),
    sequence: Type.Integer({ minimum: 1 }),
    digest: Digest,
    manifest: SignedManifest,
  }),
  /** What became of the node's files: the receipt of a segment, or the code of a refusal. */
  answers: exact({
    answers: Type.Array(
      exact({ number: Type.Integer(), code: nullable(Type.String()), receipt: nullable(SignedReceipt) }),
      { maxItems: 64 },
    ),
  }),
} as const satisfies Record<string, TSchema>

export type NodeMessage<K extends keyof typeof NODE_MESSAGES> = Static<(typeof NODE_MESSAGES)[K]>
export type PlatformMessage<K extends keyof typeof PLATFORM_MESSAGES> = Static<(typeof PLATFORM_MESSAGES)[K]>

/** Goes beside the numbered files, either way: how far they were taken, which did not arrive, and how many were laid out. */
export const FerryNote = exact({
  version: text(32, 1),
  /** The sender's own numbering, and its last file that was laid out: a loss at the end shows by that alone. */
  own: exact({ series: Uuid, last: Type.Integer({ minimum: 0 }) }),
  series: nullable(Uuid),
  number: Type.Integer({ minimum: 0 }),
  digest: nullable(Digest),
  missing: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 100 }),
})
export type FerryNote = Static<typeof FerryNote>
