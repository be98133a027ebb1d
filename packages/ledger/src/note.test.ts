import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { refereeFolder } from '../test/referees.ts'
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts'
import {
  ed25519Signer,
  formatSignatureLine,
  noteKeyId,
  parseNote,
  parseVerifierKey,
  signNote,
  verifyEd25519,
  verifyNote,
} from './note.ts'
import type { NoteSigner } from './note.ts'
import { emptyRoot, hashLeaf } from './tree.ts'

const log = ed25519Signer('log.example/2026', Buffer.alloc(32, 7))
const other = ed25519Signer('witness.example', Buffer.alloc(32, 8))
const stranger = ed25519Signer('stranger.example', Buffer.alloc(32, 9))
const wycheproof = refereeFolder('wycheproof')

describe.skipIf(wycheproof === undefined)('Wycheproof', () => {
  test('ed25519: every vector gets its verdict', () => {
    interface Group {
      publicKey: { pk: string }
      tests: { tcId: number; msg: string; sig: string; result: string }[]
    }
    const file = JSON.parse(readFileSync(join(wycheproof!, 'ed25519_test.json'), 'utf8')) as { testGroups: Group[] }
    let count = 0
    const wrong: number[] = []
    for (const group of file.testGroups) {
      for (const vector of group.tests) {
        const bytes = [group.publicKey.pk, vector.msg, vector.sig].map((hex) => Buffer.from(hex, 'hex'))
        if (verifyEd25519(bytes[0]!, bytes[1]!, bytes[2]!) !== (vector.result === 'valid')) wrong.push(vector.tcId)
        count++
      }
    }
    expect(wrong).toEqual([])
    expect(count).toBe(151)
  })
})

test('the example of the Go checksum database: its published key opens its published note', () => {
  const key = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8'
  const verifier = parseVerifierKey(key)
  expect(verifier.keyId.toString(16).padStart(8, '0')).toBe('033de0ae')
  const peter = parseVerifierKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  const note =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
  expect(verifyNote(note, [peter]).signedBy).toEqual([peter])
  expect(() => verifyNote(note.replace('answer', 'Answer'), [peter])).toThrow(/bad_signature/)
})

test('verifier keys: round trip, and every mistake is named', () => {
  expect(parseVerifierKey(log.verifierKey)).toMatchObject({ name: log.name, keyId: log.keyId })
  const [name, id, key] = [
    log.name,
    log.verifierKey.split('+')[1]!,
    log.verifierKey.slice(log.verifierKey.indexOf('+', 20) + 1),
  ]
  const bad = [
    '',
    name,
    `${name}+${id}`,
    `other+${id}+${key}`,
    `${name}+${id.slice(1)}+${key}`,
    `${name}+00000000+${key}`,
    `${name}+${id}+${key.slice(4)}`,
    `${name}+${id}+A${key}`,
    ` ${name}+${id}+${key}`,
    `+${id}+${key}`,
    `${name}+${id}+${key}\n`,
  ]
  for (const text of bad) expect(() => parseVerifierKey(text), text).toThrow(/bad_key/)
})

test('known keys must verify, unknown keys are ignored, no known key is refused', async () => {
  const text = 'hello\n'
  const note = await signNote(text, [log, stranger, other])
  expect(verifyNote(note, [log.verifier, other.verifier])).toEqual({
    text,
    signedBy: [log.verifier, other.verifier],
    unknown: 1,
  })
  expect(() => verifyNote(note, [])).toThrow(/no_trusted_signature/)
  const sameName = ed25519Signer(log.name, Buffer.alloc(32, 1))
  expect(verifyNote(await signNote(text, [sameName, log]), [log.verifier]).unknown).toBe(1)
  const forged = formatSignatureLine({ name: log.name, keyId: log.keyId, signature: new Uint8Array(64) })
  expect(() => verifyNote(note + forged, [log.verifier])).toThrow(/bad_signature at log.example/)
  expect(() => verifyNote(note + forged, [other.verifier])).not.toThrow()
  const twice = await signNote(text, [log, log])
  expect(verifyNote(twice, [log.verifier]).signedBy).toHaveLength(1)
})

function many(count: number): NoteSigner[] {
  return [log, ...Array.from({ length: count - 1 }, () => stranger)]
}

test('16 and 100 signatures are accepted, 101 are not', async () => {
  for (const count of [16, 17, 100]) {
    expect(verifyNote(await signNote('x\n', many(count)), [log.verifier]).unknown).toBe(count - 1)
  }
  const tooMany = await signNote('x\n', many(101))
  expect(() => parseNote(tooMany)).toThrow(/bad_note/)
})

/** Stands for an algorithm that this package does not know. */
function verifyToyHash(message: Uint8Array, signature: Uint8Array): boolean {
  return Buffer.compare(hashLeaf(message), signature) === 0
}

test('another algorithm is one more signature line; those who do not know it still verify the first', async () => {
  const type = Buffer.concat([Buffer.of(0xff), Buffer.from('huitong.example/test/v1')])
  const keyId = noteKeyId('log.example/2026', type, Buffer.from('key'))
  const verifier = { name: log.name, keyId, verify: verifyToyHash }
  const second: NoteSigner = { name: log.name, keyId, sign: hashLeaf, verifier }
  const note = await signCheckpoint({ origin: log.name, size: 0, root: emptyRoot() }, [log, second])
  expect(openCheckpoint(note, [log.verifier]).signedBy).toHaveLength(1)
  expect(openCheckpoint(note, [log.verifier, verifier]).signedBy).toHaveLength(2)
})

test('malformed notes are refused', async () => {
  const good = await signNote('origin\n', [log])
  expect(() => verifyNote(good, [log.verifier])).not.toThrow()
  const line = good.slice(good.indexOf('\u2014'))
  const value = line.split(' ')[2]!.trim()
  const bad: [string, string | Uint8Array][] = [
    ['CRLF', good.replaceAll('\n', '\r\n')],
    ['tab', good.replace('origin', 'ori\tgin')],
    ['NUL', good.replace('origin', 'ori\0gin')],
    ['hyphen', good.replace('\u2014', '-')],
    ['en dash', good.replace('\u2014', '\u2013')],
    ['no blank line', `origin\n${line}`],
    ['no final newline', good.trimEnd()],
    ['no signature', 'origin\n\n'],
    ['name with plus', good.replace('log.example', 'log+example')],
    ['name with no-break space', good.replace('log.example', 'log\u00a0example')],
    ['empty name', `origin\n\n\u2014  ${value}\n`],
    ['trailing word', good.replace(/\n$/, ' x\n')],
    ['short signature', `origin\n\n\u2014 a AAAAAA==\n`],
    ['base64 without padding', `origin\n\n\u2014 a AAAAAAA\n`],
    ['base64 with loose bits', good.replace(/=\n$/, '=\n').replace(value, value.slice(0, -2) + 'B=')],
    ['invalid UTF-8', Buffer.concat([Buffer.of(0xc3, 0x28), Buffer.from(good)])],
    ['lone surrogate', `\ud800${good}`],
    ['too large', `${'x'.repeat(1_000_001)}\n\n${line}`],
    ['empty', ''],
  ]
  for (const [name, note] of bad) expect(() => verifyNote(note, [log.verifier]), name).toThrow(/^bad_(note|signature)/)
})

test('checkpoints: strict text, and the key must bear the name of the log', async () => {
  const root = hashLeaf(Buffer.from('x'))
  const text = formatCheckpoint({ origin: 'log.example/2026', size: 20852163, root })
  expect(parseCheckpoint(text)).toEqual({ origin: 'log.example/2026', size: 20852163, root })
  const at = (size: string): string => text.replace('20852163', size)
  for (const size of [
    '020852163',
    '+1',
    '-1',
    '',
    ' 1',
    '1 ',
    '9223372036854775808',
    '9007199254740992',
    '1e3',
    '0x1',
    '１',
  ]) {
    expect(() => parseCheckpoint(at(size)), size).toThrow(/bad_checkpoint/)
  }
  for (const bent of [
    text.slice(0, -1),
    `${text}\n`,
    `\n${text}`,
    text.replace('=', ''),
    text.replace(/.{4}\n$/, '\n'),
  ]) {
    expect(() => parseCheckpoint(bent), JSON.stringify(bent)).toThrow(/bad_checkpoint/)
  }
  expect(parseCheckpoint(`${text}extension of another log\n`).size).toBe(20852163)
  expect(() => formatCheckpoint({ origin: 'a\nb', size: 1, root })).toThrow(/bad_checkpoint/)
  await expect(signCheckpoint({ origin: 'x', size: 1, root }, [log])).rejects.toMatchObject({ code: 'bad_origin' })
  const byOther = await signNote(text, [other])
  expect(() => openCheckpoint(byOther, [log.verifier, other.verifier])).toThrow(/bad_origin/)
})

test('mutation: any flipped bit of a signed checkpoint is refused', async () => {
  const note = Buffer.from(await signCheckpoint({ origin: log.name, size: 12345, root: hashLeaf(Buffer.of(1)) }, [log]))
  expect(openCheckpoint(note, [log.verifier]).size).toBe(12345)
  for (let at = 0; at < note.byteLength; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const bent = Buffer.from(note)
      bent[at]! ^= 1 << bit
      expect(() => openCheckpoint(bent, [log.verifier]), `byte ${at} bit ${bit}`).toThrow(/^(bad|no)_/)
    }
  }
})
