import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'

export const ROOT = resolve(import.meta.dirname, '../..')

export interface Source {
  /** Path from the repository's root, with `/`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly string[]
  readonly functions: readonly { readonly name: string; readonly lines: number; readonly line: number }[]
}

/** Files that git knows or would add: what a reader of the repository sees. */
export function listFiles(): string[] {
  const out = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return [...new Set(out.split('\n').filter(Boolean))].sort()
}

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

interface Node {
  type: string
  start: number
  end: number
  [key: string]: unknown
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

function walk(node: unknown, visit: (node: Node, name: string) => void, name = ''): void {
  if (Array.isArray(node)) for (const one of node) walk(one, visit, name)
  else if (node !== null && typeof node === 'object' && 'type' in node) {
    const one = node as Node
    visit(one, name)
    const given = (one['id'] ?? one['key']) as { name?: string } | null | undefined
    for (const [key, value] of Object.entries(one)) if (key !== 'type') walk(value, visit, given?.name ?? name)
  }
}

/** Parses one TypeScript file: what it imports, and how long its functions are. */
export function parse(path: string): Source {
  const text = read(path)
  const { program } = parseSync(path, text)
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length
  const imports: string[] = []
  const functions: { name: string; lines: number; line: number }[] = []
  walk(program, (node, name) => {
    const source = node['source'] as { value?: unknown } | null | undefined
    if (typeof source?.value === 'string' && /^(Import|Export)/.test(node.type)) imports.push(source.value)
    if (FUNCTIONS.has(node.type)) {
      const line = lineAt(node.start)
      functions.push({ name, line, lines: lineAt(node.end) - line + 1 })
    }
  })
  return { path, text, imports, functions }
}

let parsed: Source[] | null = null

/** All TypeScript sources of the project. */
export function sources(): Source[] {
  parsed ??= listFiles()
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
    .map(parse)
  return parsed
}
