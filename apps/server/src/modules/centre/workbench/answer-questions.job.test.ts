import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readQuestion } from '@huitong/contract/workbench'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { useEngine } from '../../../../../../tests/harness/engine.ts'
import { eventually } from '../../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import { answered } from '../testing/workbench.ts'
import { answerPath } from './questions.ts'

describe('the job that answers questions', () => {
  const platform = usePlatform({ centre: true })
  useEngine(platform)
  const db = () => platform.server.services.db

  test('one that was cut off by a kill is asked again', async () => {
    const centre = await platform.as('centre')
    const done = await answered(platform, 'centre', 'select 42')
    await db().write(SYSTEM_ROWS, (tx) =>
      tx.run(sql`update question set state = 'running', bytes = null, rows = null where id = ${done.question.id}`),
    )
    const again = await eventually(
      () => centre.call(readQuestion, { params: { id: done.question.id } }),
      ({ question }) => question.state === 'done',
    )
    expect(again.answer!.rows).toEqual([['42']])
  })

  test('answers are let go after a day, and files that no question names at once', async () => {
    const { question } = await answered(platform, 'centre', "select '一天' as kept")
    const [file, stray] = [question.id, '00000000-0000-4000-8000-000000000000'].map((id) =>
      join(platform.dataDir, answerPath(id)),
    )
    writeFileSync(stray!, '{}')
    expect(existsSync(file!)).toBe(true)
    await db().write(SYSTEM_ROWS, (tx) =>
      tx.run(sql`update question set finished_at = finished_at - interval '25 hours' where id = ${question.id}`),
    )
    await eventually(
      async () => existsSync(file!) || existsSync(stray!),
      (isThere) => !isThere,
      15_000,
    )
    const { answer, question: left } = await (
      await platform.as('centre')
    ).call(readQuestion, { params: { id: question.id } })
    expect([answer, left.kept, left.state]).toEqual([null, false, 'done'])
  })
})
