import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ConnectorError } from '../../errors.ts'
import { startProxy } from '../../testing/proxy.ts'
import { startS3, type TestS3 } from '../../testing/s3.ts'
import { startSshd, type TestSshd } from '../../testing/sshd.ts'
import { type Brought, type RemoteKind, s3, sftp } from './connector.ts'
import type { S3Settings, SftpSettings } from './settings.ts'

let sshd: TestSshd
let store: TestS3
let here: string
beforeAll(async () => void ([sshd, store] = await Promise.all([startSshd(), startS3()])))
afterAll(async () => {
  sshd?.stop()
  await store?.stop()
})
beforeEach(() => void (here = mkdtempSync(join(tmpdir(), 'huitong-mirror-'))))
afterEach(() => rmSync(here, { recursive: true, force: true }))

const LARGE = randomBytes(3 * 1024 * 1024)
const OLD = new Date('2020-02-02T02:02:02Z')

interface World {
  readonly kind: RemoteKind
  settings(): SftpSettings | S3Settings
  put(path: string, content: string | Uint8Array): Promise<void>
  remove(path: string): Promise<void>
}
const WORLDS: readonly [string, World][] = [
  [
    'SFTP, from OpenSSH',
    {
      kind: sftp,
      settings: () => sshd.settings,
      async put(path, content) {
        const at = join(sshd.folder, path)
        mkdirSync(join(at, '..'), { recursive: true })
        writeFileSync(at, content)
        utimesSync(at, OLD, new Date(OLD.getTime() + content.length * 1000))
      },
      remove: async (path) => rmSync(join(sshd.folder, path)),
    },
  ],
  [
    'S3',
    {
      kind: s3,
      settings: () => store.settings,
      put: async (path, content) => store.put(path, content),
      remove: async (path) => store.remove(path),
    },
  ],
]

const all = () => true
const bring = (kind: RemoteKind, settings: object, more: object = {}): Promise<Brought> =>
  kind.bring(settings, here, { wanted: all, signal: new AbortController().signal, ...more })
const failure = async (work: Promise<unknown>): Promise<ConnectorError> => {
  const error: unknown = await work.then(
    () => null,
    (cause: unknown) => cause,
  )
  if (error instanceof ConnectorError) return error
  throw error instanceof Error ? error : new Error('it did not fail')
}
/** What lies here under names that people see. */
const shown = () =>
  readdirSync(here, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && !one.name.startsWith('.'))
    .map((one) => join(one.parentPath, one.name).slice(here.length + 1))
    .sort()
const leftovers = () => readdirSync(here, { recursive: true }).filter((name) => String(name).endsWith('.part'))

describe.each(WORLDS)('a folder by %s', (_, { kind, settings, put, remove }) => {
  it('is brought whole, byte for byte, with names of any script; then only what is new, other or gone', async () => {
    const names = ['2026 年/名单 (1)+a.csv', '2026 年/大.bin', '空.txt', 'b%20c&d.csv']
    const contents = ['code,name\n007,张三\n', LARGE, '', 'x\n1\n']
    for (const [i, name] of names.entries()) await put(name, contents[i]!)
    const { held, settings: local } = await bring(kind, settings())
    expect([held.count, local.root, local.settleSeconds]).toEqual([0, here, 1])
    expect(shown()).toEqual([...names].sort())
    for (const [i, name] of names.entries())
      expect(readFileSync(join(here, name)).equals(Buffer.from(contents[i]!)), name).toBe(true)
    const before = names.map((name) => statSync(join(here, name)).ino)
    await put('空.txt', 'not empty any more')
    await remove('b%20c&d.csv')
    await bring(kind, settings())
    expect(shown()).toEqual(names.filter((name) => !name.startsWith('b')).sort())
    expect(readFileSync(join(here, '空.txt'), 'utf8')).toBe('not empty any more')
    expect(names.slice(0, 2).map((name) => statSync(join(here, name)).ino)).toEqual(before.slice(0, 2))
    for (const name of names.slice(0, 3)) await remove(name)
    await bring(kind, settings())
    expect([shown(), existsSync(join(here, '2026 年/大.bin')), leftovers()]).toEqual([[], false, []])
  })

  it('gives the files that are asked for, and its folders to choose from', async () => {
    await put('a/one.csv', 'x\n1\n')
    await put('b/two.csv', 'x\n2\n')
    await bring(kind, settings(), { wanted: (path: string) => path === 'b/two.csv' })
    expect(shown()).toEqual(['b/two.csv'])
    expect(statSync(join(here, 'a')).isDirectory()).toBe(true)
    await remove('a/one.csv')
    await remove('b/two.csv')
  })

  it('goes on behind a broken line, and does not read again what it has', async () => {
    await put('large.bin', LARGE)
    const given = settings()
    const target =
      'endpoint' in given ? { host: '127.0.0.1', port: Number(new URL(given.endpoint).port) } : { ...given }
    const proxy = await startProxy(target)
    const through =
      'endpoint' in given ? { ...given, endpoint: `http://127.0.0.1:${proxy.port}` } : { ...given, port: proxy.port }
    proxy.cutAfter(2 * 1024 * 1024)
    const error = await failure(bring(kind, through))
    expect([error.code, error.retryable]).toEqual(['connection_lost', true])
    expect([shown(), leftovers().length]).toEqual([[], 1])
    const have = statSync(join(here, leftovers()[0] as string)).size
    expect(have).toBeGreaterThan(1024 * 1024)
    proxy.cutAfter(LARGE.length - have + 256 * 1024)
    await bring(kind, through)
    await proxy.stop()
    expect(readFileSync(join(here, 'large.bin')).equals(LARGE)).toBe(true)
    await remove('large.bin')
  })

  it('says who is refused, and what is not there', async () => {
    const given = settings()
    const wrong = 'endpoint' in given ? { secretAccessKey: 'wrong' } : { user: 'nobody-at-all' }
    expect((await failure(bring(kind, { ...given, ...wrong }))).code).toBe('access_denied')
    const nowhere = 'endpoint' in given ? { bucket: 'no-such-bucket' } : { folder: '/no/such/folder' }
    expect((await failure(bring(kind, { ...given, ...nowhere }))).code).toBe('table_missing')
    const silent = 'endpoint' in given ? { endpoint: 'http://127.0.0.1:9' } : { port: 9 }
    expect((await failure(bring(kind, { ...given, ...silent }))).code).toBe('unreachable')
    expect((await failure(bring(kind, { ...given, more: 1 }))).code).toBe('bad_settings')
    await put('one.txt', '1')
    expect(await kind.test(given, new AbortController().signal)).toMatchObject({ ok: true })
    await remove('one.txt')
  })
})

describe('what lies here already', () => {
  it('and the place does not have is removed, also what a crash left out of the index, or stands in the way', async () => {
    mkdirSync(join(here, 'x.txt'), { recursive: true })
    writeFileSync(join(here, 'x.txt', 'inner.csv'), 'left by a crash')
    writeFileSync(join(here, 'stray.csv'), 'left by a crash')
    store.put('x.txt', 'whole')
    await bring(s3, store.settings)
    expect(shown()).toEqual(['x.txt'])
    store.remove('x.txt')
  })

  it('is not taken for the content that it once was, when a replacement was broken off and then taken back', async () => {
    const name = 'list.txt'
    store.put(name, 'first')
    await bring(s3, store.settings)
    store.put(name, 'other')
    const before = readFileSync(join(here, '.huitong-mirror.json'), 'utf8')
    // As after a crash: what was replaced lies here, and nothing was written down since.
    const report = () => {
      throw new Error('crash')
    }
    await expect(bring(s3, store.settings, { report })).rejects.toThrow('crash')
    expect(readFileSync(join(here, '.huitong-mirror.json'), 'utf8')).not.toBe(before)
    writeFileSync(join(here, name), 'other')
    store.put(name, 'first')
    await bring(s3, store.settings)
    expect(readFileSync(join(here, name), 'utf8')).toBe('first')
    store.remove(name)
  })
})

describe('a folder by SFTP', () => {
  it('of a server with another key is not entered; the error tells the key that it has', async () => {
    const other = `SHA256:${'A'.repeat(43)}`
    const error = await failure(bring(sftp, { ...sshd.settings, hostKey: other }))
    expect([error.code, error.place.setting]).toEqual(['host_key', sshd.settings.hostKey])
    expect((await failure(bring(sftp, { ...sshd.settings, privateKey: 'no key' }))).code).toBe('bad_settings')
  })

  it('holds links and hidden files, and leaves what is still being written', async () => {
    const at = (name: string) => join(sshd.folder, name)
    writeFileSync(at('growing.csv'), 'x\n1\n')
    writeFileSync(at('whole.csv'), 'x\n2\n')
    writeFileSync(at('later.csv.part'), 'x\n')
    writeFileSync(at('back\\slash.csv'), 'x\n')
    symlinkSync('/etc/passwd', at('link.csv'))
    const growing = setInterval(() => appendFileSync(at('growing.csv'), '1\n'), 100)
    const { held, missed } = await bring(sftp, sshd.settings)
    clearInterval(growing)
    expect([...missed]).toEqual(['growing.csv'])
    expect(shown()).toEqual(['whole.csv'])
    expect([...held.listed].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'back\\slash.csv', reason: 'name' },
      { path: 'link.csv', reason: 'link' },
    ])
    for (const name of readdirSync(sshd.folder)) rmSync(at(name), { recursive: true })
  })
})

describe('a folder by S3', () => {
  it('is a prefix of the bucket, of any number of objects', async () => {
    for (let i = 0; i < 2030; i++) store.put(`in/${String(i).padStart(4, '0')}.txt`, String(i))
    store.put('outside.txt', 'x')
    await bring(s3, { ...store.settings, folder: 'in/' }, { wanted: (path: string) => path.endsWith('29.txt') })
    expect(shown()).toHaveLength(21)
    expect(readFileSync(join(here, '1029.txt'), 'utf8')).toBe('1029')
  })
})
