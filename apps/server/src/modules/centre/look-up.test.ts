import { lookUp, setLibrary } from '@huitong/contract/centre'
import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  BENEFIT_TABLE,
  inCentre,
  land,
  PEOPLE_TABLE,
  prepareCentre,
  type Landed,
} from '../../../../../tests/harness/centre.ts'
import { guards, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

const NUMBER = '33010219900307231X'

describe('look up a person', () => {
  const platform = usePlatform({ centre: true })
  let people: Landed
  let benefits: Landed
  beforeAll(async () => {
    const ground = await prepareCentre(platform)
    people = await land(platform, ground, PEOPLE_TABLE)
    benefits = await land(platform, ground, {
      ...BENEFIT_TABLE,
      answer: { masks: [{ item: 'person_name', mask: 'name' }] },
    })
    // What the grant masks is masked at the source, before it lands.
    await inCentre(platform, `update benefit set person_name = '王**'`)
    const parts = [people, benefits].map((one) => ({ channelId: one.channel.id, keyItem: 'id_number' }))
    await (await platform.as('centre')).call(setLibrary, { params, body: { parts } })
  })
  const params = { library: 'person' as const }
  const ask = async (body: { number: string; full?: boolean; purpose?: string }) =>
    (await platform.as('centre')).call(lookUp, { params, body })
  const audits = () =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ content: string; outcome: string }>(
        sql`select content, outcome from audit where action = ${lookUp.id} order by id`,
      ),
    )
  guards(platform, lookUp, {
    input: () => ({ params, body: { number: NUMBER } }),
    denied: ['civil-officer', 'authority', 'operator', 'centre-officer'],
  })

  test('200: one person across the landed tables, names, numbers, phones and addresses masked', async () => {
    const reply = await ask({ number: NUMBER })
    expect(reply.masked).toBe(true)
    expect(reply.parts.map((one) => one.rows)).toEqual([
      [['9007199254740993', '王**', '330102********231X', '138****1234', null, '330102001001']],
      [
        ['1', '王**', '330102********231X', '812.50'],
        ['2', '王**', '330102********231x', '812.00'],
      ],
    ])
    expect(reply.parts[0]!.items.map((one) => [one.name.zh, one.masked])).toEqual([
      ['记录号', false],
      ['姓名', true],
      ['公民身份号码', true],
      ['联系电话', true],
      ['户籍地址', true],
      ['村级代码', false],
    ])
  })

  test('full values need a purpose; what the grant masks stays masked', async () => {
    const error = await refused(ask({ number: NUMBER, full: true }), 'centre.purpose_required')
    expect(pathsOf(error)).toEqual(['/purpose'])
    const reply = await ask({ number: NUMBER, full: true, purpose: '核对低保对象身份' })
    expect(reply.parts[0]!.rows[0]).toEqual(PEOPLE_TABLE.rows[0])
    expect(reply.parts[1]!.rows[0]).toEqual(['1', '王**', NUMBER, '812.50'])
  })

  test('each reading leaves an audit row with the purpose and a digest, never the number', async () => {
    const before = (await audits()).length
    await ask({ number: NUMBER, full: true, purpose: '来信来访核实' })
    const after = await audits()
    expect(after.length).toBe(before + 1)
    const { content } = after.at(-1)!
    expect(content).toContain('来信来访核实')
    expect(content).toContain('"full":true')
    expect(content).toMatch(/"subject":"[0-9a-f]{32}"/)
    expect(content).not.toContain(NUMBER)
    expect(content).not.toContain('王小明')
  })

  test('nobody of that number: no rows, and the same shape', async () => {
    const reply = await ask({ number: '110101190001010000' })
    expect(reply.parts.map((one) => [one.rows, one.refused])).toEqual([
      [[], null],
      [[], null],
    ])
  })

  test('400: what is no number does not reach the database', async () => {
    for (const number of ["1' or '1'='1", '', '一二三四五六七八']) await refused(ask({ number }), 'request.invalid')
  })

  test('a revoked grant shows nothing of its part, and says so', async () => {
    const head = await platform.as('civil-head')
    const of = { params: { id: benefits.request.grantId! } }
    const { version } = await head.call(readGrant, of)
    await head.call(revokeGrant, { ...of, body: { reason: '依据已废止' } }, { match: version })
    const reply = await ask({ number: NUMBER, full: true, purpose: '核对低保对象身份' })
    expect(reply.parts[1]).toMatchObject({ refused: 'revoked', rows: [], items: [] })
    expect(reply.parts[0]!.rows.length).toBe(1)
  })
})
