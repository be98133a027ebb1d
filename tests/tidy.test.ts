import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { ALL_ENDPOINTS, ERRORS, INITIAL_ROLES, PERMISSIONS } from '@huitong/contract'
import { describe, expect, test } from 'vitest'
import { SETTINGS } from '../apps/server/src/kernel/settings.ts'
import { listFiles, read, ROOT, sources, type Source } from './tidy/sources.ts'

/** The architecture and the house rules as tests. Each failure says what to do. */

const MODULES = [
  'identity',
  'evidence',
  'standards',
  'nodes',
  'engine',
  'catalogue',
  'curation',
  'governance',
  'exchange',
  'ferry',
  'gateway',
  'centre',
  'performance',
  'operations',
  'portal',
]
const FILE_LINES_MAX = 400
const FUNCTION_LINES_MAX = 70
/** A component is one tree of markup; beyond this it is two. */
const COMPONENT_LINES_MAX = 100

/** Files that may be longer, with the reason. */
const LONG_FILES: Readonly<Record<string, string>> = {
  'packages/contract/src/catalogue.ts':
    'one entry per endpoint and its schemas; it is a table, read from top to bottom',
}

const isTest = (path: string) =>
  /(\.test|\/conformance)\.tsx?$/.test(path) || path.startsWith('tests/') || /\/(fixtures|testing|test)\//.test(path)
const code = () => sources().filter((one) => !isTest(one.path))
const workspaceOf = (path: string) => /^((packages|apps)\/[^/]+|demo|bench)\//.exec(path)?.[1] ?? null
const resolveImport = (from: string, to: string) => normalize(join(dirname(from), to))

describe('imports', () => {
  test('a workspace imports only what its package.json lists', () => {
    const faults = code().flatMap((source) => {
      const workspace = workspaceOf(source.path)
      if (!workspace) return []
      const manifest = JSON.parse(read(`${workspace}/package.json`)) as Record<
        string,
        Record<string, string> | undefined
      >
      const allowed = {
        ...manifest['dependencies'],
        ...manifest['devDependencies'],
        ...manifest['optionalDependencies'],
      }
      return source.imports
        .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !(name in allowed) && name !== `@huitong/${workspace.split('/')[1]}`)
        .map((name) => `${source.path} imports ${name}: add it to ${workspace}/package.json or do without`)
    })
    expect([...new Set(faults)]).toEqual([])
  })

  test('relative imports stay inside their workspace', () => {
    const faults = code().flatMap((source) =>
      source.imports
        .filter((name) => name.startsWith('.'))
        .map((name) => resolveImport(source.path, name))
        .filter((target) => workspaceOf(target) !== workspaceOf(source.path))
        .map((target) => `${source.path} reaches into ${target}: import the package by its name`),
    )
    expect(faults).toEqual([])
  })

  test('packages know no app', () => {
    const faults = code()
      .filter((source) => source.path.startsWith('packages/'))
      .flatMap((source) =>
        source.imports
          .filter((name) => /@huitong\/(server|agent|web|cli|demo|bench)/.test(name))
          .map((name) => `${source.path} → ${name}`),
      )
    expect(faults).toEqual([])
  })

  test('a module imports modules to its left only, through their index; the kernel imports no module', () => {
    const base = 'apps/server/src/'
    const faults = code()
      .filter((source) => source.path.startsWith(base))
      .flatMap((source) => {
        const own = /src\/modules\/([^/]+)\//.exec(source.path)?.[1] ?? null
        return source.imports
          .filter((name) => name.startsWith('.'))
          .map((name) => resolveImport(source.path, name))
          .flatMap((target) => {
            const other = /src\/modules\/([^/]+)\/(.+)/.exec(target)
            if (!other || other[1] === own) return []
            if (source.path.startsWith(`${base}kernel/`)) return [`${source.path}: the kernel must not know modules`]
            if (other[2] !== 'index.ts') return [`${source.path} → ${target}: go through index.ts`]
            const isLeft = own === null || MODULES.indexOf(other[1]!) < MODULES.indexOf(own)
            return isLeft ? [] : [`${source.path} → ${other[1]}: facts travel to the left as events only`]
          })
      })
    expect(faults).toEqual([])
  })

  test('every module is in the order of the design', () => {
    const known = readdirSync(join(ROOT, 'apps/server/src/modules'))
    expect(known.filter((name) => !MODULES.includes(name))).toEqual([])
  })
})

describe('size', () => {
  test(`files have at most ${FILE_LINES_MAX} lines`, () => {
    const long = code().flatMap((source) => {
      const lines = source.text.split('\n').length - 1
      return lines > FILE_LINES_MAX && !(source.path in LONG_FILES)
        ? [`${source.path}: ${lines} lines; it has more than one reason to exist`]
        : []
    })
    expect(long).toEqual([])
  })

  test('no exception outlives its need', () => {
    const needless = Object.keys(LONG_FILES).filter(
      (path) => !existsSync(join(ROOT, path)) || read(path).split('\n').length - 1 <= FILE_LINES_MAX,
    )
    expect(needless).toEqual([])
  })

  test(`functions have at most ${FUNCTION_LINES_MAX} lines`, () => {
    const long = code().flatMap((source) =>
      source.functions
        .filter(
          (one) =>
            one.lines > (source.path.endsWith('.tsx') ? COMPONENT_LINES_MAX : FUNCTION_LINES_MAX) &&
            !isPage(source, one.name),
        )
        .map((one) => `${source.path}:${one.line} ${one.name || '(anonymous)'} has ${one.lines} lines`),
    )
    expect(long).toEqual([])
  })
})

/** A page is one tree of markup; its length is the page's, not a function's. */
const isPage = (source: Source, _name: string) => source.path.endsWith('.page.tsx')

describe('a home for everything', () => {
  const modules = () =>
    code().filter((source) => source.path.startsWith('apps/server/src/modules/') && !source.path.endsWith('/index.ts'))
  const DEFINES =
    /= (command|query|tick|poll|job|subscriber)(<[^(]*>)?\(|\b(command|query)<typeof|=>\s*\n?\s*(job|query|command)\(/

  test('every verb, job and subscriber has its test beside it', () => {
    const bare = modules()
      .filter((source) => DEFINES.test(source.text))
      .filter((source) => !existsSync(join(ROOT, source.path.replace(/\.ts$/, '.test.ts'))))
      .map((source) => `${source.path}: write ${source.path.replace(/\.ts$/, '.test.ts')}`)
    expect(bare).toEqual([])
  })

  test('every verb, job and subscriber stands in the index of its module', () => {
    const lost = modules()
      .filter((source) => DEFINES.test(source.text))
      .filter((source) => !read(`${dirname(source.path)}/index.ts`).includes(`'./${source.path.split('/').at(-1)}'`))
      .map((source) => `${source.path} is not in ${dirname(source.path)}/index.ts`)
    expect(lost).toEqual([])
  })

  test('every module, package and app has a README', () => {
    const folders = [
      ...readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}`),
      ...readdirSync(join(ROOT, 'apps')).map((name) => `apps/${name}`),
      ...readdirSync(join(ROOT, 'apps/server/src/modules')).map((name) => `apps/server/src/modules/${name}`),
    ]
    expect(folders.filter((folder) => !existsSync(join(ROOT, folder, 'README.md')))).toEqual([])
  })

  test('every connector stands in the index and in the list of kinds', () => {
    const base = join(ROOT, 'packages/connectors/src')
    const folders = readdirSync(base, { withFileTypes: true }).filter(
      (one) => one.isDirectory() && existsSync(join(base, one.name, 'connector.ts')),
    )
    const index = read('packages/connectors/src/index.ts')
    const kinds = read('apps/server/src/modules/nodes/connector-kinds.ts')
    expect(
      folders
        .map((one) => one.name)
        .filter((name) => !index.includes(`./${name}/connector.ts`) || !kinds.includes(name)),
    ).toEqual([])
  })

  test('every act of a job or subscriber has words in kernel/actions.ts', () => {
    const known = read('apps/server/src/kernel/actions.ts')
    const acts = sources()
      .filter((source) => source.path.startsWith('apps/server/src/modules/') && !source.path.includes('.test.'))
      .flatMap(({ path, text }) => {
        const own = [...text.matchAll(/'(job\.[\w-]+)'/g)].map((match) => match[1]!)
        // A subscriber that answers an audit note names what it changed.
        const writes = path.endsWith('.subscriber.ts') && text.includes('objectKind')
        const name = writes ? /\bname: '([a-z_]+)'/.exec(text)?.[1] : undefined
        return [...own, ...(name ? [`event.${name}`] : [])].map((action) => [path, action] as const)
      })
    expect(acts.length).toBeGreaterThan(10)
    expect(acts.filter(([, action]) => !known.includes(`'${action}'`))).toEqual([])
    const listed = [...known.matchAll(/'((?:job|event)\.\w+)':/g)].map((match) => match[1]!)
    expect(listed.filter((action) => !acts.some(([, done]) => done === action))).toEqual([])
  })

  test('every page stands in the routes', () => {
    const routes = existsSync(join(ROOT, 'apps/web/src/routes.tsx')) ? read('apps/web/src/routes.tsx') : ''
    const pages = listFiles().filter((path) => path.startsWith('apps/web/src/pages/') && path.endsWith('.page.tsx'))
    expect(pages.filter((path) => !routes.includes(path.replace('apps/web/src/', './').replace(/\.tsx$/, '')))).toEqual(
      [],
    )
  })

  test('migrations are numbered without a gap', () => {
    const names = readdirSync(join(ROOT, 'apps/server/migrations'))
      .filter((name) => /^\d{4}_/.test(name))
      .sort()
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_name, at) => at + 1))
  })

  test('every decision stands in the list of decisions', () => {
    const list = read('docs/decisions/README.md')
    const decisions = readdirSync(join(ROOT, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name))
    expect(decisions.filter((name) => !list.includes(name))).toEqual([])
  })

  test('every file that docs/bad-inputs.md, docs/standards.md and docs/exchange.md name exists', () => {
    const files = listFiles()
    const faults = ['docs/bad-inputs.md', 'docs/standards.md', 'docs/exchange.md'].flatMap((page) => {
      const named = pathsIn(read(page))
      return named.length < 20
        ? [`${page}: only ${named.length} files named`]
        : named.filter((path) => !isThere(path, files)).map((path) => `${page} names ${path}`)
    })
    expect(faults).toEqual([])
  })

  test('every bad input has its test, and an answer with a code that exists', () => {
    const rows = read('docs/bad-inputs.md')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2)
    expect(rows.length).toBeGreaterThanOrEqual(20)
    const faults = rows.filter((row) => {
      const [, answer = '', tests = ''] = row.split(' | ')
      const codes = [...answer.matchAll(/`([a-z]+\.[a-z_]+)`/g)].map((match) => match[1]!)
      const files = pathsIn(tests)
      return (
        files.length === 0 || !files.every((path) => path.endsWith('.test.ts')) || !codes.every((one) => one in ERRORS)
      )
    })
    expect(faults).toEqual([])
  })

  test('no file is called utils, helpers or misc', () => {
    expect(
      listFiles().filter(
        (path) => /(^|\/)(utils?|helpers?|misc|common)\.tsx?$/.test(path) && path !== 'packages/contract/src/common.ts',
      ),
    ).toEqual([])
  })
})

/** The files and folders that a page names in code spans; identifiers, codes and addresses are none. */
function pathsIn(markdown: string): string[] {
  return [...markdown.matchAll(/`([\w@.*/-]+)`/g)]
    .map((match) => match[1]!)
    .filter((text) => /^\w.*\/.*\w$|\.(ts|tsx|sql|md)$/.test(text))
}

/** Whole paths from the root, or endings of paths, with `*` for a part of a name. */
function isThere(path: string, files: readonly string[]): boolean {
  const escaped = path.replace(/[.]/g, '\\.').replaceAll('*', '[^/]*')
  const place = new RegExp(`(^|/)${escaped}(/|$)`)
  return files.some((file) => place.test(file))
}

describe('words', () => {
  const isChinese = (text: string) => /\p{Script=Han}/u.test(text)

  test('every error code has Chinese and English words, and stands in docs/errors.md', () => {
    const documented = read('docs/errors.md')
    const bad = Object.entries(ERRORS).filter(
      ([name, one]) => !isChinese(one.words.zh) || one.words.en.trim() === '' || !documented.includes(`\`${name}\``),
    )
    expect(bad.map(([name]) => name)).toEqual([])
  })

  test('every endpoint, permission and role has words in both languages', () => {
    const all = [
      ...ALL_ENDPOINTS.map((one) => [one.id, one.words] as const),
      ...Object.entries(PERMISSIONS),
      ...Object.entries(INITIAL_ROLES).map(([name, role]) => [name, role.words] as const),
    ]
    expect(all.filter(([, words]) => !isChinese(words.zh) || words.en.trim() === '').map(([name]) => name)).toEqual([])
  })

  test('every kind of object that an audit row can name has words on the pages', () => {
    const known = read('apps/web/src/words/object-kinds.ts')
    const acts = code()
      .filter((source) => source.path.startsWith('apps/server/src/'))
      .flatMap(({ text }) => [...text.matchAll(/objectKind: '([a-z_]+)'/g)].map((match) => match[1]!))
    // A refused call is kept under module and noun of its endpoint.
    const refusals = ALL_ENDPOINTS.map((one) => one.id.split('.').slice(0, 2).join('.'))
    expect(acts.length).toBeGreaterThan(50)
    const bare = [...acts, ...refusals].filter((kind) => !known.includes(`'objectKind.${kind}'`))
    expect(
      [...new Set(bare)].map((kind) => `objectKind.${kind}: give it words in apps/web/src/words/object-kinds.ts`),
    ).toEqual([])
  })

  test('every setting is documented in docs/operations.md', () => {
    const documented = read('docs/operations.md')
    const named = new Set([...Object.values(SETTINGS).map((one) => one.name), ...environmentNames()])
    expect([...named].filter((name) => !documented.includes(`\`${name}\``)).sort()).toEqual([])
  })
})

/** HUITONG_… names that the code reads from the environment. */
function environmentNames(): string[] {
  return code()
    .filter((source) => source.path.startsWith('apps/') || source.path.startsWith('demo/'))
    .flatMap((source) => [...source.text.matchAll(/['"`](HUITONG_[A-Z_]+)['"`]/g)].map((match) => match[1]!))
}

describe('honesty', () => {
  test('no suppression without its reason', () => {
    const faults = sources().flatMap((source) =>
      source.text.split('\n').flatMap((line, at) => {
        const lint = /(oxlint|eslint)-disable/.test(line) && !/ -- \S/.test(line)
        const types =
          /@ts-(ignore|expect-error|nocheck)/.test(line) && !/@ts-expect-error -- \S|@ts-expect-error \w/.test(line)
        return (lint || types) && !source.path.startsWith('tests/tidy') ? [`${source.path}:${at + 1}`] : []
      }),
    )
    expect(faults).toEqual([])
  })

  test('no test is skipped or focused by hand', () => {
    const faults = sources().flatMap((source) =>
      /\b(test|it|describe)\.(only|skip|todo)\(/.test(source.text) && source.path !== 'tests/tidy.test.ts'
        ? [source.path]
        : [],
    )
    expect(faults).toEqual([])
  })

  test('nothing speaks of the machine it was written on', () => {
    const workplace = new RegExp(
      [`(?<![\\w.])/w${'ork'}/`, `/tmp/b${'ash_jobs'}`, `registry\\.np${'mjs'}`, `deb\\.deb${'ian'}\\.org`].join('|'),
    )
    const faults = listFiles()
      .filter((path) => /\.(ts|tsx|md|json|sql|yml|sh|css|html)$/.test(path) && path !== 'package-lock.json')
      .filter((path) => workplace.test(read(path)))
    expect(faults).toEqual([])
  })
})
