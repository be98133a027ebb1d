import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { buildWebWhenStale } from './web-build.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A small repository with a real page, built by the real Vite. */
function repository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-web-'))
  folders.push(folder)
  mkdirSync(join(folder, 'apps/web/src'), { recursive: true })
  mkdirSync(join(folder, 'packages/contract'), { recursive: true })
  symlinkSync(join(import.meta.dirname, '../../../../node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package-lock.json'), '{}')
  writeFileSync(join(folder, 'apps/web/package.json'), '{"name":"web","type":"module"}')
  return folder
}

test('without a web application there is nothing to build', async () => {
  expect(await buildWebWhenStale(repository())).toBe('absent')
})

test('builds once, again when a source changes, and keeps the old build when the new one fails', async () => {
  const folder = repository()
  const main = join(folder, 'apps/web/src/main.js')
  writeFileSync(
    join(folder, 'apps/web/index.html'),
    '<!doctype html><script type="module" src="/src/main.js"></script>',
  )
  writeFileSync(main, 'document.title = "一"')
  expect(await buildWebWhenStale(folder)).toBe('built')
  expect(readFileSync(join(folder, 'apps/web/dist/index.html'), 'utf8')).toContain('assets/')
  expect(await buildWebWhenStale(folder)).toBe('fresh')

  writeFileSync(main, 'this is not JavaScript (')
  await expect(buildWebWhenStale(folder)).rejects.toThrow()
  expect(existsSync(join(folder, 'apps/web/dist/index.html'))).toBe(true)

  writeFileSync(main, 'document.title = "二"')
  expect(await buildWebWhenStale(folder)).toBe('built')
  writeFileSync(join(folder, 'packages/contract/x.ts'), 'export {}')
  expect(await buildWebWhenStale(folder)).toBe('built')
  rmSync(join(folder, 'apps/web/dist'), { recursive: true })
  expect(await buildWebWhenStale(folder)).toBe('built')
}, 60_000)

test('two that build at the same time both have it whole, and leave nothing beside it', async () => {
  const folder = repository()
  writeFileSync(join(folder, 'apps/web/src/main.js'), 'document.title = "一"')
  writeFileSync(
    join(folder, 'apps/web/index.html'),
    '<!doctype html><script type="module" src="/src/main.js"></script>',
  )
  expect(await Promise.all([buildWebWhenStale(folder), buildWebWhenStale(folder)])).toEqual(['built', 'built'])
  expect(readFileSync(join(folder, 'apps/web/dist/index.html'), 'utf8')).toContain('assets/')
  expect(readdirSync(join(folder, 'apps/web/dist.half'))).toEqual([])
  expect(await buildWebWhenStale(folder)).toBe('fresh')
}, 60_000)
