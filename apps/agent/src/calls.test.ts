import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerNodeCall, pollCalls, type NodeCall, type NodeCallReply } from '@huitong/contract/gateway'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { basesOf, isAllowed, replyOf, serveCalls } from './calls.ts'
import { createLog } from './log.ts'

describe('calls of the department’s services', () => {
  let base = ''
  const seen: string[] = []
  let answer: (reply: ServerResponse) => void = (reply) => reply.end()
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${request.headers['x-api-key']} ${Buffer.concat(chunks).toString()}`)
      answer(reply)
    })
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  const call = (over: Partial<NodeCall> = {}): NodeCall => ({
    id: '00000000-0000-4000-8000-000000000001',
    method: 'GET',
    url: `${base}/people?id=2`,
    headers: { 'x-api-key': 'k' },
    body: null,
    timeoutMs: 10_000,
    replyBytesMax: 20,
    ...over,
  })
  const signal = new AbortController().signal
  const json = (text: string, status = 200, more = {}) => {
    answer = (reply) => void reply.writeHead(status, { 'content-type': 'application/json', ...more }).end(text)
  }

  test('only below an address that the department allowed, however it is written', () => {
    const bases = basesOf('http://10.0.0.7:8080/api/, https://x.cn')
    expect(bases).toEqual(['http://10.0.0.7:8080/api', 'https://x.cn'])
    for (const address of ['http://10.0.0.7:8080/api', 'http://10.0.0.7:8080/api/a?b=c', 'https://x.cn/a'])
      expect([address, isAllowed(address, bases)]).toEqual([address, true])
    for (const address of [
      'http://10.0.0.7:8080/apix',
      'http://10.0.0.7:8080/api/../admin',
      'http://10.0.0.7:8080/api/%2e%2e/admin',
      'http://10.0.0.7/api',
      'https://10.0.0.7:8080/api',
      'https://x.cn.evil.cn/a',
      'https://x.cn@evil.cn/a',
      'no address',
    ])
      expect([address, isAllowed(address, bases)]).toEqual([address, false])
    expect(() => basesOf('file:///etc')).toThrow('http')
  })

  test('question and reply travel as they are; what becomes of others is said', async () => {
    json('[1]')
    const body = Buffer.from('{"a":1}').toString('base64')
    expect(await replyOf(call({ method: 'POST', body }), [base], signal)).toEqual({
      outcome: 'answered',
      status: 200,
      contentType: 'application/json',
      body: Buffer.from('[1]').toString('base64'),
    })
    expect(seen).toEqual(['POST /api/people?id=2 k {"a":1}'])
    const outcome = async (over: Partial<NodeCall> = {}) => {
      const { outcome: what, status } = await replyOf(call(over), [base], signal)
      return [what, status]
    }
    expect(await outcome({ url: 'http://127.0.0.1:1/elsewhere' })).toEqual(['not_allowed', 0])
    json('x'.repeat(21))
    expect(await outcome()).toEqual(['too_large', 0])
    json('', 302, { location: 'http://127.0.0.1:1/' })
    expect(await outcome()).toEqual(['answered', 302])
    json('x', 200, { 'content-encoding': 'gzip' })
    expect((await outcome())[0]).toBe('failed')
    answer = () => undefined
    expect(await outcome({ timeoutMs: 300 })).toEqual(['timeout', 0])
    answer = (reply) => void reply.destroy()
    expect(await outcome()).toEqual(['failed', 0])
  })

  test('it asks again and again, also after the platform was away, and ends with the agent', async () => {
    json('[1]')
    const stop = new AbortController()
    const replies: NodeCallReply[] = []
    let asked = 0
    const platform = {
      call: (endpoint: unknown, input: { body: NodeCallReply }) => {
        if (endpoint === answerNodeCall) {
          replies.push(input.body)
          if (replies.length === 2) stop.abort()
          return Promise.resolve({ awaited: true })
        }
        expect(endpoint).toBe(pollCalls)
        if (++asked === 2) return Promise.reject(new Error('away'))
        // As the platform does, it waits when there is nothing.
        if (asked > 3) return new Promise((resolve) => setTimeout(() => resolve({ calls: [] }), 20))
        return Promise.resolve({ calls: [call()] })
      },
    }
    await serveCalls({ platform: platform as never, log: createLog(() => undefined) }, [base], stop.signal)
    expect(replies.map((one) => one.outcome)).toEqual(['answered', 'answered'])
    await serveCalls({ platform: platform as never, log: createLog(() => undefined) }, [], signal)
  })
})
