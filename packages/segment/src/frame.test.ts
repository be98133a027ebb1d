import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openFrame, sealFrame } from './frame.ts'
import { generateKeyPair } from './keys.ts'

describe('a sealed frame', () => {
  it('opens with its key at its place alone, and no changed or missing byte is taken', async () => {
    const { publicKey, privateKey } = generateKeyPair('x25519')
    for (const plain of [Buffer.alloc(0), Buffer.from('x'), randomBytes(100_000)]) {
      const sealed = await sealFrame(publicKey, plain, 'a/0')
      expect(sealed.includes(plain) && plain.length > 1).toBe(false)
      expect(await openFrame(privateKey, sealed, 'a/0')).toEqual(plain)
      const refused = { code: 'decrypt_failed' }
      await expect(openFrame(privateKey, sealed, 'a/1')).rejects.toMatchObject(refused)
      await expect(openFrame(generateKeyPair('x25519').privateKey, sealed, 'a/0')).rejects.toMatchObject(refused)
      for (const at of [0, 1, 2, 40, sealed.length - 20, sealed.length - 1]) {
        const bent = Buffer.from(sealed)
        bent[at]! ^= 1
        await expect(openFrame(privateKey, bent, 'a/0')).rejects.toMatchObject(refused)
      }
      for (const cut of [0, 1, 2, 50, sealed.length - 1])
        await expect(openFrame(privateKey, sealed.subarray(0, cut), 'a/0')).rejects.toMatchObject(refused)
    }
  })
})
