import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { fuse, survive, type FusionDefinition, type Sql } from '@huitong/fusion'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ceilingLine, type Print } from './line.ts'

/** People with a valid number; every fifth is in a second source too. */
const PEOPLE = Number(process.env['HUITONG_BENCH_ROWS'] ?? 10_000_000)
/** Records without a number, compared with people that have one. */
const RESIDUE = Math.max(1_000, Math.round(PEOPLE / 50))
const GATE_SECONDS = 60
const GATE_PAIRS_PER_SECOND = 300_000

const FIELDS: FusionDefinition['fields'] = [
  { code: 'name', kind: 'name' },
  { code: 'number', kind: 'code' },
  { code: 'birth', kind: 'date' },
  { code: 'mobile', kind: 'code' },
]
const IDENTIFIED: FusionDefinition = {
  fields: FIELDS,
  identifier: { field: 'number', kind: 'id_number' },
  blocking: [],
  comparisons: [],
  thresholds: { match: 0.99, review: 0.5 },
}
const COMPARED: FusionDefinition = {
  ...IDENTIFIED,
  blocking: [
    [
      { field: 'name', take: { take: 'whole' } },
      { field: 'birth', take: { take: 'first', characters: 4 } },
    ],
    [{ field: 'birth', take: { take: 'whole' } }],
    [{ field: 'mobile', take: { take: 'whole' } }],
  ],
  comparisons: [
    {
      field: 'name',
      levels: [{ level: 'exact' }, { level: 'sounds_alike' }, { level: 'first', characters: 1 }],
      termFrequency: true,
    },
    {
      field: 'birth',
      levels: [{ level: 'exact' }, { level: 'edits', most: 1 }, { level: 'date_part', part: 'year' }],
      termFrequency: false,
    },
    { field: 'mobile', levels: [{ level: 'exact' }, { level: 'edits', most: 2 }], termFrequency: false },
  ],
}

/** All people of one number made one with the best values of both sources; and how many pairs a second the residue is compared in. */
export async function run(print: Print): Promise<void> {
  const sql = await open()
  await makePeople(sql, PEOPLE)
  const seconds = await timed(async () => {
    const input = { relation: 'people', decisions: [], asOf: '2026-01-01' }
    const { clusters } = await fuse(sql, IDENTIFIED, input)
    if (clusters !== PEOPLE) throw new Error(`${PEOPLE} people became ${clusters}`)
    await sql.run(`CREATE OR REPLACE TEMP VIEW kept AS SELECT c.n, c.cluster, p.source, p.fresh, p.name, p.number, p.birth, p.mobile
      FROM fusion_cluster c JOIN fusion_record r ON r.rowid = c.n JOIN people p ON p.record = r.record`)
    const rules = FIELDS.map(({ code }) => ({
      field: code,
      authority: [1, 0],
      order: ['authority' as const, 'freshness' as const],
    }))
    await survive(sql, 'kept', rules)
  })
  print(ceilingLine('fusion', 'people-with-valid-numbers', (seconds / PEOPLE) * 10_000_000, 's', GATE_SECONDS))
  await sql.run(`CREATE OR REPLACE TEMP TABLE mixed AS SELECT * FROM people WHERE n < ${RESIDUE * 10} AND source = 0 UNION ALL
    SELECT n, 'x' || n, 2, name, NULL, birth, CASE WHEN n % 3 = 0 THEN NULL ELSE mobile END, fresh FROM people
    WHERE n % 10 = 0 AND n < ${RESIDUE * 10} AND source = 0`)
  let begun = 0
  let compared = 0
  const { candidatePairs } = await fuse(sql, COMPARED, {
    relation: 'mixed',
    decisions: [],
    asOf: '2026-01-01',
    onProgress: (stage, at) => {
      if (stage === 'pairs' && at === 0) begun = performance.now()
      if (stage === 'clusters') compared = (performance.now() - begun) / 1000
    },
  })
  const perMillion = (compared / candidatePairs) * 1e6
  print(ceilingLine('fusion', 'a-million-candidate-pairs', perMillion, 's', 1e6 / GATE_PAIRS_PER_SECOND))
}

/** A worker's limits: two cores, and the memory that a machine of 16 GB would give it. */
async function open(): Promise<Sql> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '4GB',
    temp_directory: mkdtempSync(join(tmpdir(), 'huitong-duckdb-')),
    preserve_insertion_order: 'false',
  })
  return sqlOf(await instance.connect())
}

const sqlOf = (db: DuckDBConnection): Sql => ({
  run: (text) => db.run(text),
  async *stream(text) {
    const result = await db.stream(text)
    for (;;) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return
      yield chunk.getColumns()
    }
  },
})

const SURNAMES =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常'
const GIVEN =
  '伟芳娜静敏丽强磊军洋艳勇杰娟涛明超兰霞平刚桂红玉华鹏飞慧莉建文辉力斌健世义兴良海山仁波宁贵福生龙元全国胜学祥才发武新利清保达'
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** People with numbers that are valid and all different, names as frequent as names are. */
async function makePeople(sql: Sql, people: number): Promise<void> {
  const pick = (from: string, by: string) => `substring('${from}', (${by})::BIGINT % ${from.length} + 1, 1)`
  const sum = WEIGHTS.map((weight, at) => `${weight} * (ascii(substring(f, ${at + 1}, 1)) - 48)`).join(' + ')
  await sql.run(`CREATE OR REPLACE TEMP TABLE people AS WITH drawn AS (
      SELECT n, (DATE '1940-01-01' + (hash(n) % 30000)::INTEGER) AS born, hash(n + 7) AS h FROM range(${people}) t(n)),
    numbered AS (SELECT n, h, strftime(born, '%Y%m%d') AS birth,
      (100000 + n // 1000)::VARCHAR || strftime(born, '%Y%m%d') || lpad((n % 1000)::VARCHAR, 3, '0') AS f FROM drawn)
    SELECT n, 'a' || n AS record, 0 AS source,
      ${pick(SURNAMES, 'sqrt((h % 10000)::DOUBLE)')} || ${pick(GIVEN, 'h / 10007')} || ${pick(GIVEN, 'h / 1000003')} AS name,
      f || substring('10X98765432', (${sum}) % 11 + 1, 1) AS number, birth, '1' || (3000000000 + h % 6999999999)::VARCHAR AS mobile,
      n % 1000000 AS fresh FROM numbered`)
  await sql.run(
    `INSERT INTO people SELECT n, 'b' || n, 1, name, lower(number), birth, mobile, fresh + 1 FROM people WHERE n % 5 = 0`,
  )
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}
