import { Type, type Static, type TSchema } from 'typebox'
import type { ErrorCode } from './errors.ts'
import type { Permission } from './permissions.ts'
import type { Words } from './words.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'

/**
 * Who may call: a permission of a signed-in person, any signed-in person (`session`), an enrolled node
 * whose key signs the request (`node`), an application of a using system whose secret signs the call (`application`), or
 * anybody (`public`).
 */
export type Access = Permission | 'session' | 'node' | 'application' | 'public'

/** `json` in and out; `upload` takes raw bytes; `stream` answers raw bytes; `long-poll` is `json` that may wait. */
export type Kind = 'json' | 'upload' | 'stream' | 'long-poll'

export interface Endpoint<
  P extends TSchema = TSchema,
  Q extends TSchema = TSchema,
  B extends TSchema = TSchema,
  R extends TSchema = TSchema,
  A extends Access = Access,
> {
  readonly id: string
  readonly method: Method
  readonly path: string
  readonly access: A
  readonly kind: Kind
  readonly words: Words
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly reply: R
  /** Status of a success. */
  readonly status: number
  /** The change needs `If-Match` with the ETag that was read. */
  readonly ifMatch: boolean
  /** Errors beyond those that every endpoint may answer. */
  readonly errors: readonly ErrorCode[]
  /** Largest body in bytes. */
  readonly bodyBytesMax: number
}

export type ParamsOf<E extends Endpoint> = Static<E['params']>
export type QueryOf<E extends Endpoint> = Static<E['query']>
export type BodyOf<E extends Endpoint> = Static<E['body']>
export type ReplyOf<E extends Endpoint> = Static<E['reply']>

const Nothing = Type.Object({}, { additionalProperties: false })
const BODY_BYTES_MAX = 1024 * 1024

type Given<P extends TSchema, Q extends TSchema, B extends TSchema, R extends TSchema, A extends Access> = Pick<
  Endpoint,
  'id' | 'method' | 'path' | 'words'
> &
  Partial<Pick<Endpoint, 'kind' | 'status' | 'ifMatch' | 'errors' | 'bodyBytesMax'>> & {
    params?: P
    query?: Q
    body?: B
    reply: R
    access: A
  }

/** Declares an endpoint as a value; server, client, OpenAPI and tests all read this one value. */
export function endpoint<
  P extends TSchema = typeof Nothing,
  Q extends TSchema = typeof Nothing,
  B extends TSchema = typeof Nothing,
  R extends TSchema = TSchema,
  const A extends Access = Access,
>(given: Given<P, Q, B, R, A>): Endpoint<P, Q, B, R, A> {
  return {
    kind: 'json',
    status: 200,
    ifMatch: false,
    errors: [],
    bodyBytesMax: BODY_BYTES_MAX,
    ...given,
    params: (given.params ?? Nothing) as P,
    query: (given.query ?? Nothing) as Q,
    body: (given.body ?? Nothing) as B,
  }
}
