import { creditCodeCheck, organisationCodeCheck } from '@huitong/codes'
import type { DuckDBConnection } from '@duckdb/node-api'

const FIRMS = 100_000
/** Division codes that are taken as real: a step of seven makes them unlike a counter. */
const DIVISIONS = 3_000
const FIRST_DIVISION = 110_101
const DIVISION_STEP = 7
/** Weights and check characters of GB 11643. */
const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const ID_CHECKS = '10X98765432'

/** The division codes of the table, as a code list. */
export const DIVISION_CODES: readonly string[] = Array.from({ length: DIVISIONS }, (_, at) =>
  String(FIRST_DIVISION + at * DIVISION_STEP),
)

function creditCode(at: number): string {
  const first8 = `MA${String(at * 7).padStart(6, '0')}`
  const first17 = `91${DIVISION_CODES[at % DIVISIONS]}${first8}${organisationCodeCheck(first8)}`
  return first17 + creditCodeCheck(first17)
}

/**
 * Writes a register of persons with 16 columns as Parquet: numbers, codes and dates that are right by their standards and
 * differ from row to row, about as many bytes a row as real registers have, and about one value in a thousand of each
 * column wrong. The same for the same number of rows, whatever the machine.
 */
export async function makeRegister(db: DuckDBConnection, rows: number, file: string): Promise<void> {
  const codes = Array.from({ length: FIRMS }, (_, at) => `'${creditCode(at)}'`)
  await db.run(`CREATE OR REPLACE TEMP TABLE firm AS
    SELECT (generate_subscripts(l, 1) - 1)::BIGINT AS n, unnest(l) AS code FROM (SELECT [${codes.join(',')}] AS l)`)
  const draw = (name: string, below: number) => `(hash(i, '${name}') % ${below})::BIGINT`
  const pick = (column: string, good: string, bad: string) =>
    `CASE WHEN hash(i, '${column}') % 1000 = 0 THEN ${bad} ELSE ${good} END AS ${column}`
  const division = `(${FIRST_DIVISION} + ${draw('d', DIVISIONS)} * ${DIVISION_STEP})::VARCHAR`
  const sum = ID_WEIGHTS.map((weight, at) => `${weight} * (ascii(first17[${at + 1}]) - 48)`).join(' + ')
  const columns = [
    'i AS id',
    pick(
      'name',
      `chr(19968 + ${draw('n1', 400)}::INTEGER) || chr(20500 + ${draw('n2', 3000)}::INTEGER) || CASE WHEN i % 3 = 0 THEN '' ELSE chr(24000 + ${draw('n3', 3000)}::INTEGER) END`,
      'NULL',
    ),
    pick('id_number', `first17 || '${ID_CHECKS}'[(${sum}) % 11 + 1]`, `first17 || '?'`),
    pick('credit_code', 'code', `left(code, 17) || 'I'`),
    pick('birth', `strftime(born, '%Y-%m-%d')`, `'1990-02-30'`),
    pick(
      'phone',
      `'1' || (30 + ${draw('p', 70)})::VARCHAR || lpad(${draw('q', 100_000_000)}::VARCHAR, 8, '0')`,
      `'１３８0000'`,
    ),
    pick('sex', `CASE WHEN first17[17]::INTEGER % 2 = 1 THEN '1' ELSE '2' END`, `'男'`),
    pick('nation', `lpad((1 + ${draw('e', 56)})::VARCHAR, 2, '0')`, `'汉'`),
    pick('division', 'region', `'000000'`),
    pick('status', `(['存续', '注销', '吊销'])[1 + ${draw('s', 3)}]`, `' 存续'`),
    pick(
      'address',
      `'云州市' || (['人民路', '解放大街', '建设东路', '滨江道'])[1 + i % 4] || ${draw('h', 3000)}::VARCHAR || '号' || ${draw('r', 40)}::VARCHAR || '室'`,
      `''`,
    ),
    pick('code', `lpad(${draw('c', 1_000_000)}::VARCHAR, 6, '0')`, `'x'`),
    pick('note', `CASE WHEN ${draw('o', 4)} = 0 THEN '经办人已核对，编号' || i::VARCHAR ELSE '无' END`, `' 有 空格'`),
    pick('amount', draw('a', 500_000), '-1'),
    pick('capital', `1 + ${draw('k', 100_000)}`, '0'),
    pick('year', `1950 + ${draw('y', 76)}`, '2999'),
  ]
  await db.run(`COPY (SELECT ${columns.join(', ')} FROM (
      SELECT *, region || strftime(born, '%Y%m%d') || lpad(${draw('t', 1000)}::VARCHAR, 3, '0') AS first17 FROM (
        SELECT i, ${division} AS region, DATE '1950-01-01' + ${draw('b', 25_000)}::INTEGER AS born FROM range(${rows}) t(i)))
      JOIN firm ON firm.n = ${draw('f', FIRMS)}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`)
  await db.run('DROP TABLE firm')
}
