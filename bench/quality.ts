import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { columnsRead, planCheck, suiteFaults, type ColumnClass, type Rule, type Scope } from '@huitong/quality'
import { ceilingLine, speedLine, type Print } from './line.ts'
import { DIVISION_CODES, makeRegister } from './quality-rows.ts'

const ROWS = Number(process.env['HUITONG_BENCH_ROWS'] ?? 10_000_000)
const ROUNDS = 2
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
const SCOPE: Scope = {
  columns: COLUMNS,
  key: ['id'],
  tables: {},
  sets: { divisions: DIVISION_CODES },
  asOf: '2026-01-01',
}

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
    await makeRegister(db, ROWS, file)
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

/** What a department asks of a register: of every column that it is there, of most what they may hold, and that they agree. */
function makeRules(): Rule[] {
  const of = (kind: string, column: string, more: object = {}) => ({ kind, parameters: { column, ...more } })
  const nations = Array.from({ length: 56 }, (_, at) => String(at + 1).padStart(2, '0'))
  const part = (take: string, column: string, as: string) => ({
    kind: 'compare',
    parameters: { left: { column: 'id_number', take }, op: 'eq', right: { column }, as },
  })
  const own: Omit<Rule, 'code'>[] = [
    ...[...TEXTS, ...NUMBERS].map((column) => of('required', column)),
    of('length', 'name', { min: 2, max: 20 }),
    of('length', 'phone', { min: 11, max: 11 }),
    of('length', 'code', { min: 6, max: 6 }),
    of('length', 'address', { max: 60 }),
    of('length', 'note', { max: 60 }),
    of('length', 'credit_code', { min: 18, max: 18 }),
    of('no_stray_spaces', 'name', { inside: 'none' }),
    of('no_stray_spaces', 'status', { inside: 'none' }),
    of('no_stray_spaces', 'address', { inside: 'single' }),
    of('no_stray_spaces', 'note', { inside: 'single' }),
    of('no_full_width', 'phone', { what: 'digits' }),
    of('no_full_width', 'id_number', { what: 'letters_digits' }),
    of('no_full_width', 'code', { what: 'all' }),
    of('id_number', 'id_number'),
    of('credit_code', 'credit_code'),
    of('date_valid', 'birth', { forms: ['iso'] }),
    of('code_set', 'sex', { codes: ['0', '1', '2', '9'] }),
    of('code_set', 'nation', { codes: nations }),
    of('code_set', 'status', { codes: ['存续', '注销', '吊销'] }),
    of('code_set', 'division', { set: 'divisions' }),
    of('pattern', 'code', { pattern: '\\d{6}', mode: 'must' }),
    of('pattern', 'phone', { pattern: '1[3-9]\\d{9}', mode: 'must' }),
    of('pattern', 'name', { pattern: '[\\p{Han}·]{2,20}', mode: 'must' }),
    of('pattern', 'division', { pattern: '[1-8]\\d{5}', mode: 'must' }),
    of('pattern', 'nation', { pattern: '\\d{2}', mode: 'must' }),
    of('range', 'amount', { as: 'number', min: '0' }),
    of('range', 'capital', { as: 'number', above: '0' }),
    of('range', 'capital', { as: 'number', max: '1000000' }),
    of('range', 'year', { as: 'number', min: '1949', max: '2026' }),
    of('range', 'birth', { as: 'date', min: '1900-01-01', max: '2026-01-01' }),
    part('id_birth', 'birth', 'date'),
    part('id_sex', 'sex', 'text'),
    part('id_division', 'division', 'text'),
    {
      kind: 'compare',
      parameters: { left: { column: 'amount' }, op: 'le', right: { value: '1000000000' }, as: 'number' },
    },
    {
      kind: 'conditional',
      parameters: {
        when: { column: 'status', in: ['注销'] },
        rule: { kind: 'range', parameters: { column: 'year', as: 'number', max: '2026' } },
      },
    },
  ]
  const rules = own.map((rule, at) => ({ ...rule, code: `r${at}` }))
  const faults = suiteFaults(rules, SCOPE)
  if (faults.length > 0 || rules.length !== RULES)
    throw new Error(`the suite is not as it should be: ${faults[0]?.path}`)
  return rules
}

/** Decodes the same columns and does next to nothing with them. */
const decode = (db: DuckDBConnection, columns: readonly string[]) =>
  db.run(`SELECT ${columns.map((one) => `max(${one})`).join(', ')} FROM checked`)

/** Checks by these rules, keeps every failing row as Parquet, and answers how many pairs of rule and row were found. */
async function check(db: DuckDBConnection, rules: readonly Rule[], folder: string): Promise<string> {
  const plan = planCheck(rules, SCOPE, { whole: 'checked', tables: {} })
  for (const statement of plan.setup) await db.run(statement.replace('CREATE TEMP', 'CREATE OR REPLACE TEMP'))
  const out = join(folder, 'found.parquet')
  await db.run(`COPY (${plan.findings}) TO '${out}' (FORMAT parquet)`)
  await db.runAndReadAll(plan.judged(`read_parquet('${out}')`))
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
