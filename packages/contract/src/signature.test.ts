import { generateKeyPairSync, sign as ed25519Sign, verify as ed25519Verify } from 'node:crypto'
import { httpbis } from 'http-message-signatures'
import { describe, expect, test } from 'vitest'
import {
  contentDigest,
  readSignatureInput,
  signRequest,
  splitTarget,
  verifyRequest,
  type SignedParts,
} from './signature.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const other = generateKeyPairSync('ed25519')
const facts = { keyId: 'a1b2c3d4e5f60718', created: 1_790_000_000, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }
const parts: SignedParts = {
  method: 'PATCH',
  path: '/api/v1/node/segments/ab/content',
  query: '?offset=0',
  body: Buffer.from('批次'),
}

describe('signed requests of nodes', () => {
  test('what was signed verifies, and only with the key that signed', () => {
    const headers = signRequest(parts, facts, privateKey)
    expect(verifyRequest(parts, headers, publicKey)).toBe(true)
    expect(verifyRequest(parts, headers, other.publicKey)).toBe(false)
    expect(readSignatureInput(headers['signature-input'])).toEqual(facts)
  })

  test.each([
    ['method', { method: 'PUT' }],
    ['path', { path: '/api/v1/node/segments/ac/content' }],
    ['query', { query: '?offset=1' }],
    ['query removed', { query: '?' }],
    ['body', { body: Buffer.from('批刺') }],
    ['body removed', { body: Buffer.alloc(0) }],
  ])('refuses another %s', (_name, change) => {
    expect(verifyRequest({ ...parts, ...change }, signRequest(parts, facts, privateKey), publicKey)).toBe(false)
  })

  test('refuses any changed byte of its headers, and missing ones', () => {
    const headers = signRequest(parts, facts, privateKey)
    for (const name of Object.keys(headers)) {
      const value = headers[name]!
      for (let at = 0; at < value.length; at++) {
        const changed = `${value.slice(0, at)}${value[at] === 'A' ? 'B' : 'A'}${value.slice(at + 1)}`
        expect(verifyRequest(parts, { ...headers, [name]: changed }, publicKey), `${name}[${at}]`).toBe(false)
      }
      expect(verifyRequest(parts, { ...headers, [name]: '' }, publicKey)).toBe(false)
    }
  })

  test('refuses another spelling of the same signature', () => {
    const headers = signRequest(parts, facts, privateKey)
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const [last, before] = [headers.signature!.at(-4)!, headers.signature!.slice(0, -4)]
    for (let spare = 1; spare < 16; spare++) {
      const signature = `${before}${letters[letters.indexOf(last) + spare]}==:`
      expect(verifyRequest(parts, { ...headers, signature }, publicKey), signature).toBe(false)
    }
  })

  test('a body swapped together with its digest does not pass', () => {
    const headers = signRequest(parts, facts, privateKey)
    const body = Buffer.from('别的')
    expect(verifyRequest({ ...parts, body }, { ...headers, 'content-digest': contentDigest(body) }, publicKey)).toBe(
      false,
    )
  })

  test('splits a request target as RFC 9421 names its parts', () => {
    expect(splitTarget('/a/b?c=d&e')).toEqual({ path: '/a/b', query: '?c=d&e' })
    expect(splitTarget('/a/b')).toEqual({ path: '/a/b', query: '?' })
  })
})

describe('against software that others wrote (http-message-signatures)', () => {
  const url = `http://platform.example${parts.path}${parts.query}`

  test('their verifier accepts our signature and refuses a changed query', async () => {
    const headers = signRequest(parts, facts, privateKey)
    const verifyWith = (target: string) =>
      httpbis.verifyMessage(
        {
          keyLookup: async () => ({
            id: facts.keyId,
            algs: ['ed25519'],
            verify: async (data: Buffer, signature: Buffer) => ed25519Verify(null, data, publicKey, signature),
          }),
          tolerance: Number.MAX_SAFE_INTEGER,
          notAfter: new Date(facts.created * 1000 + 1000),
        },
        { method: parts.method, url: target, headers },
      )
    expect(await verifyWith(url)).toBe(true)
    expect(await verifyWith(url.replace('offset=0', 'offset=9'))).not.toBe(true)
  })

  test('our verifier accepts their signature over the same parts', async () => {
    const signed = await httpbis.signMessage(
      {
        name: 'huitong',
        key: { id: facts.keyId, alg: 'ed25519', sign: async (data: Buffer) => ed25519Sign(null, data, privateKey) },
        fields: ['@method', '@path', '@query', 'content-digest'],
        params: ['created', 'keyid', 'nonce', 'alg'],
        paramValues: { created: new Date(facts.created * 1000), nonce: facts.nonce },
      },
      { method: parts.method, url, headers: { 'content-digest': contentDigest(parts.body) } },
    )
    const lower = Object.fromEntries(
      Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
    )
    expect(verifyRequest(parts, lower, publicKey)).toBe(true)
  })
})
