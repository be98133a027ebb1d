import { generateKeyPair } from '../keys.ts'
import type { SignedManifest } from '../manifest.ts'
import { sealSegment, type PayloadInput, type ChainInput } from '../seal.ts'

/** Keys and a sealing helper for tests. */
export const CHANNEL = '0f5b0d6e-6c3a-4d6e-9d0e-3f1f4f1c2a10'
export const signer = generateKeyPair('ed25519')
export const platform = generateKeyPair('x25519')
export const consumer = generateKeyPair('x25519')
export const stranger = generateKeyPair('x25519')
export const trust = (keyId: string) => (keyId === signer.keyId ? signer.publicKey : null)

export function make(over: Partial<PayloadInput & ChainInput> = {}, previous: SignedManifest | null = null) {
  const plain = over.plain ?? Buffer.from('1,"a ""quoted"" 㐀𠮷"\n2,\n3,""\n')
  return sealSegment({
    channel: CHANNEL,
    generation: 1,
    sequence: (previous?.manifest.sequence ?? 0) + 1,
    kind: 'rows',
    counts: { rows: '3' },
    columns: [
      { name: '编号', type: 'integer' },
      { name: '名称', type: 'text' },
    ],
    recipients: [platform.publicKey, consumer.publicKey],
    final: false,
    source: { from: null, to: '0/16B3748', snapshot: '100:100:' },
    previous,
    signingKey: signer.privateKey,
    sealedAt: new Date('2026-07-01T00:00:00Z'),
    plain,
    ...over,
  })
}
