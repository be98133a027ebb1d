import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Services } from '../../kernel/services.ts'

/** How long an access token opens anything. */
export const TOKEN_SECONDS = 600

/** What an access token says: who, under which version of the secret, for which matter (its scope). */
export interface TokenFacts {
  readonly appId: string
  readonly version: number
  readonly matter: string
}

const keys = new WeakMap<Services, string>()
const keyOf = (services: Services): string => {
  const key = keys.get(services) ?? services.secrets.derive('gateway/token')
  keys.set(services, key)
  return key
}
const macOf = (services: Services, payload: string) => createHmac('sha256', keyOf(services)).update(payload).digest()
const secondsOf = (services: Services) => Math.floor(services.clock.now().getTime() / 1000)

/** A token to carry in `Authorization: Bearer`: nobody but the platform's own processes can read its form or make one. */
export function makeToken(services: Services, { appId, version, matter }: TokenFacts): string {
  const facts = [appId, version, matter, secondsOf(services) + TOKEN_SECONDS, randomBytes(9).toString('base64url')]
  const payload = Buffer.from(JSON.stringify(facts)).toString('base64url')
  return `${payload}.${macOf(services, payload).toString('base64url')}`
}

/** What a token says; null when we did not make it, or it is over. */
export function readToken(services: Services, token: string): TokenFacts | null {
  const [payload = '', mac = '', ...more] = token.split('.')
  const [given, made] = [Buffer.from(mac, 'base64url'), macOf(services, payload)]
  if (more.length > 0 || given.length !== made.length || !timingSafeEqual(given, made)) return null
  const [appId, version, matter, until] = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as [
    string,
    number,
    string,
    number,
  ]
  return secondsOf(services) < until ? { appId, version, matter } : null
}
