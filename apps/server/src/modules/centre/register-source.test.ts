import { registerCentreSource } from '@huitong/contract/centre'
import { createNode } from '@huitong/contract/nodes'
import { openBox, decodeBox } from '@huitong/segment'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { enrol } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

describe('register the centre’s receiving database', () => {
  const platform = usePlatform({ centre: true })
  guards(platform, registerCentreSource, {
    input: () => ({ body: { nodeId: NOBODY } }),
    denied: ['civil-officer', 'authority', 'operator', 'centre-officer'],
  })

  test('201: the account goes sealed to the node, and its password into no reply, audit row or table', async () => {
    const centre = await platform.as('centre')
    const node = await enrol(platform, platform.departments.centre, '资源中心节点')
    const source = await centre.call(registerCentreSource, { body: { nodeId: node.id } })
    const password = decodeURIComponent(new URL(platform.server.services.centreLoaderUrl!).password)
    expect(source).toMatchObject({ nodeId: node.id, kind: 'postgresql', usage: 'receive', frontDatabase: true })
    expect(source.settings).toMatchObject({ user: 'huitong_centre_loader', tls: 'off' })
    expect(JSON.stringify(source)).not.toContain(password)
    const kept = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ settings: unknown; secrets: Buffer; audits: string }>(sql`select settings, secrets,
        (select string_agg(content, '') from audit) as audits from data_source where id = ${source.id}`),
    )
    expect(JSON.stringify([kept.settings, kept.audits])).not.toContain(password)
    expect(kept.secrets.toString('latin1')).not.toContain(password)
    const box = decodeBox(kept.secrets.toString('base64'))
    const opened = await openBox(node.sealing.privateKey, box, { info: 'huitong/source-secrets/v1' })
    expect(JSON.parse(Buffer.from(opened).toString('utf8'))).toEqual({ password })
    await refused(centre.call(registerCentreSource, { body: { nodeId: node.id } }), 'object.exists')
  })

  test('a node of another department, one that has not enrolled, and none at all are refused', async () => {
    const centre = await platform.as('centre')
    const other = await enrol(platform, platform.departments.civil)
    const error = await refused(centre.call(registerCentreSource, { body: { nodeId: other.id } }), 'request.invalid')
    expect(pathsOf(error)).toEqual(['/nodeId'])
    const body = { name: { zh: '未注册' }, departmentId: platform.departments.centre }
    const { node } = await centre.call(createNode, { body })
    await refused(centre.call(registerCentreSource, { body: { nodeId: node.id } }), 'object.state')
    await refused(centre.call(registerCentreSource, { body: { nodeId: NOBODY } }), 'object.not_found')
  })
})

describe('without a database of the platform’s own', () => {
  const platform = usePlatform()
  test('503: says that there is no resource centre', async () => {
    const centre = await platform.as('centre')
    await refused(centre.call(registerCentreSource, { body: { nodeId: NOBODY } }), 'centre.unavailable')
  })
})
