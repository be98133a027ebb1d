import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { parseSync } from 'oxc-parser'
import { build, type Rolldown } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

const FIRST_LOAD_BYTES_MAX = 350 * 1024
const ROOT = fileURLToPath(new URL('..', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'huitong-web-build-'))
const chunks = new Map<string, Rolldown.OutputChunk>()
let html = ''
let css = ''

beforeAll(async () => {
  const built = await build({
    root: ROOT,
    configFile: join(ROOT, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  })
  const outputs = (Array.isArray(built) ? built : [built]) as Rolldown.RolldownOutput[]
  for (const one of outputs.flatMap(({ output }) => output)) if (one.type === 'chunk') chunks.set(one.fileName, one)
  html = readFileSync(join(folder, 'index.html'), 'utf8')
  const assets = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.css'))
  css = assets.map((name) => readFileSync(join(folder, 'assets', name), 'utf8')).join('\n')
}, 120_000)
const environment = process.env['NODE_ENV']
afterAll(() => {
  // Building sets it; the tests that follow in this process load React for tests.
  process.env['NODE_ENV'] = environment
  rmSync(folder, { recursive: true, force: true })
})

/** A chunk with everything that it imports before it can run. */
function closure(names: readonly string[]): Set<string> {
  const found = new Set<string>()
  const visit = (name: string) => {
    const chunk = chunks.get(name)
    if (!chunk || found.has(name)) return
    found.add(name)
    chunk.imports.forEach(visit)
  }
  names.forEach(visit)
  return found
}
const entry = () => [...chunks.values()].find((chunk) => chunk.isEntry)!
const pageChunk = (page: string) => [...chunks.values()].find((chunk) => chunk.facadeModuleId?.endsWith(page))!
const gzipBytes = (names: Iterable<string>) =>
  [...names].reduce((sum, name) => sum + gzipSync(chunks.get(name)!.code, { level: 9 }).length, 0)

test.each(['pages/portal/home.page.tsx', 'pages/identity/login.page.tsx', 'pages/catalogue/datasets.page.tsx'])(
  'the first load of %s is at most 350 KB of compressed JavaScript',
  (page) => {
    const bytes = gzipBytes(closure([entry().fileName, pageChunk(page).fileName]))
    expect(bytes).toBeGreaterThan(100 * 1024)
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX)
  },
)

test('every page is a chunk of its own', () => {
  const pages = readdirSync(join(ROOT, 'src/pages'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.page.tsx'),
  )
  expect(pages.length).toBeGreaterThan(25)
  for (const page of pages) {
    const chunk = pageChunk(`pages/${page}`)
    expect(chunk, page).toBeDefined()
    expect(closure([entry().fileName]).has(chunk.fileName), `${page} is in the first load`).toBe(false)
  }
})

test('polyfills run before any other code', () => {
  const order = [...entry().code.matchAll(/import(?:[^'"();]*from)?\s*["']\.\/([\w.-]+)["']/g)].map(
    (match) => match[1]!,
  )
  const withoutHelpers = order.filter((name) => !name.startsWith('rolldown-runtime'))
  expect(withoutHelpers[0]).toMatch(/^polyfills-/)
  const polyfills = [...chunks.values()].find((chunk) => chunk.fileName.includes('polyfills-'))!
  expect(Object.keys(polyfills.modules)).toHaveLength(1)
  expect(polyfills.imports).toEqual([])
})

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

/** Syntax that Chromium 90 cannot parse. */
function tooNew(node: Node): string | null {
  const left = node['left'] as Node | undefined
  const regex = node['regex'] as { flags: string } | undefined
  const attributes = node['attributes'] as unknown[] | undefined
  if (node.type === 'StaticBlock') return 'static block (94)'
  if (node.type === 'BinaryExpression' && left?.type === 'PrivateIdentifier') return '#x in y (91)'
  if (node.type === 'VariableDeclaration' && /using/.test(String(node['kind']))) return 'using (134)'
  if (regex && /v/.test(regex.flags)) return 'regular expression flag v (112)'
  if (/^Import|^Export/.test(node.type) && (attributes?.length ?? 0) > 0) return 'import attributes (123)'
  if (node.type === 'Decorator' || node.type === 'AccessorProperty') return node.type
  return null
}
function faultsOf(value: unknown, faults: string[]): void {
  if (Array.isArray(value)) for (const one of value) faultsOf(one, faults)
  else if (typeof value === 'object' && value !== null) {
    if (typeof (value as Node).type === 'string') {
      const fault = tooNew(value as Node)
      if (fault) faults.push(fault)
    }
    for (const inner of Object.values(value)) if (typeof inner === 'object') faultsOf(inner, faults)
  }
}

test('the check of syntax sees what Chromium 90 cannot parse', () => {
  const faults: string[] = []
  const code = 'class A { #x; static { this.y = 1 } has(o) { return #x in o } }; /[a--b]/v'
  faultsOf(parseSync('a.js', code).program, faults)
  expect(faults).toHaveLength(3)
})

test('every chunk parses in Chromium 90', () => {
  for (const [name, { code }] of chunks) {
    const parsed = parseSync(name, code, { sourceType: 'module' })
    expect(parsed.errors, name).toEqual([])
    const faults: string[] = []
    faultsOf(parsed.program, faults)
    expect(faults, name).toEqual([])
  }
})

/** Library functions newer than Chromium 90 that `polyfills.ts` does not bring. */
const MISSING_APIS = [
  /\bArray\.fromAsync\b/,
  /\bPromise\.try\b/,
  /\bRegExp\.escape\b/,
  /\bAbortSignal\.(any|timeout)\b/,
  /\bURL\.(canParse|parse)\b/,
  /\bIterator\.from\b/,
  /\.(isDisjointFrom|symmetricDifference|isSubsetOf)\(/,
  /\.(isWellFormed|toWellFormed)\(/,
  /\.checkVisibility\(/,
  /\.replaceChildren\(\s*\.\.\.\s*\)/,
  /\.showPopover\(/,
  /\.throwIfAborted\(/,
  /\bnew (URLPattern|CSSStyleSheet|CompressionStream)\b/,
  /\bcrypto\.subtle\b/,
]

test('no chunk calls a function that Chromium 90 lacks, or that a strict content security policy forbids', () => {
  for (const [name, { code }] of chunks) {
    for (const missing of MISSING_APIS) expect(missing.test(code), `${name} ${missing.source}`).toBe(false)
    expect(/\bnew Function\(|[^.\w]eval\(/.test(code), `${name} makes code from text`).toBe(false)
  }
})

test('the style sheet has nothing that Chromium 90 does not know', () => {
  expect(css.length).toBeGreaterThan(5_000)
  for (const unknown of [
    ':has(',
    '@container',
    '@layer',
    '@property',
    'color-mix(',
    'oklch(',
    'dvh',
    'light-dark(',
    '&',
  ])
    expect(css.includes(unknown), unknown).toBe(false)
})

test('the page loads nothing from elsewhere and runs no script of its own text', () => {
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/)
  expect(html).not.toMatch(/\son\w+=/)
  expect(html).not.toMatch(/<style/)
  for (const [, address] of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect(address).toMatch(/^\/(?!\/)/)
  for (const [, address] of css.matchAll(/url\(([^)]+)\)/g)) expect(address).not.toMatch(/^["']?(https?:)?\/\//)
})
