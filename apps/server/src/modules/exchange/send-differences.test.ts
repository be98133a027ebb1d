import { createChannel, readChannel, startReconciliation } from '@huitong/contract/exchange'
import type { ReconcileInput, ReconcileResult } from '@huitong/contract/work'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { channelIn, grantTo, runWhole, useChannel } from '../../../../../tests/harness/exchange.ts'
import { pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

describe('what a comparison of a channel in mode diff leads to', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const centre = () => platform.as('centre')

  test('more differences than a repair may name are copied whole anew', async () => {
    const { channel, ground } = prepared
    await runWhole(prepared, channel, [['1', 'a', '33']])
    const copied = await channelIn(platform, channel.id, 'completed')
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update channel set mode = 'diff' where id = ${channel.id}`),
    )
    await (await centre()).call(startReconciliation, { params: { id: channel.id } })
    const { reconciliations } = await (await centre()).call(readChannel, { params: { id: channel.id } })
    const rows = 10_001
    const digests = Array.from({ length: rows }, (_, i) => ({ key: [String(i)], digest: 'a'.repeat(16) }))
    for (const phase of ['sums', 'rows']) {
      for (const [node, isSource] of [
        [ground.provider, true],
        [ground.consumer, false],
      ] as const) {
        const work = await node.work('reconcile', reconciliations[0]!.id)
        expect((work.input as ReconcileInput).drill === null).toBe(phase === 'sums')
        const result: ReconcileResult = {
          rows: isSource ? String(rows) : '0',
          buckets: isSource ? [{ bucket: 1, rows: String(rows), sum: '7' }] : [],
          rowDigests: isSource && phase === 'rows' ? digests : [],
          at: new Date().toISOString(),
        }
        await node.finish(work, result)
      }
    }
    const running = await channelIn(platform, channel.id, 'running')
    expect(running.progress.generation).toBe(copied.progress.generation + 1)
    expect(running.reconciliations[0]).toMatchObject({ state: 'different', repair: null })
  })

  test('409: without a key that is granted whole and unmasked nothing can be compared', async () => {
    const { grantId } = await grantTo(platform, prepared.dataset, {}, { masks: [{ item: 'code', mask: 'last4' }] })
    const body = {
      grantId: grantId!,
      targetSourceId: prepared.ground.targetId,
      targetTable: 'keyless',
      mode: 'diff',
    } as const
    expect(pathsOf(await refused((await centre()).call(createChannel, { body }), 'object.state'))).toEqual(['/mode'])
  })
})
