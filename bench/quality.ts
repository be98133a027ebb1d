import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { columnsRead, planCheck, type ColumnClass, type Rule, type Scope } from '@huitong/quality'
import { ceilingLine, speedLine, type Print } from './line.ts'

const ROWS = 2_000_000
const ROUNDS = 3
const RULES = 50
const TEXTS = [
  'name',
  'id_number',
  'credit_code',
  'birth',
  'phone',
  'sex',
  'nation',
  'division',
  'status',
  'address',
  'code',
  'note',
]
const NUMBERS = ['amount', 'capital', 'year']
const COLUMNS: Readonly<Record<string, ColumnClass>> = {
  id: 'integer',
  ...Object.fromEntries(TEXTS.map((one) => [one, 'text' as const])),
  ...Object.fromEntries(NUMBERS.map((one) => [one, 'integer' as const])),
}
const SCOPE: Scope = { columns: COLUMNS, key: ['id'], tables: {}, sets: {}, asOf: '2026-01-01' }

/** All rules in one scan with every failing row kept, against one query per rule, and against decoding the columns alone. */
export async function run(print: Print): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-bench-quality-'))
  try {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '2',
      memory_limit: '1GB',
      preserve_insertion_order: 'false',
    })
    const db = await instance.connect()
    const file = join(folder, 'rows.parquet')
    await makeRows(db, file)
    await db.run(`CREATE VIEW checked AS SELECT * FROM read_parquet('${file}')`)
    const rules = makeRules()
    const best = { fused: Infinity, each: Infinity, decode: Infinity }
    const found = { fused: '', each: '' }
    // In turns, so that neither has the quieter machine.
    for (let round = 0; round < ROUNDS; round++) {
      best.decode = Math.min(best.decode, await timed(() => decode(db, columnsRead(rules))))
      best.fused = Math.min(best.fused, await timed(async () => void (found.fused = await check(db, rules, folder))))
      best.each = Math.min(best.each, await timed(async () => void (found.each = await oneByOne(db, rules, folder))))
    }
    // The same pairs of rule and row, or the comparison says nothing.
    if (found.fused !== found.each) throw new Error(`one scan found ${found.fused}, one query per rule ${found.each}`)
    const nativeName = 'DuckDB, one query per rule'
    print(
      speedLine('quality', 'fifty-rules-one-scan', {
        rows: ROWS,
        seconds: best.fused,
        nativeSeconds: best.each,
        nativeName,
        gate: 4,
      }),
    )
    print(ceilingLine('quality', 'scan-over-decoding', best.fused / best.decode, 'times', 4))
    print(ceilingLine('quality', 'two-billion-values', (2.062e9 / (ROWS * RULES)) * best.fused, 's', 60))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A table like a register: about one value in a thousand of a column is wrong. */
async function makeRows(db: DuckDBConnection, file: string): Promise<void> {
  const pick = (column: string, good: string, bad: string) =>
    `CASE WHEN hash(i, '${column}') % 1000 = 0 THEN ${bad} ELSE ${good} END AS ${column}`
  const columns = [
    'i AS id',
    pick('name', `'张' || chr(19968 + (i % 500)::INTEGER)`, `NULL`),
    pick('id_number', `'11010519491231002X'`, `'110105194912310021'`),
    pick('credit_code', `'91350100M000100Y43'`, `'91350100M000100Y44'`),
    pick('birth', `strftime(DATE '1950-01-01' + (i % 20000)::INTEGER, '%Y-%m-%d')`, `'1990-02-30'`),
    pick('phone', `'138' || lpad((i % 100000000)::VARCHAR, 8, '0')`, `'１３８0000'`),
    pick('sex', `(1 + i % 2)::VARCHAR`, `'男'`),
    pick('nation', `lpad((1 + i % 56)::VARCHAR, 2, '0')`, `'汉'`),
    pick('division', `'3301' || lpad((1 + i % 20)::VARCHAR, 2, '0')`, `'000000'`),
    pick('status', `CASE i % 3 WHEN 0 THEN '存续' WHEN 1 THEN '注销' ELSE '吊销' END`, `' 存续'`),
    pick('address', `'某路' || (i % 300)::VARCHAR || '号'`, `''`),
    pick('code', `lpad((i % 100000)::VARCHAR, 6, '0')`, `'x'`),
    pick('note', `'无'`, `' 有 空格'`),
    pick('amount', `i % 5000`, `-1`),
    pick('capital', `1 + i % 100000`, `0`),
    pick('year', `1950 + i % 76`, `2999`),
  ]
  await db.run(
    `COPY (SELECT ${columns.join(', ')} FROM range(${ROWS}) t(i)) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`,
  )
}

function makeRules(): Rule[] {
  const own: Omit<Rule, 'code'>[] = [
    ...TEXTS.map((column) => ({ kind: 'required', parameters: { column } })),
    ...TEXTS.map((column) => ({ kind: 'length', parameters: { column, max: 18 } })),
    ...TEXTS.map((column) => ({ kind: 'no_stray_spaces', parameters: { column, inside: 'none' } })),
    { kind: 'id_number', parameters: { column: 'id_number', ignoreDate: true } },
    { kind: 'credit_code', parameters: { column: 'credit_code' } },
    { kind: 'date_valid', parameters: { column: 'birth', forms: ['iso'] } },
    { kind: 'no_full_width', parameters: { column: 'phone', what: 'digits' } },
    { kind: 'code_set', parameters: { column: 'sex', codes: ['0', '1', '2', '9'] } },
    { kind: 'code_set', parameters: { column: 'status', codes: ['存续', '注销', '吊销'] } },
    { kind: 'pattern', parameters: { column: 'code', pattern: '\\d{6}', mode: 'must' } },
    { kind: 'pattern', parameters: { column: 'division', pattern: '[1-8]\\d{5}', mode: 'must' } },
    { kind: 'pattern', parameters: { column: 'nation', pattern: '\\d{2}', mode: 'must' } },
    ...NUMBERS.map((column) => ({ kind: 'range', parameters: { column, as: 'number', min: '0' } })),
    { kind: 'range', parameters: { column: 'year', as: 'number', max: '2026' } },
    { kind: 'range', parameters: { column: 'capital', as: 'number', above: '0' } },
  ]
  return own.slice(0, RULES).map((rule, at) => ({ ...rule, code: `r${at}` }))
}

/** Decodes the same columns and does next to nothing with them. */
const decode = (db: DuckDBConnection, columns: readonly string[]) =>
  db.run(`SELECT ${columns.map((one) => `max(${one})`).join(', ')} FROM checked`)

/** Checks by these rules, keeps every failing row as Parquet, and answers how many pairs of rule and row were found. */
async function check(db: DuckDBConnection, rules: readonly Rule[], folder: string): Promise<string> {
  const plan = planCheck(rules, SCOPE, { whole: 'checked', tables: {} })
  for (const statement of plan.setup) await db.run(statement)
  const out = join(folder, 'found.parquet')
  await db.run(`COPY (${plan.findings}) TO '${out}' (FORMAT parquet)`)
  await db.runAndReadAll(plan.judged)
  const read = await db.runAndReadAll(`SELECT coalesce(sum(bit_count("#m0")), 0)::VARCHAR FROM read_parquet('${out}')`)
  return String(read.getRows()[0]![0])
}

async function oneByOne(db: DuckDBConnection, rules: readonly Rule[], folder: string): Promise<string> {
  let pairs = 0n
  for (const rule of rules) pairs += BigInt(await check(db, [rule], folder))
  return pairs.toString()
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}
