import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type FilePack, filePathFault } from '@huitong/segment'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packFiles, type PackPlace } from './pack-files.ts'
import { FileReceiver } from './receive-files.ts'
import { type KnownDigests, lookForFiles, type SettledFile } from './settled-files.ts'

const MIB = 1024 * 1024
const signal = new AbortController().signal
const sha = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

let root: string
let target: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'huitong-from-'))
  target = mkdtempSync(join(tmpdir(), 'huitong-to-'))
})
afterEach(() => {
  for (const folder of [root, target]) rmSync(folder, { recursive: true, force: true })
})

const put = (path: string, data: string | Buffer): string => {
  const at = join(root, path)
  mkdirSync(dirname(at), { recursive: true })
  writeFileSync(at, data)
  return at
}
const settings = (more: object = {}) => ({
  root,
  encoding: 'auto' as const,
  delimiter: 'auto' as const,
  settleSeconds: 1,
  ...more,
})

async function look(more: object = {}, known: KnownDigests = new Map()) {
  const found = await lookForFiles(settings(more), './', known, signal)
  const files: SettledFile[] = []
  for await (const file of found.files()) files.push(file)
  return { folder: found.folder, files, held: found.held }
}

async function packsOf(folder: string, files: readonly SettledFile[], from: PackPlace | null = null) {
  const left: string[] = []
  const packs: FilePack[] = []
  for await (const pack of packFiles(folder, files, { from, onLeft: (path) => left.push(path), signal }))
    packs.push(pack)
  return { packs, left }
}

/** Receives packs as the segments of one run, and tells what the receiver counted. */
async function receive(packs: readonly FilePack[], stream = 's') {
  const receiver = await FileReceiver.open(target, 'got')
  try {
    let position = await receiver.begin(stream, 1)
    for (const [at, { data, pieces }] of packs.entries())
      position = await receiver.take({ sequence: at + 1, pieces, plain: data })
    return position.counts
  } finally {
    await receiver.close()
  }
}

describe('whole files of a folder', () => {
  test('a file that is written slowly is never taken in part: by its settle time, its suffix, or the digest beside it', async () => {
    put('done.txt', 'done')
    put('on-its-way.bin.part', 'x')
    put('.hidden', 'x')
    put('~$open.docx', 'x')
    const slow = put('slow.txt', 'first')
    const looked = look()
    await new Promise((resolve) => setTimeout(resolve, 400))
    appendFileSync(slow, ' second')
    expect((await looked).files.map(({ path, digest }) => [path, digest])).toEqual([['done.txt', sha('done')]])
    expect((await looked).held.count).toBe(0)
    expect((await look()).files.map(({ path }) => path)).toEqual(['done.txt', 'slow.txt'])

    put('slow.txt.sha256', `${sha('first second')}  slow.txt\n`)
    put('done.txt.sha256', `${sha('other')}  done.txt\n`)
    const digested = await look({ complete: 'digest' })
    expect(digested.files.map(({ path }) => path)).toEqual(['slow.txt'])
    expect(digested.held.listed).toEqual([{ path: 'done.txt', reason: 'digest' }])
  })

  test('another content with the same size and time of change is seen', async () => {
    const path = put('same.txt', 'aaaa')
    const known: KnownDigests = new Map()
    await look({}, known)
    const { atime, mtime } = statSync(path)
    writeFileSync(path, 'bbbb')
    utimesSync(path, atime, mtime)
    expect((await look({}, known)).files[0]).toMatchObject({ digest: sha('bbbb') })
  })

  test('links, pipes, unreadable files and names that cannot travel are held by name; rare names travel', async () => {
    const plain = [
      '-rf',
      'CON',
      'nul.txt',
      'a b .txt',
      'e\u0301.txt',
      '\u00e9.txt',
      '𠮷野家.txt',
      `${'长'.repeat(80)}.txt`,
    ]
    for (const name of plain) put(name, name)
    mkdirSync(join(root, 'inside'))
    symlinkSync('/etc/passwd', join(root, 'out.txt'))
    symlinkSync(join(root, '-rf'), join(root, 'in.txt'))
    symlinkSync('/etc', join(root, 'folder'))
    execFileSync('mkfifo', [join(root, 'pipe')])
    put('line\nbreak.txt', 'x')
    put('back\\slash.txt', 'x')
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xd5, 0xc5, 0x2e])]), 'x')
    const { files, held, folder } = await look()
    expect(files.map(({ path }) => path).sort()).toEqual([...plain].sort())
    expect(Object.fromEntries(held.listed.map(({ path, reason }) => [path, reason]))).toMatchObject({
      'out.txt': 'link',
      'in.txt': 'link',
      folder: 'link',
      pipe: 'special',
      'line\\x0abreak.txt': 'name',
      'back\\slash.txt': 'name',
    })
    expect(held.count).toBe(7)
    const { packs } = await packsOf(folder, files)
    await receive(packs)
    for (const name of plain) expect(readFileSync(join(target, 'got', name), 'utf8')).toBe(name)
  })

  test('a file that may not be read is held by name, where this process is held to rights', async () => {
    const path = put('secret.txt', 'x')
    chmodSync(path, 0)
    const { files, held } = await look()
    if (process.getuid?.() === 0) expect(files).toHaveLength(1)
    else expect(held.listed).toEqual([{ path: 'secret.txt', reason: 'unreadable' }])
  })

  test('paths from outside are refused by what is wrong with them', () => {
    const refused = [
      '',
      '/etc/passwd',
      '../up',
      'a/../b',
      'a//b',
      './a',
      'a\0b',
      'a\\b',
      'a\nb',
      '.huitong/position.json',
      '\ud800',
      'x'.repeat(256),
    ]
    expect(refused.map(filePathFault)).toEqual([
      'empty',
      'absolute',
      'outside',
      'outside',
      'outside',
      'outside',
      'control',
      'backslash',
      'control',
      'hidden',
      'unicode',
      'long',
    ])
  })
})

describe('files on their way', () => {
  test('what changes, shrinks, goes or becomes a link between digest and sending is dropped at both ends, and nothing else', async () => {
    put('1.txt', 'one')
    const [changed, gone, linked, late] = ['changed', 'gone', 'linked', 'late'].map((name) =>
      put(`${name}.bin`, randomBytes(name === 'late' ? 20 * MIB : MIB)),
    )
    put('zz.txt', 'last')
    const { files, folder } = await look()
    writeFileSync(changed!, randomBytes(MIB))
    rmSync(gone!)
    renameSync(linked!, `${linked}.tmp`)
    symlinkSync(`${linked}.tmp`, linked!)
    const left: string[] = []
    const packs: FilePack[] = []
    const packing = packFiles(folder, files, { from: null, onLeft: (path) => left.push(path), signal })
    for await (const pack of packing) {
      packs.push(pack)
      // Two of its pieces are gone out already.
      if (packs.length === 2) truncateSync(late!, 5)
    }
    expect(left.sort()).toEqual(['changed.bin', 'gone.bin', 'late.bin', 'linked.bin'])
    const counts = await receive(packs)
    expect(counts).toMatchObject({ inserted: '2' })
    expect(readdirSync(join(target, 'got')).sort()).toEqual(['.huitong', '1.txt', 'zz.txt'])
  })

  test('a reading that was broken off goes on where it was, at any pack', async () => {
    for (let i = 0; i < 5; i++) put(`small-${i}.txt`, `${i}`)
    put('big.bin', randomBytes(20 * MIB))
    put('empty.txt', '')
    const { files, folder } = await look()
    const { packs } = await packsOf(folder, files)
    expect(packs.length).toBeGreaterThan(2)
    for (const [at, pack] of packs.entries()) {
      const { name, offset, length } = pack.pieces.at(-1)!
      const rest = await packsOf(folder, files, { path: name, offset: Number(offset) + Number(length) })
      expect(rest.left).toEqual([])
      const again = [...packs.slice(0, at + 1), ...rest.packs]
      const counts = await receive(again, `s${at}`)
      expect(BigInt(counts.inserted) + BigInt(counts.updated) + BigInt(counts.unchanged)).toBe(7n)
    }
    expect(sha(readFileSync(join(target, 'got', 'big.bin')))).toBe(sha(readFileSync(join(root, 'big.bin'))))
  })
})

describe('a receiving folder', () => {
  test('new, replaced and unchanged files are counted; unchanged ones are not touched', async () => {
    put('a.txt', 'a')
    put('b.txt', 'b')
    const first = await look()
    expect(await receive((await packsOf(first.folder, first.files)).packs, 'one')).toMatchObject({ inserted: '2' })
    const before = statSync(join(target, 'got', 'a.txt'))
    put('b.txt', 'c')
    const second = await look()
    const counts = await receive((await packsOf(second.folder, second.files)).packs, 'two')
    expect(counts).toMatchObject({ inserted: '0', updated: '1', unchanged: '1' })
    expect(statSync(join(target, 'got', 'a.txt')).ino).toBe(before.ino)
  })

  test('a kill at any moment: the next start goes on behind the last segment, with no half file under its name', async () => {
    put('big.bin', randomBytes(20 * MIB))
    put('c.txt', 'c')
    const { files, folder } = await look()
    const { packs } = await packsOf(folder, files)
    for (let stop = 0; stop < packs.length; stop++) {
      const first = await FileReceiver.open(target, 'got')
      await first.begin(`k${stop}`, 1)
      for (const [at, { data, pieces }] of packs.slice(0, stop).entries())
        await first.take({ sequence: at + 1, pieces, plain: data })
      // What was written after the last position is nothing: as after a kill in the middle of a segment.
      const part = readdirSync(join(target, 'got')).find((name) => name.endsWith('.part'))
      if (part !== undefined) appendFileSync(join(target, 'got', part), 'torn')
      const second = await FileReceiver.open(target, 'got')
      expect(second.reached(`k${stop}`, 1)).toBe(stop)
      await second.begin(`k${stop}`, 1)
      await expect(first.take({ sequence: stop + 1, ...packs[stop]!, plain: packs[stop]!.data })).rejects.toMatchObject(
        {
          code: 'fenced',
        },
      )
      const third = await FileReceiver.open(target, 'got')
      await third.begin(`k${stop}`, 1)
      for (const [at, { data, pieces }] of packs.entries()) await third.take({ sequence: at + 1, pieces, plain: data })
      await Promise.all([first.close(), second.close(), third.close()])
      expect(sha(readFileSync(join(target, 'got', 'big.bin')))).toBe(files[0]!.digest)
      rmSync(join(target, 'got', 'big.bin'))
    }
  })

  test('what stands in the way and a wrong digest are told by name, and nothing outside is written', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'huitong-outside-'))
    mkdirSync(join(target, 'got', 'taken.txt'), { recursive: true })
    symlinkSync(outside, join(target, 'got', 'link'))
    const piece = (name: string, data: string, digest = sha(data)) => ({
      sequence: 1,
      plain: Buffer.from(data),
      pieces: [{ name, bytes: String(data.length), offset: '0', length: String(data.length), digest, dropped: false }],
    })
    const attempt = async (segment: ReturnType<typeof piece>) => {
      const receiver = await FileReceiver.open(target, 'got')
      await receiver.begin(segment.pieces[0]!.name, 1)
      return receiver.take(segment).finally(() => receiver.close())
    }
    await expect(attempt(piece('taken.txt', 'x'))).rejects.toMatchObject({
      code: 'file_blocked',
      place: { file: 'taken.txt' },
    })
    await expect(attempt(piece('link/x.txt', 'x'))).rejects.toMatchObject({
      code: 'file_blocked',
      place: { file: 'link' },
    })
    await expect(attempt(piece('wrong.txt', 'x', sha('y')))).rejects.toMatchObject({
      code: 'digest_mismatch',
      place: { file: 'wrong.txt' },
      words: { zh: expect.stringContaining('wrong.txt') as string },
    })
    expect(readdirSync(outside)).toEqual([])
    expect(readdirSync(join(target, 'got')).filter((name) => name.endsWith('.part'))).toEqual([])
    rmSync(outside, { recursive: true })
  })

  test('a full disk is told by the name of the file and leaves nothing under it; with room again it goes on', async (context) => {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      context.skip('needs a small file system, which only root mounts')
    const small = mkdtempSync(join(tmpdir(), 'huitong-small-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small])
    try {
      const data = randomBytes(3 * MIB)
      writeFileSync(join(small, 'ballast'), randomBytes(2 * MIB))
      const name = 'big.bin'
      const bytes = String(data.length)
      const pieces = [{ name, bytes, offset: '0', length: bytes, digest: sha(data), dropped: false }]
      const attempt = async () => {
        const receiver = await FileReceiver.open(small, 'got')
        await receiver.begin('s', 1)
        return receiver.take({ sequence: 1, pieces, plain: data }).finally(() => receiver.close())
      }
      await expect(attempt()).rejects.toMatchObject({ code: 'target_full', place: { file: name }, retryable: true })
      expect(readdirSync(join(small, 'got'))).not.toContain(name)
      rmSync(join(small, 'ballast'))
      expect((await attempt()).counts).toMatchObject({ inserted: '1' })
      expect(sha(readFileSync(join(small, 'got', name)))).toBe(sha(data))
    } finally {
      execFileSync('umount', [small])
      rmSync(small, { recursive: true })
    }
  })
})
