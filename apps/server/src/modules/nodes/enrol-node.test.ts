import { createNode, enrolNode, listNodes } from '@huitong/contract/nodes'
import { generateKeyPair } from '@huitong/segment'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('enrol a node', () => {
  let ahead = 0
  const platform = usePlatform({ jobs: false, clock: { now: () => new Date(Date.now() + ahead) } })
  const fresh = async () => {
    const body = { name: { zh: '节点' }, departmentId: platform.departments.civil }
    return (await (await platform.as('centre')).call(createNode, { body })).enrolmentCode
  }
  const bodyOf = (code: string) => ({
    code,
    signingKey: generateKeyPair('ed25519').publicKey,
    sealingKey: generateKeyPair('x25519').publicKey,
    version: '0.1.0',
  })
  const enrol = (body: ReturnType<typeof bodyOf>) => clientOf(platform.server).call(enrolNode, { body })

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
    const { signingKey, sealingKey } = bodyOf(code)
    await refused(enrol({ ...first, sealingKey }), 'enrolment.code')
    await refused(enrol({ ...first, signingKey }), 'enrolment.code')
  })

  test('403: a code that nobody gave out, or that ran out after a day; and the try is audited', async () => {
    await refused(enrol(bodyOf('x'.repeat(24))), 'enrolment.code')
    const body = bodyOf(await fresh())
    ahead = 24 * 3_600_000 + 1_000
    await refused(enrol(body), 'enrolment.code')
    ahead = 0
    await enrol(body)
    const { n } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ n: number }>(
        sql`select count(*)::int as n from audit where action = 'nodes.node.enrol' and outcome = 'denied' and content like '%enrolment.code%'`,
      ),
    )
    expect(n).toBeGreaterThanOrEqual(2)
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
    await refused(enrol({ ...bodyOf(await fresh()), signingKey: first.signingKey }), 'object.exists')
  })
})
