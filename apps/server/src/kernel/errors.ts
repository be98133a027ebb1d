import { ERRORS, type ErrorBody, type ErrorCode, type Place } from '@huitong/contract'

/** A refusal with a stable code. `detail` is for the log only and never reaches the caller. */
export class Refusal extends Error {
  readonly code: ErrorCode
  readonly places: readonly Place[]
  readonly detail: string | null
  /** After so many seconds it is worth trying again (`Retry-After`). */
  readonly retryAfterSeconds: number | null
  /** Id of whom or what it is about, for the audit row of the refusal; the caller never learns it. */
  readonly about: string | null
  constructor(
    code: ErrorCode,
    options: {
      places?: readonly Place[]
      detail?: string
      cause?: unknown
      retryAfterSeconds?: number
      about?: string
    } = {},
  ) {
    super(options.detail ? `${code}: ${options.detail}` : code, { cause: options.cause })
    this.name = 'Refusal'
    this.code = code
    this.places = options.places ?? []
    this.detail = options.detail ?? null
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
    this.about = options.about ?? null
  }
}

/** Ends the act at hand with a refusal. */
export function refuse(
  code: ErrorCode,
  options: { places?: readonly Place[]; detail?: string; retryAfterSeconds?: number; about?: string } = {},
): never {
  throw new Refusal(code, options)
}

/** A place in the input with what is wrong there; `path` is a JSON pointer into the body. */
export const place = (path: string, zh: string, en: string): Place => ({ path, problem: { zh, en } })

/** SQLSTATEs that mean the database went away, is starting, or two acts were in each other's way: try again. */
const DATABASE_AWAY = /^(08|57P0|53300|40001|40P01)/
/** SQLSTATE class 22: a value that no check before the database caught, such as a day that no month has. */
const BAD_VALUE = /^22/
const SOCKET_AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'])

/** The client went away while its request was being read: nobody's fault here, and nobody hears the answer. */
export const isAborted = (error: unknown): boolean => {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return code === 'ECONNRESET' && message === 'aborted'
}

/** The code under which any error is answered. */
export function codeOf(error: unknown): ErrorCode {
  if (error instanceof Refusal) return error.code
  if (isAborted(error)) return 'request.malformed'
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (typeof code === 'string') {
    if (DATABASE_AWAY.test(code) || SOCKET_AWAY.has(code)) return 'platform.database'
    if (code === 'ENOSPC' || code === '53100') return 'storage.full'
    if (code === '57014') return 'platform.timeout'
    if (code === '23505') return 'object.exists'
    if (BAD_VALUE.test(code)) return 'request.invalid'
    if (Object.hasOwn(ERRORS, code)) return code as ErrorCode
  }
  if (
    typeof message === 'string' &&
    /Connection terminated|not queryable|timeout exceeded when trying to connect/.test(message)
  )
    return 'platform.database'
  return 'platform.internal'
}

/** The public body of an error. */
export function errorBody(error: unknown, requestId: string): ErrorBody {
  const code = codeOf(error)
  const places = error instanceof Refusal && error.places.length > 0 ? { places: error.places } : {}
  return { error: { code, message: ERRORS[code].words, ...places, hop: 'server', requestId } }
}
