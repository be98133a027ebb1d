import { sign, verify, createPublicKey } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { usePlatform } from '../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from './db.ts'
import { openKeys } from './keys.ts'
import { openSecrets } from './secrets.ts'

describe('keys of the platform', () => {
  const platform = usePlatform({ jobs: false })

  test('they are made once: a restart, and two at the same time, open the same', async () => {
    const { db, secrets, keys } = platform.server.services
    const again = await Promise.all([openKeys(db, secrets), openKeys(db, secrets)])
    for (const one of again)
      for (const name of ['signing', 'sealing', 'ledger'] as const)
        expect(one[name].publicKey.equals(keys[name].publicKey)).toBe(true)
  })

  test('three different keys of their kinds; the public half belongs to the private one', async () => {
    const { keys } = platform.server.services
    expect(keys.signing.privateKey.asymmetricKeyType).toBe('ed25519')
    expect(keys.sealing.privateKey.asymmetricKeyType).toBe('x25519')
    expect(keys.ledger.publicKey.equals(keys.signing.publicKey)).toBe(false)
    const signature = sign(null, Buffer.from('x'), keys.signing.privateKey)
    const x = keys.signing.publicKey.toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    expect(verify(null, Buffer.from('x'), key, signature)).toBe(true)
  })

  test('in the database they are sealed under the root key: with another root key nothing opens', async () => {
    const { db, keys } = platform.server.services
    const rows = await db.read(SYSTEM_ROWS, (tx) => tx.many<{ sealed: Buffer }>(sql`select sealed from platform_key`))
    expect(rows).toHaveLength(3)
    const raw = Buffer.from((keys.signing.privateKey.export({ format: 'jwk' }) as { d: string }).d, 'base64url')
    expect(rows.some((row) => row.sealed.includes(raw))).toBe(false)
    const folder = mkdtempSync(join(tmpdir(), 'huitong-other-root-'))
    await expect(openKeys(db, openSecrets(folder))).rejects.toThrow()
    rmSync(folder, { recursive: true, force: true })
  })
})
