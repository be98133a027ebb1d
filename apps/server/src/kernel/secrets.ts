import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

/**
 * Envelope encryption under the platform's root key: each secret has a data key of its own, wrapped by the root key.
 * `context` is bound as additional data, so that a secret cannot be moved to another place.
 */
export interface Secrets {
  seal(plain: Uint8Array, context: string): Buffer
  /** Throws when the bytes were changed or belong to another context. */
  open(sealed: Uint8Array, context: string): Buffer
  /** A stable secret for a named internal use (passwords of database roles), never stored. */
  derive(purpose: string): string
}

const VERSION = 1
const WRAPPED = 12 + 32 + 16

function encrypt(key: Uint8Array, plain: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  if (sealed.length < 28) throw new Error('sealed secret is too short')
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAAD(Buffer.from(context))
  decipher.setAuthTag(sealed.subarray(sealed.length - 16))
  return Buffer.concat([decipher.update(sealed.subarray(12, sealed.length - 16)), decipher.final()])
}

/** Opens the root key at `<secretsDir>/root.key` (mode 0600), making it at the first start. */
export function openSecrets(secretsDir: string): Secrets {
  const root = readOrCreate(join(secretsDir, 'root.key'), secretsDir)
  return {
    seal(plain, context) {
      const key = randomBytes(32)
      return Buffer.concat([Buffer.of(VERSION), encrypt(root, key, context), encrypt(key, plain, context)])
    },
    open(sealed, context) {
      if (sealed[0] !== VERSION) throw new Error('sealed secret has an unknown version')
      const key = decrypt(root, sealed.subarray(1, 1 + WRAPPED), context)
      return decrypt(key, sealed.subarray(1 + WRAPPED), context)
    },
    derive: (purpose) => Buffer.from(hkdfSync('sha256', root, '', `huitong/${purpose}`, 24)).toString('base64url'),
  }
}

function readOrCreate(path: string, folder: string): Buffer {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!existsSync(path)) create(path, folder)
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
  if (key.length !== 32) throw new Error(`${path} does not hold a 32-byte key`)
  return key
}

/** The key appears whole and durable or not at all; of two processes that make one, both get the first. */
function create(path: string, folder: string): void {
  const half = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(half, 'wx', 0o600)
  writeSync(file, `${randomBytes(32).toString('base64')}\n`)
  fsyncSync(file)
  closeSync(file)
  try {
    linkSync(half, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(half)
  }
  const directory = openSync(folder, 'r')
  fsyncSync(directory)
  closeSync(directory)
}
