import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { someLeaves } from '../test/naive.ts'
import { makeBundle, verifyBundle } from './bundle.ts'
import type { ProofBundle } from './bundle.ts'
import { canonicalJson } from './canonical-json.ts'
import { commit, decodeEvidence, encodeEvidence } from './evidence.ts'
import type { EvidenceEntry } from './evidence.ts'
import { createLog } from './log.ts'
import type { Log } from './log.ts'
import { ed25519Signer } from './note.ts'
import { formatTlogProof, parseTlogProof, verifyTlogProof } from './proof.ts'
import { memoryLock, memoryTileStore } from './testing.ts'
import { hashLeaf } from './tree.ts'

const origin = 'log.example/2026'
const signer = ed25519Signer(origin, Buffer.alloc(32, 5))
const salt = Buffer.alloc(16, 3)
const payload = {
  from: '民政局',
  to: '人社局',
  dataset: '婚姻登记信息',
  rows: 1200,
  purpose: null,
  items: ['姓名', true],
}
const entry: EvidenceEntry = {
  v: 1,
  type: 'exchange.segment',
  time: '2026-03-02T01:02:03.004Z',
  actor: 'dept:11320000MB151840XJ',
  object: 'segment:0190-77',
  sha256commitment: commit(salt, payload),
}
const leaf = encodeEvidence(entry)
let log: Log
let proof: string
let bundle: ProofBundle

beforeAll(async () => {
  log = await createLog({ origin, store: memoryTileStore(), lock: memoryLock(), signers: [signer] })
  await log.appendBatch([...someLeaves(300), leaf, ...someLeaves(99)])
  proof = await log.proveInclusion(300)
  bundle = makeBundle({ log: signer.verifierKey, proof, entry, payload, salt })
})

describe('tlog-proof', () => {
  test('has the lines of the draft', () => {
    const lines = proof.split('\n')
    expect(lines[0]).toBe('c2sp.org/tlog-proof@v1')
    expect(lines[1]).toBe('index 300')
    const blank = lines.indexOf('')
    expect(blank).toBe(11)
    expect(lines[blank + 1]).toBe(origin)
    expect(parseTlogProof(proof)).toMatchObject({ index: 300, hashes: { length: 9 } })
    const withExtra = { ...parseTlogProof(proof), extra: Buffer.from('more') }
    expect(parseTlogProof(formatTlogProof(withExtra))).toEqual(withExtra)
    expect(verifyTlogProof(formatTlogProof(withExtra), leaf, [signer.verifier]).index).toBe(300)
  })

  test('malformed proofs are refused', () => {
    const bent = [
      '',
      'c2sp.org/tlog-proof@v1\n\n',
      proof.replace('@v1', '@v2'),
      proof.replace('index 300', 'index 0300'),
      proof.replace('index 300', 'index 9007199254740992'),
      proof.replace('index 300', 'index -1'),
      proof.replace('index 300', 'extra !!!\nindex 300'),
      proof.replace('index 300\n', ''),
      proof.replace('index 300', 'index 300\nAAAA'),
      proof.replaceAll('\n', '\r\n'),
      proof.replace('\n\n', '\n'),
      proof.replace('index 300\n', `index 300\n${`${'A'.repeat(43)}=\n`.repeat(65)}`),
    ]
    for (const text of bent) expect(() => verifyTlogProof(text, leaf, [signer.verifier]), text).toThrow(/^bad_/)
  })

  test('mutation: any flipped bit of the proof with its checkpoint, or of the leaf, is refused', () => {
    const bytes = Buffer.from(proof)
    for (let at = 0; at < bytes.byteLength; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bent = Buffer.from(bytes)
        bent[at]! ^= 1 << bit
        expect(() => verifyTlogProof(bent, leaf, [signer.verifier]), `byte ${at} bit ${bit}`).toThrow(/^(bad|no)/)
      }
    }
    for (let at = 0; at < leaf.byteLength; at++) {
      const bent = Uint8Array.from(leaf)
      bent[at]! ^= 1
      expect(() => verifyTlogProof(proof, bent, [signer.verifier])).toThrow(/^not_included/)
    }
  })
})

describe('evidence entries', () => {
  test('are canonical, small, and hold nothing but identifiers and a commitment', () => {
    expect(decodeEvidence(leaf)).toEqual(entry)
    expect(Buffer.from(leaf).toString()).toMatch(/^\{"actor":"dept:.*"v":1\}$/)
    expect(Buffer.from(leaf).toString()).not.toContain('民政局')
    const linked = { ...entry, previous: Buffer.from(hashLeaf(leaf)).toString('hex') }
    expect(decodeEvidence(encodeEvidence(linked))).toEqual(linked)
  })

  test('anything else is refused, with the field', () => {
    const bad: [string, object][] = [
      ['v', { v: 2 }],
      ['name', { name: '张三' }],
      ['actor', { actor: '张三' }],
      ['object', { object: 'a b' }],
      ['object', { object: 'x'.repeat(129) }],
      ['type', { type: 'Exchange' }],
      ['time', { time: '2026-02-30T00:00:00Z' }],
      ['time', { time: '2026-02-03 00:00:00' }],
      ['time', { time: '2026-02-03T00:00:00+08:00' }],
      ['sha256commitment', { sha256commitment: 'AB'.repeat(32) }],
      ['previous', { previous: '' }],
    ]
    for (const [place, change] of bad) {
      expect(() => encodeEvidence({ ...entry, ...change }), place).toThrow(
        expect.objectContaining({ code: 'bad_leaf', place }) as Error,
      )
    }
    for (const text of ['[]', '{}', 'null', '', Buffer.from(leaf).toString().replace(',', ', ')]) {
      expect(() => decodeEvidence(Buffer.from(text)), text).toThrow(/bad_leaf/)
    }
    expect(() => decodeEvidence(Buffer.from(`{"v":1,${Buffer.from(leaf).toString().slice(1)}`))).toThrow(/bad_leaf/)
  })

  test('commitments: another salt or payload is another commitment; a short salt is refused', () => {
    expect(commit(salt, { b: 1, a: 2 })).toBe(commit(salt, { a: 2, b: 1 }))
    expect(commit(salt, { a: 1 })).not.toBe(commit(salt, { a: '1' }))
    expect(commit(Buffer.alloc(16, 4), payload)).not.toBe(entry.sha256commitment)
    expect(() => commit(Buffer.alloc(15), payload)).toThrow(/bad_input at salt/)
    for (const value of [1.5, Number.NaN, undefined, { a: undefined }, new Date(0), '\ud800', 2 ** 53, 1n, () => 1]) {
      expect(() => commit(salt, value)).toThrow(/bad_input/)
    }
  })

  test('canonical JSON: the sorting example of RFC 8785 section 3.2.3, and a property', () => {
    const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
    expect(canonicalJson(keys)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}')
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
        let text: string
        try {
          text = canonicalJson(value)
        } catch {
          return
        }
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
    )
    let deep: unknown = 1
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(() => canonicalJson(deep)).toThrow(/deeper than 64/)
  })
})

describe('proof bundles', () => {
  test('verify from text, bytes or value, and say what they prove', () => {
    const facts = { ok: true, origin, index: 300, size: 400, entry, payload, signedBy: [origin] }
    expect(verifyBundle(bundle, [signer.verifierKey])).toMatchObject(facts)
    expect(verifyBundle(JSON.stringify(bundle), [signer.verifierKey])).toMatchObject(facts)
    expect(verifyBundle(Buffer.from(JSON.stringify(bundle, null, 2)), [signer.verifierKey])).toMatchObject(facts)
    expect(() => verifyBundle(bundle, ['nonsense'])).toThrow(/bad_key/)
  })

  test('each refusal has its code and place', () => {
    const stranger = ed25519Signer(origin, Buffer.alloc(32, 9))
    const leaf2 = Buffer.from(encodeEvidence({ ...entry, actor: 'dept:other' })).toString('base64')
    const cases: [string, string, unknown][] = [
      ['bad_bundle', '', 'not json'],
      ['bad_bundle', '', null],
      ['bad_bundle', '', []],
      ['bad_bundle', 'format', { ...bundle, format: 'huitong-proof/v2' }],
      ['bad_bundle', 'leaf', { ...bundle, leaf: undefined }],
      ['bad_bundle', 'more', { ...bundle, more: 1 }],
      ['bad_bundle', 'leaf', { ...bundle, leaf: `${bundle.leaf}=` }],
      ['bad_bundle', 'disclosed.salt', { ...bundle, disclosed: { payload, salt: 'AAAA' } }],
      ['bad_bundle', 'disclosed.payload', { ...bundle, disclosed: { ...bundle.disclosed, payload: 'x' } }],
      ['untrusted_log', 'log', { ...bundle, log: stranger.verifierKey }],
      ['bad_proof', 'proof: line 2', { ...bundle, proof: bundle.proof.replace('index 300', 'index x') }],
      ['not_included', 'proof', { ...bundle, proof: bundle.proof.replace('index 300', 'index 301') }],
      ['bad_signature', `proof: ${origin}`, { ...bundle, proof: bundle.proof.replace('\n400\n', '\n401\n') }],
      ['not_included', 'proof', { ...bundle, leaf: leaf2 }],
      ['commitment_mismatch', 'disclosed', withPayload({ ...payload, rows: 1201 })],
      ['bad_input', 'disclosed.payload: $.rows', withPayload({ ...payload, rows: 1.5 })],
    ]
    for (const [code, place, bent] of cases) {
      expect(verifyBundle(bent, [signer.verifierKey]), `${code} ${place}`).toMatchObject({ ok: false, code, place })
    }
    expect(verifyBundle(bundle, [])).toMatchObject({ ok: false, code: 'untrusted_log' })
    expect(verifyBundle(bundle, [stranger.verifierKey])).toMatchObject({ ok: false, code: 'untrusted_log' })
  })

  test('property: no value whatever makes it throw or accept', () => {
    fc.assert(fc.property(fc.anything(), (value) => !verifyBundle(value, [signer.verifierKey]).ok))
    fc.assert(
      fc.property(fc.constantFrom('format', 'log', 'proof', 'leaf', 'disclosed'), fc.jsonValue(), (key, value) => {
        expect(verifyBundle({ ...bundle, [key]: value }, [signer.verifierKey]).ok).toBe(false)
      }),
    )
  })
})

function withPayload(changed: object): unknown {
  return { ...bundle, disclosed: { ...bundle.disclosed, payload: changed } }
}
