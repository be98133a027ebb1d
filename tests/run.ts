import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildWebWhenStale } from '../apps/server/src/supervisor/web-build.ts'

/**
 * `npm test`: type checks, lint, format and all tests. The last line says `N passed, N failed` (and `, N skipped`),
 * counting each test and each check as one. With CI=true a skipped test is a failure.
 */

interface Counts {
  passed: number
  failed: number
  skipped: number
}

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  success: boolean
  testResults: {
    name: string
    status: string
    message?: string
    assertionResults: { status: string; fullName: string; failureMessages?: string[] }[]
  }[]
}

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..')
/** Dozens of servers, agents and commands are started: each takes what the one before it has compiled. */
process.env['NODE_COMPILE_CACHE'] ??= join(REPOSITORY, 'node_modules/.cache/compiled')
const IN_CI = process.env['CI'] === 'true'

/** Runs a tool of node_modules/.bin with our own Node.js; its output goes to ours. */
async function run(tool: string, args: readonly string[]): Promise<boolean> {
  const bin = join(REPOSITORY, 'node_modules/.bin')
  const path = [bin, process.env['PATH']].filter(Boolean).join(':')
  const child = spawn(join(bin, tool), [...args], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path },
  })
  return new Promise((resolve) => {
    child.once('error', (error) => (console.error(error.message), resolve(false)))
    child.once('exit', (code) => resolve(code === 0))
  })
}

async function check(name: string, tool: string, args: readonly string[]): Promise<Counts> {
  const begunAt = performance.now()
  const isGood = await run(tool, args)
  console.log(`${isGood ? '✓' : '✗'} ${name} (${((performance.now() - begunAt) / 1000).toFixed(1)} s)`)
  if (!isGood) failures.push(`✗ ${name}`)
  return { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: 0 }
}

/** Built here, or all rows of whole platforms would build it at once. */
async function builtWeb(): Promise<Counts> {
  try {
    await buildWebWhenStale(REPOSITORY)
    return { passed: 1, failed: 0, skipped: 0 }
  } catch (error) {
    failures.push(`✗ the web application is not built: ${String(error)}`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

async function unitTests(patterns: readonly string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-report-'))
  try {
    const file = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const isGood = await run('vitest', ['run', ...reporters, ...patterns])
    if (!existsSync(file)) {
      failures.push('✗ vitest ended without a report')
      return { passed: 0, failed: 1, skipped: 0 }
    }
    return count(JSON.parse(readFileSync(file, 'utf8')) as VitestReport, isGood)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function count(report: VitestReport, isGood: boolean): Counts {
  const skipped = report.numPendingTests + report.numTodoTests
  // A file that does not load, or an error outside of any test, fails the run without failing a test.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  )
  for (const { name, message } of broken) failures.push(`✗ ${name}: ${message ?? 'failed'}`)
  const failed = report.numFailedTests + broken.length
  const outside = !isGood && failed === 0 ? 1 : 0
  if (outside === 1) failures.push('✗ vitest reports an error outside of any test: see above')
  for (const { name, assertionResults } of report.testResults) {
    for (const { status, fullName, failureMessages } of assertionResults) {
      if (status === 'failed') failures.push(`✗ ${name} ${fullName}\n${failureMessages?.join('\n') ?? ''}`)
      if (['pending', 'skipped', 'todo'].includes(status)) console.warn(`skipped: ${name} ${fullName}`)
    }
  }
  return { passed: report.numPassedTests, failed: failed + outside, skipped }
}

/** The longest of the tests in a browser: they have a row of their own. */
const PAGES = ['tests/e2e/pages.test.ts', 'tests/e2e/quality.test.ts']
/**
 * Files that start whole platforms or browsers run after all others, in rows of one file after the other: each waits for
 * clocks and for its browser about half of its time.
 */
const WHOLE_PLATFORM: readonly (readonly string[])[] = [
  ['demo/demo.test.ts', 'apps/agent/src/kill.test.ts'],
  ['tests/readme.test.ts'],
  PAGES,
  ['tests/e2e/', ...PAGES.map((path) => `--exclude=**/${path}`)],
]

/** Suites that have a command of their own (`npm run test:faults`), and no short form of their own. */
const LONG_ONLY = ['demo/sabotage.test.ts']

/** What failed, said once more just above the last line: a reader of a long log's tail must see it. */
const failures: string[] = []

const patterns = process.argv.slice(2)
const results: Counts[] = []
if (patterns.length === 0) {
  results.push(await check('format', 'oxfmt', ['--check', '.']))
  results.push(await check('types', 'tsc', ['-p', 'tsconfig.json', '--noEmit']))
  results.push(await check('types of the web application', 'tsc', ['-p', 'apps/web/tsconfig.json', '--noEmit']))
  results.push(await check('lint', 'oxlint', []))
}
if (patterns.length > 0) results.push(await unitTests(patterns))
else {
  results.push(
    await unitTests(
      [...WHOLE_PLATFORM.flat(), ...LONG_ONLY]
        .filter((path) => !path.startsWith('--'))
        .map((path) => `--exclude=**/${path}${path.endsWith('/') ? '**' : ''}`),
    ),
  )
  results.push(await builtWeb())
  results.push(...(await Promise.all(WHOLE_PLATFORM.map((row) => unitTests([...row, '--no-file-parallelism'])))))
}

const sum = (key: keyof Counts): number => results.reduce((total, counts) => total + counts[key], 0)
const skipped = sum('skipped')
const failed = sum('failed') + (IN_CI ? skipped : 0)
const shownSkipped = skipped > 0 ? `, ${skipped} skipped` : ''
if (IN_CI && skipped > 0) console.error(`✗ ${skipped} skipped tests count as failures, because CI=true`)
for (const failure of failures) console.error(failure.slice(0, 2000))
console.log(`${sum('passed')} passed, ${failed} failed${shownSkipped}`)
process.exitCode = failed === 0 ? 0 : 1
