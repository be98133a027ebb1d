import { revokeGrant } from '@huitong/contract/catalogue'
import { createRecipe, listRecipeRuns, startRecipeRun } from '@huitong/contract/recipes'
import { listWorkbenchTables, readQuestion } from '@huitong/contract/workbench'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, guards, refused } from '../../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import { DIRTY, useQuality } from '../../governance/testing/quality.ts'
import { answered } from '../testing/workbench.ts'

describe('tables of the workbench', () => {
  const quality = useQuality()
  const { platform } = quality
  const db = () => platform.server.services.db
  beforeAll(() => quality.send(DIRTY), 60_000)
  guards(platform, listWorkbenchTables, {
    input: () => ({}),
    denied: ['authority', 'operator', 'auditor', 'civil-head'],
  })

  test('tables: the provider’s own as they are, for the centre with people masked, for others none', async () => {
    const seen = async (who: Account) => (await (await platform.as(who)).call(listWorkbenchTables)).items
    const [own] = await seen('civil-officer')
    expect(own).toMatchObject({ layer: 'collection', departmentName: { zh: expect.any(String) } })
    expect(own!.columns.some((one) => one.masked)).toBe(false)
    const [centre] = await seen('centre')
    expect(centre!.name).toBe(own!.name)
    expect(centre!.columns.filter((one) => !one.masked).map((one) => one.name)).toEqual(['id', 'village_code'])
    expect(await seen('works-officer')).toEqual([])
    // Every question says so in the audit; the text stays out of it.
    const secret = "select count(*) from collection.people where id_number = '11010519491231002X'".replace(
      'people',
      own!.name,
    )
    const { question } = await answered(platform, 'centre', secret)
    const rows = await db().read(SYSTEM_ROWS, (tx) =>
      tx.many<{ action: string; content: string }>(
        sql`select action, content::text from audit where object_id = ${question.id} order by id`,
      ),
    )
    expect(rows.map((one) => one.action)).toEqual(
      expect.arrayContaining(['centre.question.ask', 'job.answer_question', 'centre.question.read']),
    )
    expect(JSON.stringify(rows)).not.toContain('11010519491231002X')
  })

  test('answers what is there, masked for the centre; a wrong text says where it is wrong', async () => {
    const { items } = await (await platform.as('centre')).call(listWorkbenchTables)
    const table = `collection.${items[0]!.name}`
    const own = await answered(platform, 'civil-officer', `select name, id_number from ${table} where id = 1`)
    expect(own.answer).toEqual({
      columns: [
        { name: 'name', type: 'VARCHAR', numeric: false },
        { name: 'id_number', type: 'VARCHAR', numeric: false },
      ],
      rows: [['王小明', '11010519491231002X']],
    })
    const centre = await answered(platform, 'centre', `select name, id_number from ${table} where id = 1`)
    expect(centre.answer!.rows).toEqual([['王**', '110105********002X']])
    expect(
      (await answered(platform, 'centre', `select count(*) from ${table} where name = '王小明'`)).answer!.rows,
    ).toEqual([['0']])
    const wrong = await answered(platform, 'centre', `select nothing_such from ${table}`)
    expect(wrong).toMatchObject({ question: { state: 'failed', kept: false }, answer: null })
    expect(wrong.question.faults[0]!.en).toContain('nothing_such')
    const other = await answered(platform, 'works-officer', `select * from ${table}`)
    expect(other.question).toMatchObject({ state: 'failed', tables: [], faults: [{ at: 14 }] })
    // Nobody else reads it, not even within the department.
    const id = own.question.id
    await refused((await platform.as('civil-head')).call(readQuestion, { params: { id } }), 'permission.denied')
    await refused((await platform.as('centre')).call(readQuestion, { params: { id } }), 'object.not_found')
  })

  test('the governed table can be asked; what a recipe made of masked values is masked whole', async () => {
    const centre = await platform.as('centre')
    const steps = [
      { kind: 'trim', parameters: { column: 'name', inside: 'none' } },
      { kind: 'from_id', parameters: { column: 'id_number', part: 'birth', into: 'born' } },
      { kind: 'join_text', parameters: { columns: ['village_code'], with: '', into: 'village_copy' } },
    ]
    const body = { datasetId: quality.landed.dataset.id, steps, examples: [] }
    const recipe = await centre.call(createRecipe, { body })
    await centre.call(startRecipeRun, { params: { id: recipe.id } })
    await eventually(
      () => centre.call(listRecipeRuns, { params: { id: recipe.id }, query: {} }),
      (page) => page.items[0]?.state === 'done',
      30_000,
    )
    const { items } = await centre.call(listWorkbenchTables)
    const governed = items.find((one) => one.layer === 'governed')!
    const masked = Object.fromEntries(governed.columns.map((one) => [one.name, one.masked]))
    expect(masked).toMatchObject({ name: true, born: true, village_copy: false })
    const question = `select name, born from governed.${governed.name} where id = 1`
    expect((await answered(platform, 'centre', question)).answer!.rows).toEqual([['王**', null]])
    expect((await answered(platform, 'civil-officer', question)).answer!.rows).toEqual([['王小明', '1949-12-31']])
  })

  test('a revoked grant takes the table away, and answers that were given from it', async () => {
    const { items } = await (await platform.as('centre')).call(listWorkbenchTables)
    const before = await answered(platform, 'centre', `select count(*) from collection.${items[0]!.name}`)
    expect(before.answer!.rows).toEqual([['4']])
    const grants = await db().read(SYSTEM_ROWS, (tx) =>
      tx.many<{ id: string }>(sql`select grant_id as id from channel where id = ${quality.landed.channel.id}`),
    )
    await (
      await platform.as('authority')
    ).call(revokeGrant, { params: { id: grants[0]!.id }, body: { reason: '用途已变化，停止共享' } }, { match: 1 })
    for (const who of ['centre', 'civil-officer'] as const)
      expect((await (await platform.as(who)).call(listWorkbenchTables)).items).toEqual([])
    const params = { id: before.question.id }
    expect((await (await platform.as('centre')).call(readQuestion, { params })).answer).toBeNull()
  })
})
