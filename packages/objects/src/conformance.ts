import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Expected, ObjectStore } from './object-store.ts'

/** What every implementation of `ObjectStore` must pass; `open` gives an empty store, `close` removes it. */
export function objectStoreConformance(
  name: string,
  open: () => Promise<{ store: ObjectStore; close(): Promise<void> }>,
): void {
  describe(`object store: ${name}`, () => {
    let store: ObjectStore
    let close: () => Promise<void>
    beforeAll(async () => void ({ store, close } = await open()))
    afterAll(() => close())

    objectTests(() => store)
    uploadTests(() => store)
  })
}

/** Size and digest of some content. */
export function expectedOf(content: Uint8Array): Expected {
  return { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length }
}

/** A stream of the content in pieces, which may break off after so many bytes. */
export async function* pieces(content: Buffer, size = 1000, breakAfter = Infinity): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += size) {
    if (at >= breakAfter) throw new Error('broke off')
    yield content.subarray(at, at + size)
  }
}

async function read(stream: Readable): Promise<Buffer> {
  return Buffer.concat((await stream.toArray()) as Buffer[])
}

function objectTests(store: () => ObjectStore): void {
  test('what was put is got, whole and in ranges', async () => {
    const content = randomBytes(300_000)
    expect(await store().putIfAbsent('a/b/c.bin', pieces(content), expectedOf(content))).toBe('stored')
    expect(await store().head('a/b/c.bin')).toEqual({ key: 'a/b/c.bin', bytes: content.length })
    expect(await read(await store().get('a/b/c.bin'))).toEqual(content)
    expect(await read(await store().get('a/b/c.bin', { from: 5, bytes: 10 }))).toEqual(content.subarray(5, 15))
    expect(await read(await store().get('a/b/c.bin', { from: 299_999 }))).toEqual(content.subarray(299_999))
    expect(await read(await store().get('a/b/c.bin', { from: 300_000 }))).toHaveLength(0)
    expect(await read(await store().get('a/b/c.bin', { from: 7, bytes: 0 }))).toHaveLength(0)
    for (const range of [{ from: 300_001 }, { from: -1 }, { from: 0, bytes: 300_001 }, { from: 0.5 }]) {
      await expect(store().get('a/b/c.bin', range)).rejects.toMatchObject({ code: 'storage.bad_range' })
    }
  })

  test('an empty object is an object', async () => {
    expect(await store().putIfAbsent('empty', pieces(Buffer.alloc(0)), expectedOf(Buffer.alloc(0)))).toBe('stored')
    expect(await read(await store().get('empty'))).toHaveLength(0)
  })

  test('the same content again is present; other content under its key is a conflict', async () => {
    const content = Buffer.from('once')
    await store().putIfAbsent('once', pieces(content), expectedOf(content))
    expect(await store().putIfAbsent('once', pieces(content), expectedOf(content))).toBe('present')
    for (const other of [Buffer.from('ecno'), Buffer.from('longer')]) {
      const put = store().putIfAbsent('once', pieces(other), expectedOf(other))
      await expect(put).rejects.toMatchObject({ code: 'storage.conflict' })
    }
    expect(await read(await store().get('once'))).toEqual(content)
  })

  test('content that is not what was declared leaves nothing', async () => {
    const content = randomBytes(5_000)
    const { sha256, bytes } = expectedOf(content)
    const wrong = { ...expectedOf(randomBytes(1)), bytes }
    const cases = [
      [pieces(content), wrong, 'storage.digest_mismatch'],
      [pieces(content), { sha256, bytes: bytes - 1 }, 'storage.size_mismatch'],
      [pieces(content), { sha256, bytes: bytes + 1 }, 'storage.size_mismatch'],
    ] as const
    for (const [stream, expected, code] of cases) {
      await expect(store().putIfAbsent('wrong', stream, expected)).rejects.toMatchObject({ code })
    }
    await expect(store().putIfAbsent('wrong', pieces(content, 1000, 3000), { sha256, bytes })).rejects.toThrow(
      'broke off',
    )
    expect(await store().head('wrong')).toBeUndefined()
  })

  test('puts of the same content at the same time: all succeed, one stores', async () => {
    const content = randomBytes(200_000)
    const puts = Array.from({ length: 8 }, () => store().putIfAbsent('race/x', pieces(content), expectedOf(content)))
    const outcomes = await Promise.all(puts)
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1)
    expect(await read(await store().get('race/x'))).toEqual(content)
  })

  test('delete removes; absent things are absent', async () => {
    const content = Buffer.from('x')
    await store().putIfAbsent('gone/x', pieces(content), expectedOf(content))
    expect(await store().delete('gone/x')).toBe(true)
    expect(await store().delete('gone/x')).toBe(false)
    expect(await store().head('gone/x')).toBeUndefined()
    await expect(store().get('gone/x')).rejects.toMatchObject({ code: 'storage.absent' })
  })

  test('keys that could leave the store or not exist everywhere are refused', async () => {
    for (const key of [
      '',
      '/',
      'a/',
      '/a',
      '../x',
      'a/../b',
      '.hidden',
      'a//b',
      'a\\b',
      'a\0',
      '名',
      'a'.repeat(513),
    ]) {
      await expect(store().head(key)).rejects.toMatchObject({ code: 'storage.bad_key' })
      const put = store().putIfAbsent(key, pieces(Buffer.alloc(0)), expectedOf(Buffer.alloc(0)))
      await expect(put).rejects.toMatchObject({ code: 'storage.bad_key' })
    }
  })

  test('lists by prefix, in byte order, page by page', async () => {
    const keys = ['l/a-b', 'l/a.b', 'l/a/b', 'l/a/c/d', 'l/a0', 'l/b', 'lz', 'l/A']
    const content = Buffer.from('1')
    for (const key of keys) await store().putIfAbsent(key, pieces(content), expectedOf(content))
    for (const prefix of ['l', 'l/', 'l/a', 'l/a/', 'l/a/c', 'nothing']) {
      for (const limit of [1, 2, 3, 1000]) {
        const found: string[] = []
        for (let after: string | undefined = ''; after !== undefined;) {
          const page = await store().list({ prefix, after, limit })
          expect(page.objects.length).toBeLessThanOrEqual(limit)
          found.push(...page.objects.map(({ key }) => key))
          after = page.next
        }
        expect(found).toEqual(keys.filter((key) => key.startsWith(prefix)).sort())
      }
    }
  })
}

function uploadTests(store: () => ObjectStore): void {
  test('an upload in parts, with a broken line between, becomes an object', async () => {
    const content = randomBytes(100_000)
    const target = { key: 'up/x', ...expectedOf(content) }
    expect(await store().openUpload('u1', target)).toEqual({ offset: 0, bytes: 100_000 })
    await store().append('u1', 0, pieces(content.subarray(0, 30_000)))
    await expect(store().append('u1', 30_000, pieces(content.subarray(30_000), 1000, 20_000))).rejects.toThrow(
      'broke off',
    )
    const { offset } = await store().uploadState('u1')
    expect(offset).toBe(50_000)
    await expect(store().append('u1', 30_000, pieces(content))).rejects.toMatchObject({
      code: 'storage.offset_mismatch',
      detail: { offset: 50_000 },
    })
    await expect(store().finish('u1')).rejects.toMatchObject({ code: 'storage.size_mismatch' })
    expect(await store().openUpload('u1', target)).toEqual({ offset: 50_000, bytes: 100_000 })
    await store().append('u1', offset, pieces(content.subarray(offset)))
    expect(await store().finish('u1')).toBe('stored')
    expect(await read(await store().get('up/x'))).toEqual(content)
    await expect(store().uploadState('u1')).rejects.toMatchObject({ code: 'storage.upload_absent' })
    // A reply that was lost: the whole is sent again.
    await store().openUpload('u1', target)
    await store().append('u1', 0, pieces(content))
    expect(await store().finish('u1')).toBe('present')
  })

  test('more than was declared is refused and nothing of it kept; a wrong digest removes the upload', async () => {
    const content = randomBytes(2_000)
    await store().openUpload('u2', { key: 'up/y', ...expectedOf(content) })
    await store().append('u2', 0, pieces(content.subarray(0, 1_500)))
    await expect(store().append('u2', 1_500, pieces(content, 400))).rejects.toMatchObject({
      code: 'storage.size_mismatch',
    })
    expect((await store().uploadState('u2')).offset).toBe(1_500)
    await store().append('u2', 1_500, pieces(randomBytes(500)))
    await expect(store().finish('u2')).rejects.toMatchObject({ code: 'storage.digest_mismatch' })
    await expect(store().uploadState('u2')).rejects.toMatchObject({ code: 'storage.upload_absent' })
    expect(await store().head('up/y')).toBeUndefined()
  })

  test('two appends at the same time: one is told that it is busy', async () => {
    const content = randomBytes(50_000)
    await store().openUpload('u3', { key: 'up/z', ...expectedOf(content) })
    const both = await Promise.allSettled([
      store().append('u3', 0, pieces(content)),
      store().append('u3', 0, pieces(content)),
    ])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(both[1]).toMatchObject({ reason: { code: 'storage.upload_busy' } })
    expect(await store().finish('u3')).toBe('stored')
  })

  test('an id means one thing; ids are checked; an abort removes', async () => {
    const content = randomBytes(10)
    await store().openUpload('u4', { key: 'up/4', ...expectedOf(content) })
    const other = store().openUpload('u4', { key: 'up/5', ...expectedOf(content) })
    await expect(other).rejects.toMatchObject({ code: 'storage.conflict' })
    await expect(store().uploadState('../u4')).rejects.toMatchObject({ code: 'storage.bad_key' })
    await store().abortUpload('u4')
    await expect(store().uploadState('u4')).rejects.toMatchObject({ code: 'storage.upload_absent' })
  })
}
