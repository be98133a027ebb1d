import { listGrants, readGrant, revokeGrant } from '@huitong/contract/catalogue'
import { abolishDepartment, readDepartment } from '@huitong/contract/identity'
import { listNodes } from '@huitong/contract/nodes'
import { canonicalJson } from '@huitong/canonical'
import { keyIdOf, verifyBytes } from '@huitong/segment'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { enter, hire, NO_ID } from '../identity/testing/people.ts'
import { GRANT_DOMAIN } from './issue-grant.ts'
import { grantRequest, publishDataset, requestFor, VILLAGES } from './testing/content.ts'

describe('grants', () => {
  const clock = { at: new Date('2026-09-29T02:00:00Z'), now: () => clock.at }
  const platform = usePlatform({ clock })
  let datasetId = ''
  beforeAll(async () => {
    datasetId = (await publishDataset(platform, VILLAGES)).id
  })
  const grant = async (change: object = {}) => (await grantRequest(platform, requestFor(datasetId, change))).grantId!
  const read = async (account: Account, id: string) => (await platform.as(account)).call(readGrant, { params: { id } })
  const revoke = (client: ReturnType<typeof clientOf>, id: string, match = 1) =>
    client.call(revokeGrant, { params: { id }, body: { reason: '超范围使用' } }, { match })

  test('200: the document is signed by the platform, and no byte of it can change unnoticed', async () => {
    const { document, signature, keyId } = await read('works-officer', await grant())
    const key = platform.server.services.keys.signing.publicKey.toString('base64')
    expect(keyId).toBe(keyIdOf(key))
    const holds = (given: unknown) =>
      verifyBytes(key, GRANT_DOMAIN, Buffer.from(canonicalJson(given as never)), signature)
    expect(holds(document)).toBe(true)
    expect(holds({ ...(document as object), items: ['code', 'head_id'] })).toBe(false)
  })

  test('200: it is in force from the first to the last day of its period in Shanghai', async () => {
    const period = { from: '2026-09-29', until: '2026-09-29' }
    const id = await grant(period)
    const later = await grant({ from: '2026-09-30', until: '2026-12-31' })
    clock.at = new Date('2026-09-28T02:00:00Z')
    const over = await grant({ from: '2026-01-01', until: '2026-09-28' })
    clock.at = new Date('2026-09-29T02:00:00Z')
    expect((await read('works-officer', id)).state).toBe('active')
    expect((await read('works-officer', later)).state).toBe('not_yet')
    expect((await read('works-officer', over)).state).toBe('expired')
  })

  test('200: the parties and those who oversee see a grant, newest first; nobody else', async () => {
    const id = await grant()
    for (const account of ['works-head', 'civil-officer', 'authority', 'centre', 'works-developer'] as const)
      expect((await read(account, id)).id).toBe(id)
    await expect(read('police-officer', id)).rejects.toMatchObject({ code: 'object.not_found', status: 404 })
    const numbers = async (account: Account, limit: string) => {
      const client = await platform.as(account)
      const all: string[] = []
      let after: string | null = null
      do {
        const page: Awaited<ReturnType<typeof client.call<typeof listGrants>>> = await client.call(listGrants, {
          query: { limit, ...(after ? { after } : {}) },
        })
        all.push(...page.items.map((one) => one.number))
        after = page.next
      } while (after)
      return all
    }
    const all = await numbers('authority', '200')
    expect(all).toEqual([...all].sort().reverse())
    expect(await numbers('works-officer', '2')).toEqual(all)
    expect(await numbers('police-officer', '2')).toEqual([])
  })

  test('a role’s reach is its own: who oversees the nodes of the city and reads grants of one department sees no other’s', async () => {
    const id = await grant()
    await hire(platform, 'police-two-roles', platform.departments.police, ['operator', 'developer'])
    const both = await enter(platform, 'police-two-roles')
    expect((await both.call(listGrants, { query: {} })).items).toEqual([])
    await expect(both.call(readGrant, { params: { id } })).rejects.toMatchObject({ code: 'object.not_found' })
    expect((await both.call(listNodes, { query: {} })).items).toEqual(
      (await (await platform.as('operator')).call(listNodes, { query: {} })).items,
    )
  })

  test('200: the provider’s head ends it at once; a second time is 409', async () => {
    const id = await grant()
    const head = await platform.as('civil-head')
    expect(await revoke(head, id)).toMatchObject({ state: 'revoked', version: 2 })
    await expect(revoke(head, id, 2)).rejects.toMatchObject({ code: 'object.state', status: 409 })
    expect((await read('works-officer', id)).state).toBe('revoked')
    expect(await revoke(await platform.as('authority'), await grant())).toMatchObject({ state: 'revoked' })
  })

  test('400, 401, 403, 404, 412: a reason, the provider or the authority, the version that was read', async () => {
    const id = await grant()
    const head = await platform.as('civil-head')
    await expect(head.call(revokeGrant, { params: { id }, body: { reason: '' } }, { match: 1 })).rejects.toMatchObject({
      places: [{ path: '/reason' }],
    })
    await expect(revoke(clientOf(platform.server), id)).rejects.toMatchObject({ status: 401 })
    for (const account of ['works-head', 'works-officer', 'centre'] as const)
      await expect(revoke(await platform.as(account), id), account).rejects.toMatchObject({ code: 'permission.denied' })
    await expect(revoke(head, NO_ID)).rejects.toMatchObject({ status: 404 })
    await expect(revoke(head, id, 3)).rejects.toMatchObject({ status: 412 })
    const anyone = clientOf(platform.server)
    await expect(anyone.call(listGrants)).rejects.toMatchObject({ status: 401 })
    await expect(anyone.call(readGrant, { params: { id } })).rejects.toMatchObject({ status: 401 })
    await expect((await platform.as('sysadmin')).call(listGrants)).rejects.toMatchObject({ status: 403 })
  })

  test('a grant passes to the successor of an abolished department; its signed document stays as it is', async () => {
    const id = await grant()
    const before = await read('works-officer', id)
    const system = await platform.as('sysadmin')
    const { works, police } = platform.departments
    const { version } = await system.call(readDepartment, { params: { id: works } })
    const body = { successorId: police, validTo: '2026-09-28' }
    await system.call(abolishDepartment, { params: { id: works }, body }, { match: version })
    expect(await read('police-officer', id)).toMatchObject({
      granteeDepartmentId: police,
      granteeDepartmentName: { zh: '公安局' },
      document: before.document,
      signature: before.signature,
    })
  })
})
