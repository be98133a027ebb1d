import { expect, test } from 'vitest'
import { LONG } from '../../../tests/harness/long.ts'
import { definitionFaults } from './definition.ts'
import { fuse } from './fuse.ts'
import { openSql } from './testing/duckdb.ts'
import { FEBRL, HISTORICAL, linkageFolder, type Referee } from './testing/referees.ts'
import { scoreOf, type Score } from './testing/score.ts'

const folder = linkageFolder()

async function scored(referee: Referee): Promise<Score & { records: number }> {
  const sql = await openSql()
  expect(definitionFaults(referee.definition)).toEqual([])
  await sql.run(referee.load(folder!))
  await fuse(sql, referee.definition, { relation: 'input', decisions: [], asOf: '2026-11-27' })
  const records: [string, string][] = []
  const answer = sql.stream(`SELECT i.truth, c.cluster FROM fusion_cluster c JOIN fusion_record r ON r.rowid = c.n
    JOIN input i ON i.record = r.record`)
  for await (const [truth, cluster] of answer)
    truth!.forEach((one, at) => records.push([String(one), String(cluster![at])]))
  const score = { records: records.length, ...scoreOf(records) }
  // oxlint-disable-next-line no-console -- the figures of docs/governance.md
  console.log(referee.file, JSON.stringify(score))
  return score
}

test('the scores of a clustering that can be counted by hand', () => {
  const records = ['aa', 'aa', 'ab', 'bb', 'cb'].map((one) => [one[0]!, one[1]!] as const)
  const { pairwise, bcubed } = scoreOf(records)
  expect(pairwise).toMatchObject({ precision: 1 / 4, recall: 1 / 3 })
  expect(bcubed.precision).toBeCloseTo((1 + 1 + 1 / 3 + 1 / 3 + 1 / 3) / 5, 12)
  expect(bcubed.recall).toBeCloseTo((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5, 12)
})

test.skipIf(!folder)('FEBRL 3 is fused as its truth says', { timeout: 120_000 }, async () => {
  const score = await scored(FEBRL)
  expect(score.records).toBe(5000)
  expect(score.pairwise.precision).toBeGreaterThan(0.999)
  expect(score.pairwise.f1).toBeGreaterThan(0.998)
  expect(score.bcubed.f1).toBeGreaterThan(0.998)
})

// Of the long form only: a test that is skipped counts as a failure in CI.
if (LONG)
  test.skipIf(!folder)(
    'fifty thousand records of history are fused as far as stated',
    { timeout: 600_000 },
    async () => {
      const score = await scored(HISTORICAL)
      expect(score.records).toBe(50_578)
      expect(score.pairwise.precision).toBeGreaterThan(0.96)
      expect(score.pairwise.f1).toBeGreaterThan(0.88)
      expect(score.bcubed.f1).toBeGreaterThan(0.89)
    },
  )
