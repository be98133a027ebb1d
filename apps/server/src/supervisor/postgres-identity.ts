import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chownSync, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { copyBinaries, prepareBinaries, type PostgresBinaries } from './postgres-binaries.ts'

/**
 * PostgreSQL refuses to run as root. How it is run:
 * - `self`: as the user who started us, who is not root;
 * - `namespace`: by root through `unshare --user`: an unprivileged user namespace in which root's own files belong to the
 *   process, so that it also works when the checkout lies under /root;
 * - `user`: by root as a system user, where user namespaces are switched off.
 */
export type RunAs = { kind: 'self' } | { kind: 'namespace' } | { kind: 'user'; uid: number; gid: number; name: string }

/** Chooses how PostgreSQL runs; `namespaces` is how it is tested whether user namespaces work. */
export function chooseRunAs(namespaces: () => boolean = namespacesWork): RunAs {
  if (process.getuid?.() !== 0) return { kind: 'self' }
  return namespaces() ? { kind: 'namespace' } : systemUser()
}

function namespacesWork(): boolean {
  const probe = spawnSync('unshare', ['--user', 'id', '-u'], { encoding: 'utf8' })
  return probe.status === 0 && probe.stdout.trim() !== '0'
}

function systemUser(): RunAs {
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map((fields) => [fields[0] ?? '', fields] as const),
  )
  for (const name of ['huitong', 'postgres', 'nobody']) {
    const fields = users.get(name)
    if (fields !== undefined) return { kind: 'user', name, uid: Number(fields[2]), gid: Number(fields[3]) }
  }
  throw new Error('PostgreSQL cannot run as root: start as another user, or create a system user "huitong"')
}

/** The command line and spawn options that run a program of PostgreSQL in the chosen way. */
export function commandFor(
  runAs: RunAs,
  program: string,
  args: readonly string[],
): { command: string; args: string[]; options: { uid?: number; gid?: number; cwd: string } } {
  if (runAs.kind === 'namespace') {
    return { command: 'unshare', args: ['--user', program, ...args], options: { cwd: '/' } }
  }
  const who = runAs.kind === 'user' ? { uid: runAs.uid, gid: runAs.gid } : {}
  return { command: program, args: [...args], options: { cwd: '/', ...who } }
}

/** Where things are that a system user must reach, kept out of folders that only root may enter. */
const SHARED_PLACE = '/var/lib/huitong'

/**
 * Makes the cluster's folder, owned by the system user if there is one, and returns its real path. When a parent folder
 * is closed to that user (/root) the cluster is kept under /var/lib/huitong, with a link at the place where it should be.
 */
export function reachableFolder(runAs: RunAs, folder: string, sharedPlace: string = SHARED_PLACE): string {
  if (runAs.kind === 'user' && !existsSync(folder) && !mayEnter(runAs, dirname(folder))) {
    const place = join(sharedPlace, createHash('sha256').update(folder).digest('hex').slice(0, 16))
    mkdirSync(place, { recursive: true, mode: 0o755 })
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) symlinkSync(place, folder)
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const real = realpathSync(folder)
  if (runAs.kind === 'user') chownSync(real, runAs.uid, runAs.gid)
  return real
}

/** The programs, copied to /var/lib/huitong when the system user cannot run them where they are installed. */
export function reachableBinaries(
  runAs: RunAs,
  binaries: PostgresBinaries,
  sharedPlace: string = SHARED_PLACE,
): PostgresBinaries {
  if (runAs.kind !== 'user') return binaries
  const who = { uid: runAs.uid, gid: runAs.gid, cwd: '/', env: { ...process.env, ...binaries.env } }
  if ([binaries.postgres, binaries.initdb].every((file) => spawnSync(file, ['--version'], who).status === 0)) {
    return binaries
  }
  mkdirSync(sharedPlace, { recursive: true, mode: 0o755 })
  const installation = createHash('sha256').update(realpathSync(binaries.native)).digest('hex').slice(0, 16)
  const copy = copyBinaries(binaries.native, join(sharedPlace, `postgresql-${installation}`))
  return prepareBinaries(copy, join(sharedPlace, `lib-${installation}`))
}

function mayEnter(runAs: { uid: number; gid: number }, folder: string): boolean {
  const probe = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { uid: runAs.uid, gid: runAs.gid, cwd: '/' })
  return probe.status === 0
}
