import { join } from 'node:path'
import { generateKeyPair, importPrivateKey, type KeyPairText, keyIdOf } from '@huitong/segment'
import { readText, writeDurable } from './files.ts'

/** The node's own keys: they never leave its folder. */
export interface Keys {
  /** Ed25519: signs requests, manifests and receipts. */
  readonly signing: KeyPairText
  /** X25519: opens secrets and segments. */
  readonly sealing: KeyPairText
}

/** The keys of the folder; made and durable before anyone hears of them. @throws Error when the file is damaged. */
export async function loadKeys(dir: string): Promise<Keys> {
  const path = join(dir, 'keys.json')
  const text = await readText(path)
  if (text !== null) return checkKeys(path, text)
  const keys = { signing: generateKeyPair('ed25519'), sealing: generateKeyPair('x25519') }
  await writeDurable(path, `${JSON.stringify(keys, null, 2)}\n`, 0o600)
  return keys
}

function checkKeys(path: string, text: string): Keys {
  try {
    const keys = JSON.parse(text) as Keys
    for (const [kind, pair] of [['ed25519', keys.signing] as const, ['x25519', keys.sealing] as const]) {
      importPrivateKey(kind, pair.privateKey)
      if (keyIdOf(pair.publicKey) !== pair.keyId) throw new Error('key id')
    }
    return keys
  } catch {
    // The cause is dropped: it could quote the file.
    throw new Error(`${path} is damaged; restore it, or remove it and enrol this node again`)
  }
}
