import { revokeGrant, readGrant } from '@huitong/contract/catalogue'
import { readImpact } from '@huitong/contract/lineage'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import { useLineage } from '../testing/lineage.ts'

describe('what a change would touch', () => {
  const made = useLineage()
  const { platform } = made
  const impact = async (who: Account, ...items: string[]) =>
    (await platform.as(who)).call(readImpact, { body: { datasetId: made.people.dataset.id, items } })
  const tableId = () =>
    platform.server.services.db
      .read(SYSTEM_ROWS, (db) =>
        db.one<{ id: string }>(
          sql`select table_id as id from distribution where dataset_id = ${made.people.dataset.id}`,
        ),
      )
      .then((row) => row.id)
  guards(platform, readImpact, {
    input: () => ({ body: { datasetId: made.people.dataset.id, items: ['name'] } }),
    denied: ['operator', 'sysadmin'],
  })

  test('an item: every task, table, recipe, library, service and grant down the way, and their departments', async () => {
    const seen = await impact('centre', 'phone')
    const touched = seen.touched.map(({ box, direct }) => `${box.kind} ${direct ? 'values' : 'rows'}`)
    // The service gives the telephone, the opening does not; the library has no field for it.
    expect(touched).toEqual([
      'task values',
      'task values',
      'collection values',
      'receiving values',
      'governed values',
      'service values',
    ])
    expect(seen.grants.map((one) => [one.granteeDepartmentName.zh, one.items])).toEqual([
      ['住房和城乡建设局', ['phone']],
      ['大数据中心', ['phone']],
    ])
    expect(seen.departments.map((one) => one.name.zh).sort()).toEqual(['住房和城乡建设局', '大数据中心', '民政局'])
    expect(seen).toMatchObject({ hidden: 0, truncated: false })
  })

  test('what only chooses rows is told apart from what brings values', async () => {
    const seen = await impact('centre', 'address')
    const library = seen.touched.find((one) => one.box.kind === 'library')!
    expect(library).toMatchObject({ direct: false, box: { columns: [] } })
    // The grants of housing choose rows by the village, and one of them gives it too.
    const villages = await impact('centre', 'village_code')
    expect(villages.grants.map((one) => one.direct)).toEqual([true, true, true])
    const number = await impact('centre', 'id_number')
    expect(number.touched.find((one) => one.box.kind === 'library')!.direct).toBe(true)
  })

  test('columns of the table behind it touch what the items touch', async () => {
    const body = { tableId: await tableId(), columns: ['phone', 'id_number'] }
    const seen = await (await platform.as('civil-officer')).call(readImpact, { body })
    expect(seen.touched[0]!.box).toMatchObject({ kind: 'dataset' })
    expect(seen.touched[0]!.box.columns.map((one) => one.name)).toEqual(['id_number', 'phone'])
    expect(seen.grants.length).toBe(3)
    // Nobody else learns of the table.
    await refused((await platform.as('works-officer')).call(readImpact, { body }), 'object.not_found')
  })

  test('others learn how much is touched, and nothing of whom', async () => {
    const seen = await impact('police-officer', 'phone')
    expect(seen.grants).toEqual([])
    expect(seen.touched.map((one) => one.box.kind)).toEqual(['service'])
    // Two tasks, two tables, the governed one, and two grants.
    expect(seen.hidden).toBe(7)
    expect(JSON.stringify(seen)).not.toContain('住房')
  })

  test('400, 404: places name what is not there', async () => {
    expect(await refused(impact('centre', 'name', 'nothing'), 'request.invalid').then(pathsOf)).toEqual(['/items/1'])
    const own = await platform.as('civil-officer')
    const body = { tableId: await tableId(), columns: ['nothing'] }
    expect(await refused(own.call(readImpact, { body }), 'request.invalid').then(pathsOf)).toEqual(['/columns/0'])
    await refused(own.call(readImpact, { body: { datasetId: NOBODY, items: ['name'] } }), 'object.not_found')
    await refused(own.call(readImpact, { body: { tableId: NOBODY, columns: ['name'] } }), 'object.not_found')
    await refused(own.call(readImpact, { body: { datasetId: NOBODY } as never }), 'request.invalid')
  })

  test('a grant that was revoked is touched no more', async () => {
    const head = await platform.as('civil-head')
    const params = { id: made.tableGrant.grantId! }
    const { version } = await head.call(readGrant, { params })
    await head.call(revokeGrant, { params, body: { reason: '用途已变化，停止共享' } }, { match: version })
    const seen = await impact('centre', 'phone')
    expect(seen.grants.map((one) => one.granteeDepartmentName.zh)).toEqual(['大数据中心'])
  })
})
