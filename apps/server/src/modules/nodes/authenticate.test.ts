import { createHash } from 'node:crypto'
import { enrolNode, pollWork } from '@huitong/contract/nodes'
import { contentDigest } from '@huitong/contract/signature'
import { beforeAll, describe, expect, test } from 'vitest'
import { refused } from '../../../../../tests/harness/guards.ts'
import { enrol, nodeOf, type TestNode } from '../../../../../tests/harness/node.ts'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { generateKeyPair } from '@huitong/segment'

describe('signed requests of nodes', () => {
  const platform = usePlatform({ jobs: false })
  let node: TestNode
  beforeAll(async () => {
    node = await enrol(platform, platform.departments.civil)
  })
  const body = () => ({ boot: node.boot, version: '0.1.0', running: [], waitSeconds: 0 })
  const bent = (bend: Parameters<TestNode['bent']>[0]) => node.bent(bend, pollWork, { body: body() })

  test('a request that the node signed passes', async () => {
    expect(await node.poll()).toEqual({ work: [], revoked: [] })
  })

  test('401: no signature, and a session is none', async () => {
    await refused(clientOf(platform.server).call(pollWork, { body: body() }), 'signature.invalid')
    await refused((await platform.as('centre')).call(pollWork, { body: body() }), 'signature.invalid')
  })

  test('409: a nonce that was used once does not pass again', async () => {
    const nonce = 'nonce-nonce-nonce-1'
    await bent({ nonce })
    await refused(bent({ nonce }), 'request.replayed')
  })

  test('of many copies at the same time one passes', async () => {
    const nonce = 'nonce-nonce-nonce-2'
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => bent({ nonce })))
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  })

  test('401: a clock that is more than five minutes off, either way; less is allowed', async () => {
    for (const aheadSeconds of [-310, 310, -86_400, 1e9]) await refused(bent({ aheadSeconds }), 'signature.invalid')
    for (const aheadSeconds of [-290, 290]) await bent({ aheadSeconds })
  })

  test('401: a key that nobody enrolled, and a known key with another’s signature', async () => {
    const stranger = nodeOf(platform.server, { ...node, signing: generateKeyPair('ed25519') })
    await refused(stranger.poll(), 'signature.invalid')
    await refused(stranger.bent({ keyId: node.signing.keyId }, pollWork, { body: body() }), 'signature.invalid')
  })

  test('401: body, path, query, method or digest changed after signing', async () => {
    await refused(
      bent({ tamper: (sent) => (sent.body = String(sent.body).replace('"waitSeconds":0', '"waitSeconds":1')) }),
      'signature.invalid',
    )
    await refused(
      bent({
        tamper(sent) {
          sent.body = String(sent.body).replace('"waitSeconds":0', '"waitSeconds":1')
          sent.headers['content-digest'] = contentDigest(Buffer.from(sent.body))
        },
      }),
      'signature.invalid',
    )
    await refused(bent({ tamper: (sent) => (sent.path += '?x=1') }), 'signature.invalid')
    await refused(bent({ tamper: (sent) => delete sent.headers['content-digest'] }), 'signature.invalid')
    await refused(bent({ tamper: (sent) => delete sent.headers['signature'] }), 'signature.invalid')
    await refused(
      bent({
        tamper: (sent) => (sent.headers['content-digest'] = `sha-512=:${createHash('sha512').digest('base64')}:`),
      }),
      'signature.invalid',
    )
  })

  test('401: another profile than ours: algorithm, covered parts, labels', async () => {
    const change = (from: string, to: string) => (sent: { headers: Record<string, string> }) => {
      sent.headers['signature-input'] = sent.headers['signature-input']!.replace(from, to)
    }
    for (const tamper of [
      change('ed25519', 'hmac-sha256'),
      change('ed25519', 'none'),
      change(' "content-digest"', ''),
      change('huitong=', 'sig1='),
      change(';nonce="', ';nonce2="'),
      change('keyid="', 'keyid="../'),
    ])
      await refused(bent({ tamper }), 'signature.invalid')
  })

  test('a refused request does not use up its nonce for the true node', async () => {
    const nonce = 'nonce-nonce-nonce-3'
    await refused(bent({ nonce, tamper: (sent) => (sent.body = '{}') }), 'signature.invalid')
    await bent({ nonce })
  })

  test('a node reaches no endpoint of people, and its signature does not sign anybody in', async () => {
    const { listNodes } = await import('@huitong/contract/nodes')
    await refused(node.call(listNodes), 'session.required')
  })

  test('a key that has not enrolled signs nobody in', async () => {
    const fresh = nodeOf(platform.server, { ...node, signing: generateKeyPair('ed25519') })
    await refused(
      fresh.call(enrolNode, {
        body: {
          code: 'x'.repeat(24),
          signingKey: fresh.signing.publicKey,
          sealingKey: fresh.sealing.publicKey,
          version: '1',
        },
      }),
      'enrolment.code',
    )
    await refused(fresh.poll(), 'signature.invalid')
  })
})
