import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createProxiedService, openService } from '@huitong/contract/gateway'
import type { BodyOf } from '@huitong/contract'
import { agreed, PEOPLE_TABLE, prepareCentre, publishTable } from './centre.ts'
import type { Service } from './gateway.ts'
import type { TestPlatform } from './platform.ts'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A department's own HTTP service: it remembers what it was asked, and answers as the test says. */
export interface Upstream {
  readonly url: string
  readonly seen: Seen[]
  answer: (request: Seen, reply: ServerResponse) => void
  stop(): Promise<void>
}

export async function startUpstream(): Promise<Upstream> {
  const server: Server = createServer((request, reply) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') }
      upstream.seen.push(one)
      upstream.answer(one, reply)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const upstream: Upstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`,
    seen: [],
    answer: (_request, reply) => sendJson(reply, '[]'),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return upstream
}

export const sendJson = (reply: ServerResponse, text: string, status = 200): void => {
  reply.writeHead(status, { 'content-type': 'application/json', 'set-cookie': 'a=b', 'x-internal': 'secret' })
  reply.end(text)
}

type Given = BodyOf<typeof createProxiedService>

const PERSON = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string' }, name: { type: ['string', 'null'] }, amount: { type: 'number' } },
}
export const OPERATIONS: Given['operations'] = [
  {
    code: 'find',
    name: { zh: '按编号查询' },
    method: 'GET',
    path: '/people',
    items: ['id', 'name'],
    parameters: [
      { name: 'id', type: 'integer', required: true, lengthMax: 20 },
      { name: 'q', type: 'text', required: false, lengthMax: 20 },
    ],
    body: null,
    reply: { type: 'array', items: PERSON },
    cacheSeconds: 0,
  },
  {
    code: 'batch',
    name: { zh: '批量查询' },
    method: 'POST',
    path: '/people/batch',
    items: ['id', 'name'],
    parameters: [],
    body: {
      type: 'object',
      required: ['ids'],
      properties: { ids: { type: 'array', items: { type: 'string' }, maxItems: 5 } },
    },
    reply: { type: 'object', required: ['people'], properties: { people: { type: 'array', items: PERSON } } },
    cacheSeconds: 0,
  },
  {
    code: 'phone',
    name: { zh: '查询电话' },
    method: 'GET',
    path: '/phone',
    items: ['phone'],
    parameters: [],
    body: null,
    reply: { type: 'array', items: PERSON },
    cacheSeconds: 0,
  },
  {
    code: 'kept',
    name: { zh: '可缓存的查询' },
    method: 'GET',
    path: '/kept',
    items: ['id'],
    parameters: [{ name: 'id', type: 'integer', required: false, lengthMax: 20 }],
    body: null,
    reply: { type: 'array', items: PERSON },
    cacheSeconds: 60,
  },
]

/** A published dataset whose department has a service of its own, registered; not opened for anybody yet. */
export async function registerUpstream(platform: TestPlatform, upstream: Upstream, over: Partial<Given> = {}) {
  const ground = await prepareCentre(platform)
  const dataset = await publishTable(platform, ground, PEOPLE_TABLE)
  const given: Given = {
    datasetId: dataset.id,
    code: 'people-live',
    name: { zh: '人口实时查询' },
    baseUrl: upstream.url,
    operations: OPERATIONS,
    timeoutMs: 1_000,
    replyBytesMax: 4_096,
    credential: { header: 'X-Api-Key', value: 'key-of-the-gateway' },
    ...over,
  }
  const centre = await platform.as('centre')
  const service = await centre.call(createProxiedService, { body: given })
  return { dataset, service, given }
}

/** The same, opened for the housing department: number and name, the phone not. */
export async function serveUpstream(platform: TestPlatform, upstream: Upstream, over: Partial<Given> = {}) {
  const made = await registerUpstream(platform, upstream, over)
  const request = await agreed(platform, made.dataset, 'works', { items: ['id', 'name'], method: 'service' })
  const centre = await platform.as('centre')
  const body = { grantId: request.grantId!, perSecondMax: 1_000, perDayMax: 100_000 }
  const service: Service = await centre.call(openService, { params: { id: made.service.id }, body })
  return { ...made, service, request }
}
