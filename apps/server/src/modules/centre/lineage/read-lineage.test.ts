import { readLineage } from '@huitong/contract/lineage'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import { type Lineage, told, useLineage } from '../testing/lineage.ts'

describe('the lineage of a dataset', () => {
  const made = useLineage()
  const { platform } = made
  const read = async (who: Account, query: { item?: string; direction?: 'both' | 'up' | 'down' } = {}) =>
    (await platform.as(who)).call(readLineage, { params: { id: made.people.dataset.id }, query })
  guards(platform, readLineage, {
    input: () => ({ params: { id: made.people.dataset.id }, query: {} }),
    denied: ['operator', 'sysadmin', 'auditor'],
  })

  test('an item is followed from the table of the department to everything that is made from it', async () => {
    const seen = await read('centre', { item: 'id_number' })
    expect(seen).toMatchObject({ hidden: 0, truncated: false })
    expect(told(seen).sort()).toEqual(
      [
        'source.id_number copied dataset.id_number',
        'dataset.id_number copied task.id_number',
        'task.id_number copied collection.id_number',
        'collection.id_number copied governed.id_number',
        'collection.id_number derived governed.born',
        'collection.id_number filter governed.*',
        'collection.id_number key governed.name',
        'collection.id_number fused library.number',
        'collection.id_number key library.*',
        'collection.id_number copied service.id_number',
        'service.id_number masked(id_number) opening.id_number',
      ].sort(),
    )
    const derived = seen.edges.find((one) => one.how === 'derived')!
    expect(derived).toMatchObject({ way: 'TRANSFORMATION', says: [{ zh: expect.stringContaining('出生日期') }] })
    expect(seen.edges.find((one) => one.mask === 'id_number')).toMatchObject({ way: 'TRANSFORMATION' })
    // Each box says whose it is.
    expect(seen.boxes.find((one) => one.kind === 'opening')).toMatchObject({ name: { zh: '住房和城乡建设局' } })
  })

  test('a mapping renames, masks, translates and sets; what chooses rows is told of the rows', async () => {
    const lines = told(await read('centre', { direction: 'down' }))
    for (const line of [
      'dataset.name renamed task.xm',
      'dataset.phone masked(phone) task.phone',
      'dataset.village_code translated task.village',
      'dataset.village_code filter task.*',
      'dataset.id key task.*',
      'task.village copied receiving.village',
      'service.village_code filter opening.*',
      'collection.address filter library.*',
    ])
      expect(lines).toContain(line)
    // A constant comes from nothing.
    expect(lines.filter((line) => line.includes('.batch'))).toEqual([])
  })

  test('up from a dataset that a recipe looks in nothing of its readers is met, down its reader is', async () => {
    const of = (direction: 'up' | 'down') =>
      platform
        .as('centre')
        .then((centre) => centre.call(readLineage, { params: { id: made.benefits.dataset.id }, query: { direction } }))
    const kinds = async (direction: 'up' | 'down') => [...new Set((await of(direction)).boxes.map((one) => one.kind))]
    expect((await kinds('up')).sort()).toEqual(['dataset', 'source'])
    const lines = told(await of('down'))
    expect(lines).toContain('collection.person_name derived governed.name')
    expect(lines).toContain('collection.id_number key governed.name')
    expect(lines).toContain('collection.id_number key library.*')
  })

  test('every edge ends at columns that its boxes name, and those of the start are its items', async () => {
    const whole = await read('centre')
    const columns = new Map(whole.boxes.map((one) => [one.id, new Set(one.columns.map(({ name }) => name))]))
    for (const { from, to } of whole.edges)
      for (const { box, column } of [from, to]) if (column !== null) expect([...columns.get(box)!]).toContain(column)
    const items = made.people.dataset.content.items!.map((one) => one.code)
    expect([...columns.get(whole.start)!]).toEqual(items)
    const landed = whole.boxes.find((one) => one.kind === 'collection')!
    for (const { name } of landed.columns) expect(made.people.channel.columns.map((one) => one.as)).toContain(name)
  })

  test('who may not see a grant sees nothing of its consumer, and how much is out of sight', async () => {
    const police = await read('police-officer')
    const kinds = (one: Lineage) => [...new Set(one.boxes.map(({ kind }) => kind))].sort()
    expect(kinds(police)).toEqual(['dataset', 'service'])
    // The table, two tasks, two tables, the governed one, the library, and the opening.
    expect(police.hidden).toBe(8)
    expect(told(police)).toContain('dataset.name hidden[2] service.name')
    expect(police.edges.every((one) => one.way === null && one.mask === null)).toBe(true)
    const words = JSON.stringify(police)
    for (const secret of ['住房', 'tenants', '前置', 'population', made.tableGrant.grantId!, made.channelId])
      expect(words).not.toContain(secret)
    // The consumer sees its own way, the other way is hidden.
    const works = await read('works-officer')
    expect(kinds(works)).toEqual(['dataset', 'opening', 'receiving', 'service', 'task'])
    expect(told(works)).toContain('dataset.name renamed task.xm')
    expect(works.boxes.filter((one) => one.kind === 'task').map((one) => one.objectId)).toEqual([made.channelId])
    // The provider sees everything but the library, which is looked up by others.
    const own = await read('civil-officer')
    expect(kinds(own)).toEqual(
      ['collection', 'dataset', 'governed', 'opening', 'receiving', 'service', 'source', 'task'].sort(),
    )
    expect(own.hidden).toBe(1)
  })

  test('what was received and is provided again leads on, from one dataset to the next', async () => {
    await platform.server.services.db.write(SYSTEM_ROWS, async (db) => {
      const { id } = await db.one<{
        id: string
      }>(sql`insert into source_table (id, source_id, jurisdiction, department_id, schema_name,
          table_name, key, fields, schema_hash, seen_at)
        select gen_random_uuid(), c.target_id, c.jurisdiction, c.consumer_department_id, c.target_schema, c.target_table, '{id}', '[]', 'x', now()
        from channel c where c.id = ${made.channelId} returning id`)
      // Besides what it received, its owner has a column of its own.
      const mapping = JSON.stringify([
        { item: 'person_name', field: 'xm', type: 'text', nullable: true },
        { item: 'amount', field: 'own_sum', type: 'decimal', nullable: true },
      ])
      await db.run(sql`update distribution b set table_id = t.id, source_id = t.source_id, mapping = ${mapping}
        from source_table t where t.id = ${id} and b.dataset_id = ${made.benefits.dataset.id}`)
    })
    const down = told(await read('centre', { item: 'name', direction: 'down' }))
    expect(down).toEqual(
      expect.arrayContaining([
        'dataset.name renamed task.xm',
        'task.xm copied receiving.xm',
        'receiving.xm renamed dataset.person_name',
        'dataset.person_name copied task.person_name',
      ]),
    )
    const of = async (who: Account, query: { direction?: 'up' }) =>
      (await platform.as(who)).call(readLineage, { params: { id: made.benefits.dataset.id }, query })
    expect(told(await of('centre', { direction: 'up' }))).toContain('source.name copied dataset.name')
    const names = async (who: Account) => JSON.stringify(await of(who, {})).match(/own_\w+/g) ?? []
    expect(new Set(await names('centre'))).toEqual(new Set(['own_sum']))
    // Who sends into the table sees what is sent, and that it leads on; what else the owner does with it is the owner's.
    expect(told(await of('civil-officer', {}))).toEqual(
      expect.arrayContaining(['task.xm copied receiving.xm', 'receiving.xm hidden[1] dataset.person_name']),
    )
    expect(await names('civil-officer')).toEqual([])
  })

  test('400, 404: what is not there', async () => {
    expect(await refused(read('centre', { item: 'nothing' }), 'request.invalid').then(pathsOf)).toEqual([
      '#/query/item',
    ])
    const centre = await platform.as('centre')
    await refused(centre.call(readLineage, { params: { id: NOBODY }, query: {} }), 'object.not_found')
  })
})
