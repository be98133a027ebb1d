import { exportProof, readLedgerKey } from '@huitong/contract/evidence'
import { parseVerifierKey, verifyBundle } from '@huitong/ledger'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { asSuperuser, newestEntry, renameOnce, type Entry } from '../../../../../tests/harness/evidence.ts'
import { createDraft } from '../../../../../tests/harness/catalogue.ts'
import { guards, refused } from '../../../../../tests/harness/guards.ts'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

describe('export a proof', () => {
  const platform = usePlatform()
  let entry: Entry
  beforeAll(async () => {
    await renameOnce(platform, platform.departments.police, '市公安局')
    entry = await newestEntry(platform, 'identity.department.rename')
  })
  const prove = async (index: string, account: Parameters<typeof platform.as>[0] = 'auditor') =>
    (await platform.as(account)).call(exportProof, { params: { index } })
  const verify = async (bundle: unknown) => {
    const { verifierKey } = await clientOf(platform.server).call(readLedgerKey)
    return verifyBundle(JSON.stringify(bundle), [verifierKey])
  }
  guards(platform, exportProof, {
    input: () => ({ params: { index: entry.index! } }),
    denied: ['sysadmin', 'operator'],
  })

  test('200: the bundle verifies with the log’s public key alone, and holds what was recorded', async () => {
    const bundle = await prove(entry.index!)
    expect(await verify(bundle)).toMatchObject({
      ok: true,
      payload: { action: 'identity.department.rename', detail: { name: '市公安局' } },
    })
  })

  test('any flipped bit of it is rejected', async () => {
    const bundle = (await prove(entry.index!)) as {
      proof: string
      leaf: string
      disclosed: { payload: { at: string }; salt: string }
    }
    const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    const changes = [
      { ...bundle, leaf: flip(bundle.leaf, 40) },
      { ...bundle, proof: flip(bundle.proof, bundle.proof.length - 10) },
      { ...bundle, disclosed: { ...bundle.disclosed, salt: flip(bundle.disclosed.salt, 3) } },
      {
        ...bundle,
        disclosed: { ...bundle.disclosed, payload: { ...bundle.disclosed.payload, at: '2020-01-01T00:00:00.000Z' } },
      },
    ]
    for (const change of changes) expect((await verify(change)).ok).toBe(false)
  })

  test('the export is audited', async () => {
    const { n } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ n: number }>(
        sql`select count(*)::int as n from audit where action = 'evidence.proof.export' and object_id = ${entry.index} and outcome = 'done'`,
      ),
    )
    expect(n).toBeGreaterThanOrEqual(1)
  })

  test('404: another department’s entry, and one that does not exist', async () => {
    await createDraft(platform)
    const civil = await newestEntry(platform, 'catalogue.dataset.create')
    await refused(prove(civil.index!, 'works-officer'), 'object.not_found')
    await refused(prove('999999'), 'object.not_found')
    expect(parseVerifierKey((await clientOf(platform.server).call(readLedgerKey)).verifierKey)).toBeDefined()
  })

  test('409: nothing is proven of a row that was altered', async () => {
    await renameOnce(platform, platform.departments.police, '公安局')
    const target = await newestEntry(platform, 'identity.department.rename')
    await asSuperuser(platform, (client) =>
      client.query(`update audit set salt = $2 where id = $1`, [target.auditId, Buffer.alloc(32)]),
    )
    await refused(prove(target.index!), 'object.state')
  })
})
