import { checkIdNumber, creditCodeCheck, idNumberCheck } from '@huitong/codes'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { FusionDefinition } from './definition.ts'
import { fuse, type FusionSummary } from './fuse.ts'
import type { Decision } from './pairs.ts'
import { rowsOf, text, type Sql } from './sql.ts'
import { openSql } from './testing/duckdb.ts'

const AS_OF = '2026-11-27'
const PEOPLE: FusionDefinition = {
  fields: [
    { code: 'number', kind: 'code' },
    { code: 'name', kind: 'name' },
    { code: 'birth', kind: 'date' },
    { code: 'mobile', kind: 'code' },
  ],
  identifier: { field: 'number', kind: 'id_number' },
  blocking: [
    [{ field: 'name', take: { take: 'sound' } }],
    [{ field: 'birth', take: { take: 'whole' } }],
    [{ field: 'mobile', take: { take: 'whole' } }],
  ],
  comparisons: [
    {
      field: 'name',
      levels: [{ level: 'exact' }, { level: 'sounds_alike' }, { level: 'first', characters: 1 }],
      termFrequency: true,
    },
    { field: 'birth', levels: [{ level: 'exact' }, { level: 'edits', most: 1 }], termFrequency: false },
    { field: 'mobile', levels: [{ level: 'exact' }, { level: 'edits', most: 1 }], termFrequency: false },
  ],
  thresholds: { match: 0.9, review: 0.2 },
}

interface Person {
  record: string
  number: string | null
  name: string | null
  birth: string | null
  mobile: string | null
}

let sql: Sql
beforeAll(async () => {
  sql = await openSql()
})

async function fused(
  people: readonly Person[],
  decisions: readonly Decision[] = [],
): Promise<{ summary: FusionSummary; clusters: Map<string, string>; review: [string, string][] }> {
  const literal = (one: string | null) => (one === null ? 'NULL' : text(one))
  const rows = people.map(
    (one) => `(${[one.record, one.number, one.name, one.birth, one.mobile].map(literal).join(', ')}, 0)`,
  )
  await sql.run(
    'CREATE OR REPLACE TABLE input (record VARCHAR, number VARCHAR, name VARCHAR, birth VARCHAR, mobile VARCHAR, source INTEGER)',
  )
  await sql.run(`INSERT INTO input VALUES ${rows.join(', ')}`)
  const summary = await fuse(sql, PEOPLE, { relation: 'input', decisions, asOf: AS_OF })
  const clusters = await rowsOf(
    sql,
    'SELECT r.record, c.cluster FROM fusion_cluster c JOIN fusion_record r ON r.rowid = c.n',
  )
  const review = await rowsOf(
    sql,
    `SELECT a.record, b.record FROM fusion_review v JOIN fusion_record a ON a.rowid = v.a
    JOIN fusion_record b ON b.rowid = v.b`,
  )
  return { summary, clusters: new Map(clusters as [string, string][]), review: review as [string, string][] }
}

const numberOf = (birth: string, sequence: number): string => {
  const first17 = `330106${birth}${String(sequence).padStart(3, '0')}`
  return first17 + idNumberCheck(first17)
}
const NAMES = ['张伟', '章炜', '王芳', '欧阳震华', '李娜', '黎纳', '仇单', '陈 静']
const BIRTHS = ['19800101', '19800102', '19751231', '20010520']

/** Crowded on purpose: few names, births and numbers, so that everything is near everything. */
const person = fc.record({
  number: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom(...BIRTHS), fc.integer({ min: 1, max: 3 })).map(([b, s]) => numberOf(b, s)),
    },
    { weight: 2, arbitrary: fc.constantFrom(null, '', '330106198001010010', 'unknown', '11010519491331002X') },
    // The same numbers as 15 digits, in full width and with a small x.
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '330106800101001',
        '３３０１０６８００１０１００１',
        ` ${numberOf('19751231', 2).toLowerCase()}`,
      ),
    },
  ),
  name: fc.option(fc.constantFrom(...NAMES)),
  birth: fc.option(fc.constantFrom(...BIRTHS, '1980-01-01')),
  mobile: fc.option(fc.constantFrom('13800000001', '13800000002', '138 0000 0001')),
})

const half = (value: string): string =>
  [...value.trim()].map((c) => (c >= '！' && c <= '～' ? String.fromCharCode(c.charCodeAt(0) - 0xfee0) : c)).join('')
/** What the package of codes says of a number: the second opinion. */
function validNumber(value: string | null): string | null {
  if (value === null) return null
  const verdict = checkIdNumber(half(value), AS_OF)
  return verdict.status === 'valid' ? verdict.number : null
}

test(
  'property: never two valid numbers in one cluster, all of one number in one, and a person’s word is kept',
  { timeout: 120_000 },
  async () => {
    const decided = fc.array(fc.tuple(fc.nat(19), fc.nat(19), fc.constantFrom('same' as const, 'different' as const)), {
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(person, { minLength: 20, maxLength: 40 }), decided, async (some, words) => {
        const people = some.map((one, at) => ({ record: `r${at}`, ...one }))
        const pairs = new Set<string>()
        const decisions = words.flatMap(([a, b, verdict]): Decision[] => {
          const key = [a, b].toSorted((x, y) => x - y).join()
          if (a === b || pairs.has(key)) return []
          pairs.add(key)
          return [{ one: `r${a}`, other: `r${b}`, verdict }]
        })
        const { clusters, review, summary } = await fused(people, decisions)
        expect(clusters.size).toBe(people.length)
        const valid = new Map(people.map((one) => [one.record, validNumber(one.number)]))
        expect(summary.identified).toBe([...valid.values()].filter((one) => one !== null).length)
        const left = new Set(decisions.filter((one) => one.verdict === 'different').map((one) => one.one))
        const numbers = new Map<string, string>()
        for (const [record, cluster] of clusters) {
          const number = valid.get(record) ?? null
          if (number === null) continue
          expect(numbers.get(cluster) ?? number).toBe(number)
          numbers.set(cluster, number)
          if (!left.has(record)) expect(cluster).toBe(number)
        }
        const apart = new Set(
          decisions
            .filter((one) => one.verdict === 'different')
            .flatMap(({ one, other }) => [`${one} ${other}`, `${other} ${one}`]),
        )
        for (const { one, other, verdict } of decisions)
          if (verdict === 'different') expect(clusters.get(one)).not.toBe(clusters.get(other))
        if (summary.refusedDecisions === 0)
          for (const { one, other, verdict } of decisions)
            if (verdict === 'same') expect(clusters.get(one)).toBe(clusters.get(other))
        for (const [a, b] of review) {
          expect(clusters.get(a)).not.toBe(clusters.get(b))
          expect(apart.has(`${a} ${b}`)).toBe(false)
        }
      }),
      { numRuns: 8 },
    )
  },
)

/** Three hundred people of whom a second source knows half without a number, some under a name that only sounds the same. */
function register(): Person[] {
  const surnames = [...'赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许']
  const given = [...'伟芳娜静敏丽强磊军洋艳勇杰娟涛明超兰霞平刚桂红玉华鹏飞慧']
  const first = Array.from({ length: 300 }, (_, at): Person => {
    const birth = `${1950 + (at % 50)}${String((at % 12) + 1).padStart(2, '0')}${String((at % 28) + 1).padStart(2, '0')}`
    const name = `${surnames[at % 20]!}${given[(at * 7) % 29]!}${given[(at * 11 + Math.floor(at / 20)) % 29]!}`
    return {
      record: `a${at}`,
      number: numberOf(birth, at + 1),
      name,
      birth,
      mobile: `139${String(10_000_000 + at * 7919).slice(0, 8)}`,
    }
  })
  const second = first.slice(0, 150).map((one, at): Person => ({
    ...one,
    record: `b${at}`,
    number: at % 2 === 0 ? null : one.number!.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
    name: at % 10 === 3 ? one.name!.replace(/[伟静]/, (c) => (c === '伟' ? '玮' : '敬')) : one.name,
    mobile: at % 7 === 0 ? null : one.mobile,
  }))
  return [...first, ...second]
}

test(
  'who has no valid number is found by name, birth and telephone; what is unsure is for a person, whose word holds',
  { timeout: 60_000 },
  async () => {
    const people = register()
    const { clusters, summary, review } = await fused(people)
    expect(summary).toMatchObject({ records: 450, identified: 300 })
    const right = Array.from({ length: 150 }, (_, at) => clusters.get(`a${at}`) === clusters.get(`b${at}`)).filter(
      Boolean,
    ).length
    expect(right + review.filter(([a, b]) => a.slice(1) === b.slice(1)).length).toBeGreaterThanOrEqual(148)
    expect(right).toBeGreaterThan(140)
    const wrong = [...clusters].filter(
      ([record, cluster]) =>
        record.startsWith('b') && cluster !== clusters.get(`a${record.slice(1)}`) && !cluster.startsWith('record:'),
    )
    expect(wrong).toEqual([])
    // An undone merge stays undone, and two of one number that are told apart are two.
    const twice = { ...people[5]!, record: 'c5' }
    const decisions: Decision[] = [
      { one: 'b0', other: 'a0', verdict: 'different' },
      { one: 'c5', other: 'a5', verdict: 'different' },
    ]
    const again = await fused([...people, twice], decisions)
    expect(again.clusters.get('b0')).not.toBe(again.clusters.get('a0'))
    expect(again.clusters.get('c5')).toBe('record:c5')
    expect(again.clusters.get('a5')).toBe(people[5]!.number)
  },
)

test('firms are one by their credit code; a code with a wrong check character is no identifier', async () => {
  const code = (serial: string) => {
    const first17 = `91330106MA${serial}`
    return first17 + creditCodeCheck(first17)
  }
  const right = '91350100M000100Y43'
  const definition: FusionDefinition = {
    fields: [
      { code: 'number', kind: 'code' },
      { code: 'name', kind: 'firm' },
    ],
    identifier: { field: 'number', kind: 'credit_code' },
    blocking: [],
    comparisons: [],
    thresholds: { match: 0.9, review: 0.2 },
  }
  await sql.run(`CREATE OR REPLACE TABLE firms AS SELECT * FROM (VALUES ('a', 0, '${right}', '甲'), ('b', 1, ' ${right.toLowerCase()}', '甲有限公司'),
    ('c', 1, '91350100M000100Y44', '乙（杭州）有限责任公司'), ('d', 1, '${code('1234567')}', '丙')) v(record, source, number, name)`)
  await fuse(sql, definition, { relation: 'firms', decisions: [], asOf: AS_OF })
  const rows = await rowsOf(
    sql,
    `SELECT r.record, c.cluster, r.name FROM fusion_cluster c JOIN fusion_record r ON r.rowid = c.n ORDER BY 1`,
  )
  expect(rows.slice(0, 3)).toEqual([
    ['a', right, '甲'],
    ['b', right, '甲'],
    ['c', 'record:c', '乙杭州'],
  ])
})
