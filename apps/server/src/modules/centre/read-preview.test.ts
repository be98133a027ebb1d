import { readPreview } from '@huitong/contract/centre'
import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  inCentre,
  land,
  PEOPLE_TABLE,
  prepareCentre,
  publishTable,
  type CentreGround,
  type Landed,
} from '../../../../../tests/harness/centre.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { createDraft } from '../../../../../tests/harness/catalogue.ts'
import { usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

describe('preview a dataset', () => {
  const platform = usePlatform({ centre: true })
  let ground: CentreGround
  let people: Landed
  beforeAll(async () => {
    ground = await prepareCentre(platform)
    people = await land(platform, ground, PEOPLE_TABLE)
  })
  const ask = async (account: Account, id = people.dataset.id) =>
    (await platform.as(account)).call(readPreview, { params: { id } })
  guards(platform, readPreview, {
    input: () => ({ params: { id: people.dataset.id } }),
    denied: ['operator', 'auditor', 'works-developer'],
  })

  test('200: the first rows by their key, everything of a person masked or left empty', async () => {
    const reply = await ask('civil-officer')
    expect(reply).toMatchObject({ state: 'shown', hiddenCount: 0 })
    expect(reply.items.map((one) => [one.name.zh, one.masked])).toEqual([
      ['记录号', false],
      ['姓名', true],
      ['公民身份号码', true],
      ['联系电话', true],
      ['户籍地址', true],
      ['村级代码', false],
    ])
    expect(reply.rows).toEqual([
      ['2', '李*', '330102********1224', '139****5678', null, '330102001002'],
      ['3', expect.not.stringContaining('Neil'), '330102********1225', null, null, '440102001002'],
      ['9007199254740993', '王**', '330102********231X', '138****1234', null, '330102001001'],
    ])
    for (const account of ['civil-head', 'centre', 'centre-officer', 'authority'] as const)
      expect((await ask(account)).rows, account).toEqual(reply.rows)
  })

  test('200: other departments see no row and are not told more than that', async () => {
    expect(await ask('works-officer')).toEqual({ state: 'none', landedAt: null, items: [], hiddenCount: 0, rows: [] })
  })

  test('200: never more than twenty rows, by the key as the table orders it', async () => {
    await inCentre(platform, `insert into population (id) select g from generate_series(100, 200) g`)
    const { rows } = await ask('civil-officer')
    expect(rows.map((row) => row[0])).toEqual([
      '2',
      '3',
      ...Array.from({ length: 18 }, (_none, at) => String(100 + at)),
    ])
    await inCentre(platform, `delete from population where id between 100 and 200`)
  })

  test('200: an item that is not shared any more is not shown', async () => {
    const set = (value: string) =>
      platform.server.services.db.write(SYSTEM_ROWS, (db) =>
        db.run(sql`update dataset_version set content = jsonb_set(content, '{items,5,shareAttribute}', ${JSON.stringify(value)})
          where dataset_id = ${people.dataset.id}`),
      )
    await set('refused')
    const reply = await ask('civil-officer')
    expect(reply.items.map((one) => one.code)).not.toContain('village_code')
    expect([reply.hiddenCount, reply.rows[0]!.length]).toEqual([1, 5])
    await set('conditional')
  })

  test('200: nothing landed, nothing published: nothing to see', async () => {
    const other = await publishTable(platform, ground, {
      ...PEOPLE_TABLE,
      table: 'others',
      content: { name: { zh: '别的' } },
    })
    expect(await ask('civil-officer', other.id)).toMatchObject({ state: 'none', rows: [] })
    const draft = await createDraft(platform, { name: { zh: '草稿' } })
    expect(await ask('civil-officer', draft.id)).toMatchObject({ state: 'none', rows: [] })
  })

  test('each preview leaves an audit row that names the items and no datum', async () => {
    await ask('authority')
    const rows = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ content: string }>(
        sql`select content from audit where action = ${readPreview.id} order by id desc limit 1`,
      ),
    )
    expect(rows[0]!.content).toContain('"id_number"')
    expect(rows[0]!.content).not.toMatch(/王|330102/)
  })

  test('404 for none, and for what the caller may not see', async () => {
    await refused(ask('civil-officer', NOBODY), 'object.not_found')
    const draft = await createDraft(platform, { name: { zh: '只给本部门' } })
    await refused(ask('works-officer', draft.id), 'object.not_found')
  })

  test('200: nothing once the grant is revoked', async () => {
    const head = await platform.as('civil-head')
    const of = { params: { id: people.request.grantId! } }
    const { version } = await head.call(readGrant, of)
    await head.call(revokeGrant, { ...of, body: { reason: '依据已废止' } }, { match: version })
    expect(await ask('civil-officer')).toMatchObject({ state: 'none', rows: [] })
  })
})
