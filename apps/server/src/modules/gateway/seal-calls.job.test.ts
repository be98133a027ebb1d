import { createHash } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'
import { Client } from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { callService, credential, serve, type Credential } from '../../../../../tests/harness/gateway.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { leafOf, sealCallsJob, selectCalls, type CallRow } from './seal-calls.job.ts'

describe('seal calls', () => {
  const platform = usePlatform({ centre: true })
  let app: Credential
  const turn = { fence: '1', signal: new AbortController().signal }
  const read = <T>(query: RawBuilder<T>) => platform.server.services.db.read(SYSTEM_ROWS, (db) => db.many(query))
  beforeAll(async () => {
    await serve(platform)
    app = await credential(platform)
    for (const id of ['2', '3', '2']) await callService(platform, app, '/api/v1/services/people/row', { query: { id } })
    // As if they had been made some minutes ago.
    const owner = new Client({ connectionString: platform.url })
    await owner.connect()
    await owner.query(`update service_call set minute = minute - interval '5 minutes', at = at - interval '5 minutes'`)
    await owner.end()
  })

  /** RFC 6962, written here for itself: the test does not believe the package that it checks. */
  function treeHash(leaves: readonly Uint8Array[]): Buffer {
    const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
    if (leaves.length === 1) return hash(Buffer.from([0]), leaves[0]!)
    let split = 1
    while (split * 2 < leaves.length) split *= 2
    return hash(Buffer.from([1]), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)))
  }

  test('a closed minute gets one root over its calls, counted by matter and outcome, with an audit row', async () => {
    while (await sealCallsJob.run(platform.server.services, turn)) continue
    const roots = await read(sql<{ id: string; root: Buffer; calls: string }>`select id, root, calls from call_root`)
    expect(roots.map((one) => one.calls)).toEqual(['3'])
    const calls = await read<CallRow>(selectCalls(sql`root_id = ${roots[0]!.id}`))
    expect(treeHash(calls.map(leafOf)).equals(roots[0]!.root)).toBe(true)
    const counts = await read(
      sql<{
        outcome: string
        calls: string
        rows: string
      }>`select outcome, calls, rows from call_count order by outcome`,
    )
    expect(counts).toEqual([
      { outcome: 'ok', calls: '2', rows: '2' },
      { outcome: 'service.row_not_found', calls: '1', rows: '0' },
    ])
    const audits = await read(sql<{ content: string }>`select content from audit where action = 'job.seal_calls'`)
    expect(audits.map((one) => one.content.includes(roots[0]!.root.toString('hex')))).toEqual([true])
  })

  test('replayed it seals nothing twice; a call of the minute at hand waits', async () => {
    await callService(platform, app, '/api/v1/services/people/row', { query: { id: '2' } })
    expect(await sealCallsJob.run(platform.server.services, turn)).toBe(false)
    expect((await read(sql`select 1 from call_root`)).length).toBe(1)
  })

  test('a changed row no longer fits its root', async () => {
    const [root] = await read(sql<{ id: string; root: Buffer }>`select id, root from call_root`)
    const calls = await read<CallRow>(selectCalls(sql`root_id = ${root!.id}`))
    const changed = calls.map((one, at) => (at === 0 ? { ...one, rows: '100' } : one))
    expect(treeHash(changed.map(leafOf)).equals(root!.root)).toBe(false)
  })
})
