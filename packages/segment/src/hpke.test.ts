import { createDecipheriv, createHmac, diffieHellman } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decodeBox, encodeBox, openBox, sealBox } from './hpke.ts'
import { exportPublicKey, generateKeyPair, importPrivateKey, importPublicKey, keyIdOf } from './keys.ts'

// A second HPKE receiver, written from RFC 9180 sections 4 and 5 on node:crypto alone. It is held to the RFC's own
// vector, then used to open what the package sealed.
const i2osp = (n: number, w: number) => Buffer.from(n.toString(16).padStart(w * 2, '0'), 'hex')
const extract = (salt: Buffer, ikm: Buffer) => createHmac('sha256', salt).update(ikm).digest()
function expand(prk: Buffer, info: Buffer, length: number): Buffer {
  let block = Buffer.alloc(0)
  let out = Buffer.alloc(0)
  for (let i = 1; out.length < length; i++) {
    block = createHmac('sha256', prk)
      .update(Buffer.concat([block, info, i2osp(i, 1)]))
      .digest()
    out = Buffer.concat([out, block])
  }
  return out.subarray(0, length)
}
const V1 = Buffer.from('HPKE-v1')
const labeledExtract = (suite: Buffer, salt: Buffer, label: string, ikm: Buffer) =>
  extract(salt, Buffer.concat([V1, suite, Buffer.from(label), ikm]))
const labeledExpand = (suite: Buffer, prk: Buffer, label: string, info: Buffer, length: number) =>
  expand(prk, Buffer.concat([i2osp(length, 2), V1, suite, Buffer.from(label), info]), length)

function receive(privateKey: string, enc: Buffer, ct: Buffer, info: Buffer, aad: Buffer, aead: 1 | 2): Buffer {
  const none = Buffer.alloc(0)
  const key = importPrivateKey('x25519', privateKey)
  const dh = diffieHellman({ privateKey: key, publicKey: importPublicKey('x25519', enc.toString('base64')) })
  const kem = Buffer.concat([Buffer.from('KEM'), i2osp(0x20, 2)])
  const context = Buffer.concat([enc, Buffer.from(exportPublicKey(key), 'base64')])
  const shared = labeledExpand(kem, labeledExtract(kem, none, 'eae_prk', dh), 'shared_secret', context, 32)
  const suite = Buffer.concat([Buffer.from('HPKE'), i2osp(0x20, 2), i2osp(1, 2), i2osp(aead, 2)])
  const schedule = Buffer.concat([
    Buffer.from([0]),
    labeledExtract(suite, none, 'psk_id_hash', none),
    labeledExtract(suite, none, 'info_hash', info),
  ])
  const secret = labeledExtract(suite, shared, 'secret', none)
  const aeadKey = labeledExpand(suite, secret, 'key', schedule, aead === 1 ? 16 : 32)
  const nonce = labeledExpand(suite, secret, 'base_nonce', schedule, 12)
  const decipher = createDecipheriv(aead === 1 ? 'aes-128-gcm' : 'aes-256-gcm', aeadKey, nonce)
  decipher.setAAD(aad)
  decipher.setAuthTag(ct.subarray(ct.length - 16))
  return Buffer.concat([decipher.update(ct.subarray(0, ct.length - 16)), decipher.final()])
}

const hex = (text: string) => Buffer.from(text, 'hex')

const flip = (text: string) => {
  const bytes = Buffer.from(text, 'base64')
  bytes[0]! ^= 1
  return bytes.toString('base64')
}

describe('HPKE', () => {
  it('agrees with RFC 9180 appendix A.1.1 and with an independent receiver', async () => {
    const pkcs8 = Buffer.concat([
      hex('302e020100300506032b656e04220420'),
      hex('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8'),
    ]).toString('base64')
    const plain = receive(
      pkcs8,
      hex('37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431'),
      hex('f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a'),
      hex('4f6465206f6e2061204772656369616e2055726e'),
      hex('436f756e742d30'),
      1,
    )
    expect(plain.toString()).toBe('Beauty is truth, truth beauty')

    const keys = generateKeyPair('x25519')
    const box = await sealBox(keys.publicKey, Buffer.from('密码'), { info: 'use', aad: 'bound' })
    const enc = Buffer.from(box.enc, 'base64')
    const sealed = Buffer.from(box.sealed, 'base64')
    const opened = receive(keys.privateKey, enc, sealed, Buffer.from('use'), Buffer.from('bound'), 2)
    expect(opened.toString()).toBe('密码')
  })

  it('opens only with the right key, info, aad and bytes', async () => {
    const keys = generateKeyPair('x25519')
    const other = generateKeyPair('x25519')
    const context = { info: 'data-source-password', aad: 'source-1' }
    const box = await sealBox(keys.publicKey, Buffer.from('secret'), context)
    expect(box.keyId).toBe(keyIdOf(keys.publicKey))
    expect((await openBox(keys.privateKey, box, context)).toString()).toBe('secret')
    const wrong: (() => Promise<Buffer>)[] = [
      () => openBox(other.privateKey, box, context),
      () => openBox(keys.privateKey, box, { ...context, info: 'other' }),
      () => openBox(keys.privateKey, box, { ...context, aad: 'source-2' }),
      () => openBox(keys.privateKey, { ...box, sealed: flip(box.sealed) }, context),
      () => openBox(keys.privateKey, { ...box, enc: flip(box.enc) }, context),
      () => openBox(keys.privateKey, { ...box, enc: '' }, context),
    ]
    for (const attempt of wrong) await expect(attempt()).rejects.toMatchObject({ code: 'decrypt_failed' })
  })

  it('refuses public keys of small order', async () => {
    const zero = Buffer.alloc(32).toString('base64')
    await expect(sealBox(zero, Buffer.from('x'), { info: '' })).rejects.toMatchObject({ code: 'bad_key' })
  })

  it('travels as one text, in one form only', async () => {
    const { publicKey, privateKey } = generateKeyPair('x25519')
    const box = await sealBox(publicKey, Buffer.from('{"password":"x"}'), { info: 'use' })
    const text = encodeBox(box)
    expect(text).toMatch(/^[A-Za-z0-9+/]+={0,2}$/)
    expect(decodeBox(text)).toEqual(box)
    expect((await openBox(privateKey, decodeBox(text), { info: 'use' })).toString()).toBe('{"password":"x"}')
    const base64 = (value: string) => Buffer.from(value).toString('base64')
    const bad = ['', '!', base64('{}'), base64(JSON.stringify({ ...box, more: 1 })), base64(` ${JSON.stringify(box)}`)]
    for (const one of [...bad, base64(JSON.stringify({ ...box, keyId: 'x' }))]) {
      expect(() => decodeBox(one)).toThrow()
    }
  })
})
