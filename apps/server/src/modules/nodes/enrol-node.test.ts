import { createNode, enrolNode, listNodes } from '@huitong/contract/nodes'
import { generateKeyPair } from '@huitong/segment'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { enrolAs, type Bent } from '../../../../../tests/harness/node.ts'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('enrol a node', () => {
  let ahead = 0
  const platform = usePlatform({ jobs: false, clock: { now: () => new Date(Date.now() + ahead) } })
  const fresh = async () => {
    const body = { name: { zh: '节点' }, departmentId: platform.departments.civil }
    return (await (await platform.as('centre')).call(createNode, { body })).enrolmentCode
  }
  /** Tries that left an audit row with this refusal. */
  const denied = async (code: string) =>
    platform.server.services.db.read(SYSTEM_ROWS, async (db) => {
      const { n } = await db.one<{ n: number }>(sql`select count(*)::int as n from audit
        where action = 'nodes.node.enrol' and outcome = 'denied' and content like ${`%${code}%`}`)
      return n
    })
  const keysOf = () => ({ signing: generateKeyPair('ed25519'), sealing: generateKeyPair('x25519') })
  const bodyOf = (code: string, { signing, sealing } = keysOf()) => ({
    code,
    signingKey: signing.publicKey,
    sealingKey: sealing.publicKey,
    version: '0.1.0',
    signing,
  })
  /** Enrols with a signature of the key that is registered, or another. */
  const enrol = ({ signing, ...body }: ReturnType<typeof bodyOf>, bend: Bent = {}) =>
    enrolAs(platform.server, signing, body, bend)

  test('201: the code is exchanged for the platform’s keys, and the node appears with its key', async () => {
    const reply = await enrol(bodyOf(await fresh()))
    const { keys } = platform.server.services
    expect(reply).toMatchObject({
      departmentId: platform.departments.civil,
      platform: {
        signingKey: keys.signing.publicKey.toString('base64'),
        sealingKey: keys.sealing.publicKey.toString('base64'),
      },
    })
    const { items } = await (await platform.as('centre')).call(listNodes)
    expect(items.find((one) => one.id === reply.nodeId)).toMatchObject({ state: 'offline', version: '0.1.0' })
  })

  test('a lost reply: the same keys with the same code are answered again', async () => {
    const body = bodyOf(await fresh())
    expect(await enrol(body)).toEqual(await enrol(body))
  })

  test('403: a used code does not enrol another key', async () => {
    const code = await fresh()
    const first = bodyOf(code)
    await enrol(first)
    await refused(enrol(bodyOf(code)), 'enrolment.code')
    const { signing, signingKey, sealingKey } = bodyOf(code)
    await refused(enrol({ ...first, sealingKey }), 'enrolment.code')
    await refused(enrol({ ...first, signing, signingKey }), 'enrolment.code')
  })

  test('403: a code that nobody gave out, or that ran out after a day; and the try is audited', async () => {
    await refused(enrol(bodyOf('x'.repeat(24))), 'enrolment.code')
    const body = bodyOf(await fresh())
    ahead = 24 * 3_600_000 + 1_000
    await refused(enrol(body), 'enrolment.code')
    ahead = 0
    await enrol(body)
    expect(await denied('enrolment.code')).toBeGreaterThanOrEqual(2)
  })

  test('401: a key whose private half the sender lacks is not registered, and the code stays good', async () => {
    const code = await fresh()
    const [own, foreign] = [bodyOf(code), bodyOf(code)]
    const before = await denied('signature.invalid')
    // Signed with a key of one's own, under its name and under the foreign one's.
    await refused(enrol({ ...foreign, signing: own.signing }), 'signature.invalid')
    await refused(enrol({ ...foreign, signing: own.signing }, { keyId: foreign.signing.keyId }), 'signature.invalid')
    // The true key under another name.
    await refused(enrol(own, { keyId: foreign.signing.keyId }), 'signature.invalid')
    // Not signed at all, and signed for something else or long ago.
    const body = { code, signingKey: own.signingKey, sealingKey: own.sealingKey, version: own.version }
    await refused(clientOf(platform.server).call(enrolNode, { body }), 'signature.invalid')
    const swap = (request: { body: string | Buffer | null }) =>
      (request.body = String(request.body).replace(own.sealingKey, foreign.sealingKey))
    await refused(enrol(own, { tamper: swap }), 'signature.invalid')
    await refused(enrol(own, { aheadSeconds: -600 }), 'signature.invalid')
    expect(await denied('signature.invalid')).toBe(before + 6)
    expect((await enrol(own)).nodeId).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('400: keys that are no 32 bytes are each named', async () => {
    const bad = { ...bodyOf(await fresh()), signingKey: 'AAAA', sealingKey: 'AA==' }
    expect(pathsOf(await refused(enrol(bad), 'request.invalid'))).toEqual(['/signingKey', '/sealingKey'])
    await refused(enrol({ ...bad, signingKey: '***' }), 'request.invalid')
  })

  test('400: a sealing key of small order, to which nothing could be sealed in secret', async () => {
    const bad = { ...bodyOf(await fresh()), sealingKey: Buffer.alloc(32).toString('base64') }
    expect(pathsOf(await refused(enrol(bad), 'request.invalid'))).toEqual(['/sealingKey'])
  })

  test('409: one key cannot be two nodes', async () => {
    const first = bodyOf(await fresh())
    await enrol(first)
    const again = { ...bodyOf(await fresh()), signing: first.signing, signingKey: first.signingKey }
    await refused(enrol(again), 'object.exists')
  })
})
