import { createPrivateKey, randomBytes } from 'node:crypto'
import { request as httpRequest, type ClientRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { signRequest, splitTarget } from '@huitong/contract/signature'
import { generateKeyPair } from '@huitong/segment'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { enrol, type TestNode } from '../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../tests/harness/platform.ts'
import { BODIES_BYTES_MAX } from './admission.ts'

const MIB = 1024 * 1024
const BODY_BYTES = 60 * MIB
const PATH = `/api/v1/node/segments/${'0'.repeat(64)}/content?offset=0`

describe('bodies before they are read', () => {
  const platform = usePlatform({ jobs: false })
  let port = 0
  let node: TestNode
  beforeAll(async () => {
    await platform.server.http.listen({ port: 0, host: '127.0.0.1' })
    port = (platform.server.http.server.address() as AddressInfo).port
    node = await enrol(platform, platform.departments.civil)
  })
  const open: ClientRequest[] = []
  afterEach(async () => {
    for (const one of open.splice(0)) one.destroy()
    await sleep(200)
  })

  /** Opens an upload of 60 MiB and sends all but its last byte, as far as the other side reads; answers what comes back. */
  function upload(headers: Record<string, string>): { answer: Promise<{ status: number; retryAfter?: string }> } {
    const asking = httpRequest({ port, method: 'PATCH', path: PATH, headers })
    open.push(asking)
    const answer = new Promise<{ status: number; retryAfter?: string }>((resolve) => {
      asking.on('response', (reply) => {
        reply.resume()
        const { 'retry-after': retryAfter } = reply.headers
        resolve({ status: reply.statusCode ?? 0, ...(retryAfter === undefined ? {} : { retryAfter }) })
      })
      asking.on('error', () => resolve({ status: 0 }))
    })
    asking.write(Buffer.alloc(BODY_BYTES - 1))
    return { answer }
  }
  const type = { 'content-type': 'application/octet-stream', 'content-length': String(BODY_BYTES) }
  /** Good in all that the headers tell; the body is another, so that the whole is refused in the end. */
  function claim(signing = node.signing, aheadSeconds = 0): Record<string, string> {
    const created = Math.floor(Date.now() / 1000) + aheadSeconds
    const facts = { keyId: signing.keyId, created, nonce: randomBytes(18).toString('base64url') }
    const key = createPrivateKey({ key: Buffer.from(signing.privateKey, 'base64'), format: 'der', type: 'pkcs8' })
    const parts = { method: 'PATCH', ...splitTarget(PATH), body: Buffer.alloc(0) }
    return { ...type, ...signRequest(parts, facts, key) }
  }
  const within = <T>(answer: Promise<T>, ms = 20_000) =>
    Promise.race([answer, sleep(ms).then(() => 'nothing' as const)])

  test('401: strangers, unknown keys and stale times are answered before their bodies have come', async () => {
    const strangers = [
      ...Array.from({ length: 20 }, () => type),
      claim(generateKeyPair('ed25519')),
      claim(node.signing, -3600),
    ]
    const answers = await Promise.all(strangers.map((headers) => within(upload(headers).answer)))
    // A refused sender may see the answer or only the closed connection, as it goes on sending.
    for (const answer of answers) expect([401, 429, 0]).toContain((answer as { status: number }).status)
    expect(answers.some((one) => one !== 'nothing' && one.status === 401)).toBe(true)
  })

  test('503: of twenty open uploads of a known node so many are read as the bound allows; when they end, others are', async () => {
    const uploads = Array.from({ length: 20 }, () => upload(claim()))
    const refused: number[] = []
    for (const { answer } of uploads) void answer.then(({ status }) => refused.push(status))
    const bound = Math.floor(BODIES_BYTES_MAX / BODY_BYTES)
    await vi.waitFor(() => expect(refused.length).toBeGreaterThanOrEqual(20 - bound), { timeout: 20_000 })
    // Those that are read have no answer until their last byte has come.
    await sleep(500)
    expect(refused).toHaveLength(20 - bound)
    for (const status of refused) expect([503, 0]).toContain(status)
    for (const one of open.splice(0)) one.destroy()
    const isRead = async () => expect(await within(upload(claim()).answer, 2_000)).toBe('nothing')
    await vi.waitFor(isRead, { timeout: 20_000, interval: 200 })
  })
})
