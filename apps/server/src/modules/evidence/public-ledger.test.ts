import { readCheckpoint, readLedgerKey, readTile } from '@huitong/contract/evidence'
import { fsck, parseVerifierKey } from '@huitong/ledger'
import { beforeAll, describe, expect, test } from 'vitest'
import { addressOf } from '@huitong/contract'
import { clientOf, settle, signIn, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('the public log', () => {
  const platform = usePlatform()
  const get = (path: string) => platform.server.http.inject({ method: 'GET', url: path })
  beforeAll(async () => {
    await signIn(platform.server, 'auditor')
    await settle(platform.server)
  })

  test('anyone can check the whole log over HTTP, with the public key alone', async () => {
    const { verifierKey, origin } = await clientOf(platform.server).call(readLedgerKey)
    const checkpoint = await get(addressOf(readCheckpoint))
    expect(checkpoint.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(checkpoint.headers['cache-control']).toBe('no-store')
    const result = await fsck({
      checkpoint: checkpoint.payload,
      verifiers: [parseVerifierKey(verifierKey)],
      async fetch(path) {
        const reply = await get(addressOf(readTile, { params: { '*': path.replace('tile/', '') } }))
        return reply.statusCode === 200 ? reply.rawPayload : undefined
      },
    })
    expect(result).toMatchObject({ ok: true, origin })
    expect(result.ok && result.size).toBeGreaterThan(0)
  })

  test('tiles are immutable for caches; the checkpoint is not', async () => {
    const size = Number((await get(addressOf(readCheckpoint))).payload.split('\n')[1])
    const tile = await get(`/api/v1/ledger/tile/0/000.p/${size}`)
    expect(tile.statusCode).toBe(200)
    expect(tile.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  test('404 or 400 for everything that is no tile, and never a file beside the tiles', async () => {
    for (const path of [
      '0/999',
      'entries/x001',
      '0/000.p/0',
      '0/000.p/256',
      '0/../../secrets/root.key',
      '..%2f..%2fsecrets%2froot.key',
      '%2e%2e/%2e%2e/secrets/root.key',
      '64/000',
      '0/0',
      '',
      'staging/1',
    ])
      expect([path, [400, 404].includes((await get(`/api/v1/ledger/tile/${path}`)).statusCode)]).toEqual([path, true])
  })
})
