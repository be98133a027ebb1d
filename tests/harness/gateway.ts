import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { ReplyOf } from '@huitong/contract'
import type { RequestContent } from '@huitong/contract/catalogue'
import { createApplication, createService, openService, type readService } from '@huitong/contract/gateway'
import { agreed, land, PEOPLE_TABLE, prepareCentre, type CentreGround, type Landed } from './centre.ts'
import type { Request } from './catalogue.ts'
import type { TestPlatform } from './platform.ts'

export type Service = ReplyOf<typeof readService>
export const MATTER = '330117001000'

export interface Served {
  readonly ground: CentreGround
  readonly landed: Landed
  readonly service: Service
  readonly request: Request
}

/** A landed table of people, and the service that was made from it: not opened for anybody yet. */
export async function makeService(platform: TestPlatform, code = 'people'): Promise<Omit<Served, 'request'>> {
  const ground = await prepareCentre(platform)
  const landed = await land(platform, ground, PEOPLE_TABLE)
  const centre = await platform.as('centre')
  const body = { channelId: landed.channel.id, code, name: { zh: '人口基本信息查询' } }
  return { ground, landed, service: await centre.call(createService, { body }) }
}

/** A grant by interface for the housing department: some items, the number masked, villages of this city only. */
export const granted = (platform: TestPlatform, landed: Landed, over: Partial<RequestContent> = {}): Promise<Request> =>
  agreed(
    platform,
    landed.dataset,
    'works',
    { items: ['id', 'name', 'id_number', 'village_code'], method: 'service', ...over },
    {
      masks: [{ item: 'id_number', mask: 'id_number' }],
      rowFilter: { op: 'startsWith', field: 'village_code', value: { type: 'text', value: '33' } },
    },
  )

/** A service that is opened for the housing department. */
export async function serve(
  platform: TestPlatform,
  quota: { perSecondMax?: number; perDayMax?: number; totalMax?: string } = {},
): Promise<Served> {
  const made = await makeService(platform)
  const request = await granted(platform, made.landed)
  const service = await (
    await platform.as('centre')
  ).call(openService, {
    params: { id: made.service.id },
    body: { grantId: request.grantId!, perSecondMax: 1_000, perDayMax: 100_000, ...quota },
  })
  return { ...made, request, service }
}

export interface Credential {
  readonly id: string
  readonly appId: string
  readonly secret: string
  readonly version: number
}

export async function credential(platform: TestPlatform, name = '租赁备案系统'): Promise<Credential> {
  const developer = await platform.as('works-developer')
  const { application, secret } = await developer.call(createApplication, { body: { name } })
  return { id: application.id, appId: application.appId, secret, version: application.version }
}

export interface CallGiven {
  readonly method?: 'GET' | 'POST'
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly matter?: string | null
  readonly nonce?: string
  /** Unix seconds. */
  readonly timestamp?: number
  /** Signed by HMAC-SM3 instead of HMAC-SHA256. */
  readonly sm3?: boolean
  /** Changes the headers after they were signed. */
  readonly spoil?: (headers: Record<string, string>) => void
}

export interface CallReply {
  readonly status: number
  /** Code of the refusal; null when the call was answered. */
  readonly code: string | null
  readonly body: Record<string, unknown>
  readonly retryAfter: string | null
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

export interface SignedRequest {
  readonly method: 'GET' | 'POST'
  /** Path with the query. */
  readonly url: string
  readonly headers: Record<string, string>
  readonly payload: string
}

/** A call as an application signs it: by hand here, not by the platform's own code. */
export function signedRequest(
  platform: TestPlatform,
  { appId, secret }: Pick<Credential, 'appId' | 'secret'>,
  path: string,
  given: CallGiven = {},
): SignedRequest {
  const method = given.method ?? 'GET'
  const query = Object.entries(given.query ?? {})
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')
  const payload = given.body === undefined ? '' : JSON.stringify(given.body)
  const timestamp = String(given.timestamp ?? Math.floor(platform.server.services.clock.now().getTime() / 1000))
  const nonce = given.nonce ?? randomBytes(16).toString('hex')
  const matter = given.matter === null ? '' : (given.matter ?? MATTER)
  const hash = given.sm3 ? 'sm3' : 'sha256'
  const algorithm = given.sm3 ? 'HUITONG-HMAC-SM3' : 'HUITONG-HMAC-SHA256'
  const digest = createHash(hash).update(payload).digest('hex')
  const text = [algorithm, method, path, query, digest, appId, timestamp, nonce, matter].join('\n')
  const headers: Record<string, string> = {
    'x-huitong-app': appId,
    'x-huitong-timestamp': timestamp,
    'x-huitong-nonce': nonce,
    'x-huitong-signature': createHmac(hash, secret).update(text).digest('hex'),
    ...(given.sm3 ? { 'x-huitong-algorithm': algorithm } : {}),
    ...(matter === '' ? {} : { 'x-huitong-matter': matter }),
    ...(payload === '' ? {} : { 'content-type': 'application/json' }),
  }
  return { method, url: query === '' ? path : `${path}?${query}`, headers, payload }
}

/** Calls a service as an application does. */
export async function callService(
  platform: TestPlatform,
  app: Pick<Credential, 'appId' | 'secret'>,
  path: string,
  given: CallGiven = {},
): Promise<CallReply> {
  const { method, url, headers, payload } = signedRequest(platform, app, path, given)
  given.spoil?.(headers)
  const reply = await platform.server.http.inject({ method, url, headers, ...(payload === '' ? {} : { payload }) })
  const isJson = String(reply.headers['content-type']).startsWith('application/json')
  const parsed = JSON.parse(isJson ? reply.payload : '{}') as Record<string, unknown> & { error?: { code: string } }
  return {
    status: reply.statusCode,
    code: parsed.error?.code ?? null,
    body: parsed,
    retryAfter: (reply.headers['retry-after'] as string | undefined) ?? null,
  }
}
