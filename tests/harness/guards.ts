import type { CallError, CallInput, Endpoint, ErrorCode, ReplyOf } from '@huitong/contract'
import { ERRORS } from '@huitong/contract'
import { expect, test } from 'vitest'
import { clientOf, type Account, type TestPlatform } from './platform.ts'

/** A UUID that no object has. */
export const NOBODY = '00000000-0000-4000-8000-000000000000'

/** Expects a refusal with exactly this code and its status; answers it for further looks. */
export async function refused(call: Promise<unknown>, code: ErrorCode): Promise<CallError> {
  const error = await call.then(
    (reply) => ({ code: 'no refusal', status: 200, reply }),
    (given: CallError) => given,
  )
  expect({ code: error.code, status: error.status }).toEqual({ code, status: ERRORS[code].status })
  return error as CallError
}

/** The paths that a refusal names. */
export const pathsOf = (error: CallError): string[] => error.places.map((one) => one.path)

/** The cases that every verb with an access word has alike: 401, 403, and 428 and 412 where a version is asked for. */
export function guards<E extends Endpoint>(
  platform: TestPlatform,
  endpoint: E,
  given: {
    /** Input that would pass for somebody who may. */
    input: () => Promise<CallInput<E>> | CallInput<E>
    /** People without the permission. */
    denied?: readonly Account[]
    /** Somebody with the permission: for the version checks. */
    allowed?: Account
  },
): void {
  test('401: without a session', async () => {
    await refused(clientOf(platform.server).call(endpoint, await given.input(), { match: 1 }), 'session.required')
  })
  const { denied = [], allowed } = given
  if (denied.length > 0)
    test(`403: ${denied.join(', ')} may not`, async () => {
      for (const account of denied) {
        const other = await platform.as(account)
        await refused(other.call(endpoint, await given.input(), { match: 1 }), 'permission.denied')
      }
    })
  if (endpoint.ifMatch && allowed)
    test('428 without If-Match, 412 with the version of somebody else’s past', async () => {
      const client = await platform.as(allowed)
      const input = await given.input()
      await refused(client.call(endpoint, input), 'object.match_required')
      await refused(client.call(endpoint, input, { match: 999_999 }), 'object.changed')
    })
}

/** Asks until the answer passes, for what happens a moment later; fails with the last answer. */
export async function eventually<T>(
  ask: () => Promise<T>,
  holds: (answer: T) => boolean,
  timeoutMs = 10_000,
): Promise<T> {
  const until = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    if (performance.now() > until) throw new Error(`it did not come to hold: ${JSON.stringify(answer)?.slice(0, 2000)}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

export type Reply<E extends Endpoint> = ReplyOf<E>
