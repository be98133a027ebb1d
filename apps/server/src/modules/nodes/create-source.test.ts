import { createNode, createSource, listSources } from '@huitong/contract/nodes'
import { openBox } from '@huitong/segment'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { enrol, sourceSettings, type TestNode } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SOURCE_SECRETS_INFO } from './create-source.ts'

describe('register a data source', () => {
  const platform = usePlatform({ jobs: false })
  let node: TestNode
  beforeAll(async () => {
    node = await enrol(platform, platform.departments.civil)
  })
  const body = (over: object = {}) => ({
    name: { zh: '民政前置库' },
    nodeId: node.id,
    kind: 'postgresql',
    settings: { ...sourceSettings },
    usage: 'provide' as const,
    frontDatabase: true,
    ...over,
  })
  const create = async (over: object = {}) => (await platform.as('centre')).call(createSource, { body: body(over) })
  guards(platform, createSource, {
    input: () => ({ body: body() }),
    denied: ['civil-officer', 'authority', 'sysadmin'],
  })

  test('201: the source belongs to the node’s department; its password is in no reply', async () => {
    const source = await create()
    expect(source).toMatchObject({
      departmentId: platform.departments.civil,
      nodeId: node.id,
      discovery: null,
      kind: 'postgresql',
    })
    const { password: _password, ...open } = sourceSettings
    expect(source.settings).toEqual(open)
    expect(JSON.stringify(await (await platform.as('civil-officer')).call(listSources))).not.toContain(
      sourceSettings.password,
    )
  })

  test('the password is sealed to the node: only its key opens it, the platform’s does not', async () => {
    const { id } = await create()
    const { secrets, whole } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{
        secrets: Buffer
        whole: string
      }>(sql`select secrets, s::text || (select coalesce(string_agg(a::text, ''), '') from audit a) as whole
        from data_source s where id = ${id}`),
    )
    expect(whole).not.toContain(sourceSettings.password)
    const box = JSON.parse(secrets.toString('utf8')) as { enc: string; sealed: string }
    const opened = await openBox(node.sealing.privateKey, box, { info: SOURCE_SECRETS_INFO })
    expect(JSON.parse(opened.toString())).toEqual({ password: sourceSettings.password })
    const key = platform.server.services.keys.sealing.privateKey
      .export({ format: 'der', type: 'pkcs8' })
      .toString('base64')
    await expect(openBox(key, box, { info: SOURCE_SECRETS_INFO })).rejects.toMatchObject({ code: 'decrypt_failed' })
  })

  test('400: direct reading of a business database needs the written consent', async () => {
    expect(pathsOf(await refused(create({ frontDatabase: false }), 'request.invalid'))).toEqual(['/consent'])
    await create({ frontDatabase: false, consent: '民政局同意函〔2026〕3号' })
  })

  test('400: an unknown kind, and settings that the connector does not take, each by its place', async () => {
    expect(pathsOf(await refused(create({ kind: 'oracle' }), 'source.settings'))).toEqual(['/kind'])
    const { host: _host, ...withoutHost } = sourceSettings
    expect(pathsOf(await refused(create({ settings: withoutHost }), 'source.settings'))).toEqual(['/settings/host'])
    const odd = { ...sourceSettings, port: 70_000, options: '-c role=postgres', sslmode: 'disable' }
    expect(pathsOf(await refused(create({ settings: odd }), 'source.settings')).sort()).toEqual([
      '/settings/options',
      '/settings/port',
      '/settings/sslmode',
    ])
    for (const host of ['/var/run/postgresql', 'a b', "x' or '1", 'db;x=y', ''])
      expect(pathsOf(await refused(create({ settings: { ...sourceSettings, host } }), 'source.settings'))).toEqual([
        '/settings/host',
      ])
  })

  test('404: a node that does not exist; 409: one that has not enrolled', async () => {
    await refused(create({ nodeId: NOBODY }), 'object.not_found')
    const centre = await platform.as('centre')
    const { node: awaiting } = await centre.call(createNode, {
      body: { name: { zh: '新节点' }, departmentId: platform.departments.works },
    })
    expect(pathsOf(await refused(create({ nodeId: awaiting.id }), 'object.state'))).toEqual(['/nodeId'])
  })
})
