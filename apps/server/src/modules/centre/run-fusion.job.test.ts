import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listMasters, readFusionRun, startFusion, stopFusion } from '@huitong/contract/fusion'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, refused } from '../../../../../tests/harness/guards.ts'
import { EngineError } from '../../engine-worker/client.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { fusionFolder } from './fusion-run.ts'
import { PERSON, useFusion } from './testing/fusion.ts'

describe('the job that fuses', () => {
  const ground = useFusion()
  const { platform } = ground
  beforeAll(() => ground.define())

  test('a fusion that was cut off by a kill is made again, and gives the same', async () => {
    const first = await ground.fused()
    const { services } = platform.server
    // As a kill leaves it: the state says that it runs, and half of its files are there.
    const part = join(services.settings.dataDir, `${fusionFolder(first.id)}.part`)
    mkdirSync(part, { recursive: true })
    writeFileSync(join(part, 'records.parquet'), 'half')
    await services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update fusion_run set state = 'running', figures = null, finished_at = null where id = ${first.id}`),
    )
    const again = await eventually(
      () => ground.centre.call(readFusionRun, { params: { id: first.id } }),
      (one) => one.state === 'done',
      30_000,
    )
    expect({ ...again.figures!, milliseconds: 0 }).toEqual({ ...first.figures!, milliseconds: 0 })
    expect((await ground.masters(first.id)).length).toBe(50)
  })

  test('an engine that cannot finish fails the fusion in words', async () => {
    const { services } = platform.server
    const { run } = services.engine
    services.engine.run = (async () => {
      throw new EngineError('engine.crashed')
    }) as typeof run
    try {
      const { id } = await ground.centre.call(startFusion, { params: PERSON })
      const failed = await eventually(
        () => ground.centre.call(readFusionRun, { params: { id } }),
        (one) => one.state === 'failed',
      )
      expect(failed.problem!.zh).toContain('计算引擎未能完成融合')
    } finally {
      services.engine.run = run
    }
  })

  test('one fusion at a time; one that is stopped ends and keeps nothing', async () => {
    const { services } = platform.server
    const { run } = services.engine
    services.engine.run = (async (kind: string, input: unknown, options: { signal?: AbortSignal }) => {
      if (kind !== 'fuse-library') return (run as (...given: unknown[]) => unknown)(kind, input, options)
      await new Promise((_resolve, reject) =>
        options.signal!.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
      )
      return undefined
    }) as typeof run
    try {
      const { id } = await ground.centre.call(startFusion, { params: PERSON })
      await refused(ground.centre.call(startFusion, { params: PERSON }), 'object.state')
      await eventually(
        () => ground.centre.call(readFusionRun, { params: { id } }),
        (one) => one.state === 'running',
      )
      expect(await ground.centre.call(stopFusion, { params: { id } })).toMatchObject({ state: 'stopping' })
      await eventually(
        () => ground.centre.call(readFusionRun, { params: { id } }),
        (one) => one.state === 'stopped',
      )
      await refused(ground.centre.call(stopFusion, { params: { id } }), 'object.state')
      await refused(ground.centre.call(listMasters, { params: { id }, body: {} }), 'object.state')
    } finally {
      services.engine.run = run
    }
  })
})
