import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { writeFileAtomic } from './files.ts'

const BUILD_TIMEOUT_MS = 10 * 60_000
const NOT_SOURCES = new Set(['dist', 'node_modules'])

/**
 * Builds the web application with Vite when its sources, those of the contract that it imports, or the lockfile changed
 * since the last build (a hash in `dist/.stamp`). The new build replaces the old one only when it is whole.
 * Returns what was done; `absent` when there is no web application. Throws with Vite's output when the build fails.
 */
export async function buildWebWhenStale(repository: string): Promise<'absent' | 'fresh' | 'built'> {
  const web = join(repository, 'apps/web')
  if (!existsSync(join(web, 'index.html'))) return 'absent'
  const stamp = sourceHash(repository, ['apps/web', 'packages/contract', 'package-lock.json'])
  const dist = join(web, 'dist')
  if (readStamp(dist) === stamp) return 'fresh'
  // Of this build alone: another that runs at the same time has a folder of its own.
  const half = join(web, 'dist.half', randomUUID())
  const vite = join(dirname(createRequire(join(web, 'package.json')).resolve('vite/package.json')), 'bin/vite.js')
  const args = [vite, 'build', web, '--outDir', half, '--emptyOutDir', '--logLevel', 'warn']
  try {
    await promisify(execFile)(process.execPath, args, {
      cwd: web,
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 16 * 1024 * 1024,
      env: { ...process.env, NODE_ENV: 'production' },
    })
    writeFileAtomic(join(half, '.stamp'), stamp)
    takePlace(half, dist, stamp)
  } finally {
    rmSync(half, { recursive: true, force: true })
  }
  return 'built'
}

/** Who comes second finds the place taken by the same build, and leaves it: somebody may serve it already. */
function takePlace(half: string, dist: string, stamp: string): void {
  try {
    if (readStamp(dist) !== stamp) {
      rmSync(dist, { recursive: true, force: true })
      renameSync(half, dist)
    }
  } catch (error) {
    if (readStamp(dist) !== stamp) throw error
  }
}

function readStamp(dist: string): string | undefined {
  try {
    return readFileSync(join(dist, '.stamp'), 'utf8')
  } catch {
    return undefined
  }
}

/** A digest over names and contents of all files below the given paths, build output and dependencies left out. */
export function sourceHash(repository: string, paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of paths) {
    for (const file of filesBelow(join(repository, path), path)) {
      const content = readFileSync(join(repository, file))
      hash.update(`${file}\0${content.length}\0`).update(content)
    }
  }
  return hash.digest('hex')
}

function filesBelow(absolute: string, relative: string): string[] {
  if (!existsSync(absolute)) return []
  let entries
  try {
    entries = readdirSync(absolute, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [relative]
    throw error
  }
  return entries
    .filter(({ name }) => !NOT_SOURCES.has(name) && name !== 'dist.half' && !/\.test\.tsx?$/.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const below = `${relative}/${entry.name}`
      return entry.isDirectory() ? filesBelow(join(absolute, entry.name), below) : [below]
    })
}
