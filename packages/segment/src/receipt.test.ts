import { describe, expect, it } from 'vitest'
import { SegmentError } from './errors.ts'
import { generateKeyPair, signBytes, verifyBytes } from './keys.ts'
import { signReceipt, verifyReceipt } from './receipt.ts'
import { CHANNEL, signer, trust } from './testing/make.ts'

const receipt = {
  version: 1,
  channel: CHANNEL,
  generation: 1,
  sequence: 7,
  sealedDigest: 'ab'.repeat(32),
  rows: '9223372036854775807',
  hop: 'consumer',
  position: '1/7',
  at: '2026-07-01T00:00:00.000Z',
  by: signer.keyId,
} as const

describe('receipt', () => {
  it('round-trips and refuses any changed byte', () => {
    const signed = signReceipt(receipt, signer.privateKey)
    expect(verifyReceipt(signed.bytes, trust).receipt).toEqual(receipt)
    for (let i = 0; i < signed.bytes.length; i++) {
      const changed = Buffer.from(signed.bytes)
      changed[i]! ^= 1
      expect(() => verifyReceipt(changed, trust), `byte ${i}`).toThrow(SegmentError)
    }
  })

  it('does not accept a signature made for another use, or by another key', () => {
    const message = Buffer.from('x')
    const signature = signBytes(signer.privateKey, 'huitong/a', message)
    expect(verifyBytes(signer.publicKey, 'huitong/a', message, signature)).toBe(true)
    expect(verifyBytes(signer.publicKey, 'huitong/b', message, signature)).toBe(false)
    const other = generateKeyPair('ed25519')
    expect(verifyBytes(other.publicKey, 'huitong/a', message, signature)).toBe(false)
    const forged = signReceipt({ ...receipt, by: other.keyId }, other.privateKey)
    expect(() => verifyReceipt(forged.bytes, trust)).toThrow('not trusted')
    const lied = signReceipt(receipt, other.privateKey)
    expect(() => verifyReceipt(lied.bytes, trust)).toThrow('does not verify')
  })
})
