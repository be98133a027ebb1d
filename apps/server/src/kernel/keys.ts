import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { sql } from 'kysely'
import { SYSTEM_ROWS, type Db } from './db.ts'
import type { Secrets } from './secrets.ts'

/** The platform's own keys, private halves envelope-encrypted in the database. */
export interface Keys {
  /** Ed25519: receipts, grants, reports. */
  readonly signing: PlatformKey
  /** X25519: the platform as a recipient of segments. */
  readonly sealing: PlatformKey
  /** Ed25519: checkpoints of the evidence ledger. */
  readonly ledger: PlatformKey
}
export interface PlatformKey {
  readonly privateKey: KeyObject
  /** Raw public key, 32 bytes. */
  readonly publicKey: Buffer
}

const KINDS = { signing: 'ed25519', sealing: 'x25519', ledger: 'ed25519' } as const
type Name = keyof typeof KINDS

/** Raw 32 bytes of an Ed25519 or X25519 public key. */
function rawPublic(key: KeyObject): Buffer {
  return Buffer.from((createPublicKey(key).export({ format: 'jwk' }) as { x: string }).x, 'base64url')
}

function generate(name: Name): KeyObject {
  return KINDS[name] === 'ed25519'
    ? generateKeyPairSync('ed25519').privateKey
    : generateKeyPairSync('x25519').privateKey
}

async function openKey(db: Db, secrets: Secrets, name: Name): Promise<PlatformKey> {
  return db.write(SYSTEM_ROWS, async (tx) => {
    await tx.many(sql`select pg_advisory_xact_lock(hashtextextended(${`platform_key/${name}`}, 0))`)
    const row = await tx.maybe<{ sealed: Buffer }>(sql`select sealed from platform_key where name = ${name}`)
    if (row) {
      const privateKey = createPrivateKey({
        key: secrets.open(row.sealed, `key/${name}`),
        format: 'der',
        type: 'pkcs8',
      })
      return { privateKey, publicKey: rawPublic(privateKey) }
    }
    const privateKey = generate(name)
    const sealed = secrets.seal(privateKey.export({ format: 'der', type: 'pkcs8' }), `key/${name}`)
    await tx.run(
      sql`insert into platform_key (name, sealed, public_key) values (${name}, ${sealed}, ${rawPublic(privateKey)})`,
    )
    return { privateKey, publicKey: rawPublic(privateKey) }
  })
}

/** Opens the keys, making them at the first start. */
export async function openKeys(db: Db, secrets: Secrets): Promise<Keys> {
  return {
    signing: await openKey(db, secrets, 'signing'),
    sealing: await openKey(db, secrets, 'sealing'),
    ledger: await openKey(db, secrets, 'ledger'),
  }
}
