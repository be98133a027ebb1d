import { writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyAudit } from '@huitong/contract/evidence'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { asSuperuser, newestEntry, renameOnce, type Entry } from '../../../../../tests/harness/evidence.ts'
import { guards } from '../../../../../tests/harness/guards.ts'
import { settle, signIn, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('verify the audit', () => {
  const platform = usePlatform()
  let entry: Entry
  beforeAll(async () => {
    // An entry before the one that is tampered with.
    await signIn(platform.server, 'auditor')
    await renameOnce(platform, platform.departments.police, '市公安局')
    entry = await newestEntry(platform, 'identity.department.rename')
  })
  const verify = async () => (await platform.as('auditor')).call(verifyAudit)
  let mend: string[] = []
  afterEach(async () => {
    await asSuperuser(platform, async (client) => {
      for (const statement of mend) await client.query(statement)
    })
    mend = []
    expect((await verify()).intact).toBe(true)
  })
  guards(platform, verifyAudit, { input: () => ({}), denied: ['authority', 'sysadmin', 'civil-head', 'centre'] })

  test('200: every row is what the log holds for it', async () => {
    await settle(platform.server)
    const reply = await verify()
    expect(reply).toMatchObject({ intact: true, faults: [] })
    expect(Number(reply.checked)).toBeGreaterThan(Number(entry.index))
  })

  test('each altered column of a row is found, and the row named', async () => {
    const changes: [string, string][] = [
      ['content', `replace(content, '市公安局', '财政局')`],
      ['content', `'this is no JSON'`],
      ['content', `'{}'`],
      ['content', `content || ' '`],
      ['salt', `decode(repeat('00', 32), 'hex')`],
      ['actor_name', `'李四'`],
      ['actor_id', `'x'`],
      ['actor_kind', `'system'`],
      ['action', `'catalogue.dataset.sign'`],
      ['outcome', `'denied'`],
      ['object_id', `null`],
      ['object_kind', `'other'`],
      ['request_id', `'-'`],
      ['jurisdiction', `'000000'`],
      ['department_id', `null`],
      ['at', `at + interval '1 microsecond'`],
    ]
    await settle(platform.server)
    await asSuperuser(platform, (client) => client.query('create table kept as select * from audit'))
    mend.push('drop table kept')
    for (const [column, value] of changes) {
      await asSuperuser(platform, (client) =>
        client.query(`update audit set ${column} = ${value} where id = ${entry.auditId}`),
      )
      expect([column, value, (await verify()).faults]).toMatchObject([
        column,
        value,
        [{ kind: 'altered', auditId: entry.auditId, index: entry.index }],
      ])
      await asSuperuser(platform, (client) =>
        client.query(
          `update audit a set ${column} = k.${column} from kept k where k.id = a.id and a.id = ${entry.auditId}`,
        ),
      )
    }
  })

  test('a row of version 1, which names no jurisdiction, is still intact', async () => {
    const id = await asSuperuser(platform, async (client) => {
      const { rows } = await client.query<{
        id: string
      }>(`insert into audit (at, jurisdiction, department_id, actor_kind, actor_id, actor_name, action, object_kind, object_id, outcome, request_id, content, salt)
        select at, jurisdiction, department_id, actor_kind, actor_id, actor_name, action, object_kind, object_id, outcome, request_id,
          regexp_replace(replace(content, '"v":2', '"v":1'), ',"jurisdiction":"[0-9]*"', ''), salt
        from audit where id = ${entry.auditId} returning id`)
      return rows[0]!.id
    })
    await verify()
    await settle(platform.server)
    const [row] = await asSuperuser(platform, async (client) => {
      const { rows } = await client.query<{ content: string; leaf_index: string }>(
        `select a.content, l.leaf_index from audit a join audit_leaf l on l.audit_id = a.id where a.id = ${id}`,
      )
      return rows
    })
    expect(JSON.parse(row!.content)).toMatchObject({ v: 1, actor: { departmentId: expect.any(String) } })
    expect(JSON.parse(row!.content).actor).not.toHaveProperty('jurisdiction')
    expect(await verify()).toMatchObject({ intact: true, faults: [] })
  })

  test('a removed row is named, and a removed leaf beside it', async () => {
    await asSuperuser(platform, async (client) => {
      await client.query(`create table gone as select * from audit where id = ${entry.auditId}`)
      await client.query(`delete from audit where id = ${entry.auditId}`)
    })
    mend.push('insert into audit overriding system value select * from gone', 'drop table gone')
    expect((await verify()).faults).toMatchObject([{ kind: 'deleted', auditId: entry.auditId, index: entry.index }])
    await asSuperuser(platform, async (client) => {
      await client.query(`create table gone_leaf as select * from audit_leaf where audit_id = ${entry.auditId}`)
      await client.query(`delete from audit_leaf where audit_id = ${entry.auditId}`)
    })
    mend.push('insert into audit_leaf select * from gone_leaf', 'drop table gone_leaf')
    expect((await verify()).faults).toMatchObject([{ kind: 'deleted', index: entry.index }])
  })

  test('a row that was slipped in before the sequenced position is named', async () => {
    await settle(platform.server)
    const id = await asSuperuser(platform, async (client) => {
      const { rows } = await client.query<{
        id: string
      }>(`insert into audit (xid, at, jurisdiction, actor_kind, actor_id, actor_name, action, outcome, request_id, content, salt)
        select '3', at, jurisdiction, actor_kind, actor_id, '李四', action, outcome, request_id, content, salt from audit where id = ${entry.auditId} returning id`)
      return rows[0]!.id
    })
    mend.push(`delete from audit where id = ${id}`)
    expect((await verify()).faults).toMatchObject([{ kind: 'inserted', auditId: id, index: null }])
  })

  test('two rows that changed places are both named', async () => {
    const [first, second] = [entry.auditId, String(BigInt(entry.auditId) - 1n)]
    const swap = `update audit_leaf set audit_id = case audit_id when ${first} then ${second}::bigint else ${first}::bigint end where audit_id in (${first}, ${second})`
    await asSuperuser(platform, async (client) => {
      await client.query('alter table audit_leaf drop constraint audit_leaf_audit_id_key')
      await client.query(swap)
    })
    mend.push(swap, 'alter table audit_leaf add constraint audit_leaf_audit_id_key unique (audit_id)')
    expect((await verify()).faults.map((one) => one.kind)).toEqual(['altered', 'altered'])
  })

  test('a damaged file of the log is named with its path', async () => {
    await settle(platform.server)
    const size = Number(readFileSync(join(platform.dataDir, 'ledger/checkpoint'), 'utf8').split('\n')[1])
    const path = join(platform.dataDir, `ledger/tile/entries/000.p/${size}`)
    const bytes = readFileSync(path)
    bytes[60]! ^= 1
    writeFileSync(path, bytes)
    const reply = await verify()
    bytes[60]! ^= 1
    writeFileSync(path, bytes)
    expect(reply).toMatchObject({ intact: false, faults: [{ kind: 'log' }] })
    expect(reply.faults[0]!.words.en).toContain('tile/')
  })
})
