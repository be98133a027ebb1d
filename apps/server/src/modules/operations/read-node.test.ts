import { randomUUID } from 'node:crypto'
import { type BodyOf, ERRORS } from '@huitong/contract'
import { createNode, keepNodeLog, pollWork, reportProgress } from '@huitong/contract/nodes'
import { readNode } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { VERSION } from '../../kernel/version.ts'
import { startRun, useChannel, type Run } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../tests/harness/platform.ts'

describe('read a node', () => {
  let ahead = 0
  const prepared = useChannel({ clock: { now: () => new Date(Date.now() + ahead) } })
  const { platform } = prepared
  let run: Run
  beforeAll(async () => void (run = await startRun(platform, prepared.ground, prepared.channel)))
  guards(platform, readNode, {
    input: () => ({ params: { id: prepared.ground.provider.id } }),
    denied: ['sysadmin', 'auditor', 'works-developer'],
  })
  const read = async (account: Account, id = prepared.ground.provider.id) =>
    (await platform.as(account)).call(readNode, { params: { id } })
  const poll = (version: string) => {
    const { provider } = prepared.ground
    const body: BodyOf<typeof pollWork> = { boot: provider.boot, version, running: [run.read.id], waitSeconds: 0 }
    return provider.call(pollWork, { body })
  }

  test('200: what it works on and how far that is, its sources, and its tasks with the end that it is', async () => {
    const { provider, consumer, sourceId } = prepared.ground
    const progress = { rowsSealed: '12', segmentsSealed: 3, segmentsUploaded: 1, complete: false }
    await provider.call(reportProgress, { params: { id: run.read.id }, body: { fence: run.read.fence, progress } })
    const node = await read('operator')
    expect(node.sources).toEqual([expect.objectContaining({ id: sourceId, usage: 'provide', kind: 'postgresql' })])
    expect(node.running).toEqual([
      expect.objectContaining({
        id: run.read.id,
        kind: 'read',
        state: 'leased',
        rows: '12',
        segments: 3,
        changes: null,
        subject: { kind: 'channel', id: prepared.channel.id, name: { zh: prepared.channel.number } },
      }),
    ])
    expect(node.channels).toEqual([
      {
        id: prepared.channel.id,
        number: prepared.channel.number,
        name: prepared.channel.name,
        end: 'source',
        state: 'running',
      },
    ])
    expect(node.counts).toEqual({ sources: 1, running: 1, channels: 1 })
    expect((await read('works-officer', consumer.id)).channels.map((one) => one.end)).toEqual(['target'])
  })

  test('200: its version is what it says with each poll, held against the platform’s', async () => {
    const [major, minor] = VERSION.split('.').map(Number) as [number, number]
    for (const [version, versionStanding] of [
      [VERSION, 'same'],
      [`${major}.${minor + 1}.0`, 'newer'],
      [`${major}.${minor + 2}.0`, 'too_new'],
      ['dev', 'unknown'],
    ] as const) {
      await poll(version)
      expect(await read('operator')).toMatchObject({ version, versionStanding, serverVersion: VERSION })
    }
  })

  test('200: online, then away since it was last heard of; one that was never installed awaits enrolment', async () => {
    await poll(VERSION)
    expect(await read('operator')).toMatchObject({ state: 'online' })
    const { lastSeenAt } = await read('operator')
    ahead = 60_000
    expect(await read('operator')).toMatchObject({ state: 'offline', lastSeenAt })
    ahead = 0
    const body = { name: { zh: '未安装' }, departmentId: platform.departments.civil }
    const { node } = await (await platform.as('centre')).call(createNode, { body })
    expect(await read('operator', node.id)).toMatchObject({
      state: 'awaiting',
      version: null,
      versionStanding: 'unknown',
      sources: [],
      running: [],
      channels: [],
      log: { at: null, lines: [], codes: {} },
    })
  })

  test('200: of a ferried node the version is that of its last note', async () => {
    const body = { name: { zh: '摆渡' }, departmentId: platform.departments.civil, link: 'ferry' as const }
    const { node } = await (await platform.as('centre')).call(createNode, { body })
    await platform.server.services.db.tick((db) =>
      db.run(sql`insert into node_crossing (node_id, state, at) values (${node.id}, ${JSON.stringify({ version: '0.0.9' })}, now())
        on conflict (node_id) do update set state = excluded.state`),
    )
    expect(await read('operator', node.id)).toMatchObject({ version: '0.0.9' })
  })

  test('200: the last lines of its log, oldest first', async () => {
    const lines = [
      { at: '2026-05-08T06:00:00Z', level: 'info' as const, kind: 'agent.started' as const, version: '0.1.0' },
      {
        at: '2026-05-08T06:00:01Z',
        level: 'warn' as const,
        kind: 'work.failed' as const,
        work: randomUUID(),
        workKind: 'read' as const,
        code: 'source.unreachable',
      },
    ]
    await prepared.ground.provider.call(keepNodeLog, { body: { lines } })
    const { log } = await read('civil-officer')
    const codes = { 'source.unreachable': ERRORS['source.unreachable'].words }
    expect(log).toEqual({ at: expect.stringMatching(/Z$/) as string, lines, codes })
  })

  test('404: to another department it is not there, though both share a task; nor is what nobody has', async () => {
    for (const account of ['works-officer', 'works-head', 'police-officer'] as const)
      await refused(read(account), 'object.not_found')
    await refused(read('operator', NOBODY), 'object.not_found')
    for (const account of ['operator', 'centre', 'civil-officer', 'civil-head'] as const)
      expect((await read(account)).id).toBe(prepared.ground.provider.id)
  })

  test('the log is kept from other departments by the database itself', async () => {
    const { jurisdiction } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ jurisdiction: string }>(sql`select jurisdiction from node where id = ${prepared.ground.provider.id}`),
    )
    const seen = (departmentId: string) =>
      platform.server.services.db.read({ scope: 'department', jurisdiction, departmentId }, (db) =>
        db.many(sql`select 1 from node_log`),
      )
    expect(await seen(platform.departments.civil)).toHaveLength(1)
    expect(await seen(platform.departments.works)).toEqual([])
  })
})
