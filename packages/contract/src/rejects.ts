import { Type, type Static } from 'typebox'
import { BigInteger, Bilingual, exact, IdParams, Instant, nullable, page, PageQuery, text } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** Most boxes of records that were set aside; each holds up to 64 KiB of them. */
export const REJECT_BOXES_MAX = 512
/**
 * A record that was set aside, as it stands in a box: a line of JSON. Its texts are data of the provider; `reason` is not.
 * `cut`: the record is longer than what is kept of it.
 */
export const Reject = exact({
  file: text(255, 1),
  /** Row or line of the file, from 1. */
  line: nullable(Type.Integer()),
  column: nullable(text(255)),
  reason: Bilingual,
  raw: Type.String({ maxLength: 4_000 }),
  cut: Type.Boolean(),
})
/** Records that were set aside, all counted, sealed to the platform (HPKE) in boxes of JSON lines, `first` from 0. */
export const Rejected = exact({
  rows: BigInteger,
  boxes: Type.Array(exact({ first: Type.Integer(), rows: Type.Integer(), box: text(131_072, 1) }), {
    maxItems: REJECT_BOXES_MAX,
  }),
})
export type Reject = Static<typeof Reject>
export type Rejected = Static<typeof Rejected>

/** A record of a file that was set aside. `raw`: only where the reader's own department has provided it. */
export const RejectView = exact({
  generation: Type.Integer(),
  file: Type.String(),
  line: nullable(Type.Integer()),
  column: nullable(Type.String()),
  reason: Bilingual,
  raw: nullable(Type.String()),
  cut: Type.Boolean(),
})
export const listRejects = endpoint({
  id: 'exchange.reject.list',
  method: 'GET',
  path: '/api/v1/channels/:id/rejects',
  access: 'channel.read',
  words: words('拒收记录列表', 'List records that were set aside'),
  params: IdParams,
  query: exact({ ...PageQuery }),
  reply: exact({
    ...page(RejectView).properties,
    /** Whether the records themselves are shown. */
    rawShown: Type.Boolean(),
    /** Of the latest reading. */
    rows: BigInteger,
    at: nullable(Instant),
  }),
  errors: ['object.not_found'],
})

/** Names the use of the platform's key: a box of records cannot be opened as anything else. */
export const REJECTS_INFO = 'huitong/rejects/v1'
