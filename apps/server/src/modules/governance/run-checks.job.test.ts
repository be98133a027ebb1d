import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startRun } from '@huitong/contract/governance'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { EngineError } from '../../engine-worker/client.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { findingsPath, runChecksJob } from './run-checks.job.ts'
import { DIRTY, useQuality } from './testing/quality.ts'

describe('the job that runs checks', () => {
  const quality = useQuality()
  const { platform } = quality
  const services = () => platform.server.services
  const turn = { fence: '1', signal: new AbortController().signal }

  test('the latest complete copy is read; findings are a file, and every check an audited act', async () => {
    await quality.send(DIRTY)
    const first = await quality.checked(await quality.suite())
    await quality.send([...DIRTY.slice(0, 2), ['3', '赵六', '33010219900307231X', null, null, null]])
    const second = await quality.checked(await quality.suite())
    expect([first.generation! < second.generation!, second.rows, second.findings]).toEqual([true, '3', '1'])
    for (const { id } of [first, second]) expect(existsSync(join(platform.dataDir, findingsPath(id)))).toBe(true)
    const { n } = await services().db.read(SYSTEM_ROWS, (db) =>
      db.one<{ n: number }>(
        sql`select count(*)::int as n from audit where action = 'job.run_check' and object_id in (${first.id}, ${second.id})`,
      ),
    )
    expect(n).toBe(2)
  })

  test('run again after a kill it writes the same once; nothing to do afterwards', async () => {
    const run = await quality.checked(await quality.suite())
    await services().db.write(SYSTEM_ROWS, async (db) => {
      await db.run(sql`update check_run set state = 'running', rows = null where id = ${run.id}`)
    })
    // The first try's results are still there: only a transaction that was lost is repeated, never half of one.
    await expect(runChecksJob.run(services(), turn)).rejects.toThrow('duplicate key')
    await services().db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update check_run set state = 'done' where id = ${run.id}`),
    )
    expect(await runChecksJob.run(services(), turn)).toBe(false)
  })

  test('an engine that is away leaves the check waiting; one that cannot finish fails it in words', async () => {
    const engine = services().engine
    const { run } = engine
    const failing = (error: EngineError) => {
      engine.run = (async (kind: string, ...rest: unknown[]) => {
        if (kind === 'check-quality') throw error
        return (run as (...given: unknown[]) => unknown)(kind, ...rest)
      }) as typeof run
    }
    failing(new EngineError('engine.unavailable'))
    const { id } = await (await platform.as('centre')).call(startRun, { params: { id: await quality.suite() } })
    const stateOf = () =>
      services().db.read(SYSTEM_ROWS, (db) =>
        db.one<{ state: string; problem: { zh: string } | null }>(
          sql`select state, problem from check_run where id = ${id}`,
        ),
      )
    await eventually(stateOf, (one) => one.state === 'running')
    failing(new EngineError('engine.timeout'))
    const failed = await eventually(stateOf, (one) => one.state === 'failed')
    expect(failed.problem!.zh).toContain('核验引擎未能完成')
    engine.run = run
  })
})
