import { createHash } from 'node:crypto'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { canonicalJson, type CanonicalValue } from './canonical-json.ts'
import { SegmentError } from './errors.ts'
import { verifyManifest } from './manifest.ts'
import { openSegment, openSegmentToBuffer, verifySealed } from './open.ts'
import { sealPayload } from './seal.ts'
import { sealRows } from './seal-rows.ts'
import { CHANNEL, consumer, make, platform, signer, stranger, trust } from './testing/make.ts'

async function code(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    if (error instanceof SegmentError) return error.code
    throw error
  }
  return 'no error'
}

describe('sealing and opening', () => {
  it('gives every recipient the same bytes, from memory and from a file', async () => {
    const { signed, sealed } = await make()
    const folder = mkdtempSync(join(tmpdir(), 'huitong-segment-'))
    const file = join(folder, signed.manifest.sealedDigest)
    writeFileSync(file, sealed)
    for (const { privateKey } of [platform, consumer]) {
      const plain = await openSegmentToBuffer({ signed, sealed, privateKey })
      expect(plain.toString()).toBe('1,"a ""quoted"" 㐀𠮷"\n2,\n3,""\n')
      const streamed = await openSegmentToBuffer({
        signed,
        sealed: () => createReadStream(file, { highWaterMark: 7 }),
        privateKey,
      })
      expect(streamed.equals(plain)).toBe(true)
    }
    rmSync(folder, { recursive: true })
  })

  it('uses a fresh key and nonce each time', async () => {
    const [a, b] = [await make(), await make()]
    expect(a.signed.manifest.plainDigest).toBe(b.signed.manifest.plainDigest)
    expect(a.sealed.equals(b.sealed)).toBe(false)
  })

  it('shows nothing of the data in the sealed bytes or the manifest', async () => {
    const plain = Buffer.from('110101199003070038,张三\n')
    const { signed, sealed } = await make({ plain, counts: { rows: '1' } })
    expect(sealed.includes('11010119900307')).toBe(false)
    expect(Buffer.from(signed.bytes).includes('11010119900307')).toBe(false)
  })

  it('refuses a stranger', async () => {
    const { signed, sealed } = await make()
    expect(await code(openSegmentToBuffer({ signed, sealed, privateKey: stranger.privateKey }))).toBe('not_a_recipient')
  })

  it('refuses a wrapped key moved to another place in the chain or another payload', async () => {
    const one = await make()
    const two = await make({ sequence: 2 })
    const moved = {
      ...one.signed,
      manifest: { ...one.signed.manifest, recipients: two.signed.manifest.recipients },
    }
    expect(
      await code(openSegmentToBuffer({ signed: moved, sealed: one.sealed, privateKey: platform.privateKey })),
    ).toBe('decrypt_failed')
    const renumbered = { ...one.signed, manifest: { ...one.signed.manifest, sequence: 2 } }
    expect(
      await code(openSegmentToBuffer({ signed: renumbered, sealed: one.sealed, privateKey: platform.privateKey })),
    ).toBe('decrypt_failed')
  })

  it('refuses the payload cut at every byte, and with every byte changed', async () => {
    const { signed, sealed } = await make()
    const privateKey = platform.privateKey
    // A holder of the signing key could name the digest of the damaged bytes; the cipher itself must still refuse.
    const renamed = (damaged: Buffer) => ({
      ...signed,
      manifest: {
        ...signed.manifest,
        sealedDigest: createHash('sha256').update(damaged).digest('hex'),
        sealedBytes: String(damaged.length),
      },
    })
    for (let length = 0; length < sealed.length; length++) {
      const cut = sealed.subarray(0, length)
      expect(await code(openSegmentToBuffer({ signed, sealed: cut, privateKey }))).toBe('sealed_digest_mismatch')
      expect(await code(openSegmentToBuffer({ signed: renamed(cut), sealed: cut, privateKey }))).toBe('decrypt_failed')
      const changed = Buffer.from(sealed)
      changed[length]! ^= 1
      expect(await code(verifySealed(signed.manifest, changed))).toBe('sealed_digest_mismatch')
    }
    expect(await code(verifySealed(signed.manifest, Buffer.concat([sealed, Buffer.alloc(1)])))).toBe(
      'sealed_digest_mismatch',
    )
  })

  it('checks what a trusted but wrong sealer claims: digest, length, rows', async () => {
    const { signed, sealed } = await make()
    const claim = (part: object) =>
      openSegmentToBuffer({
        signed: { ...signed, manifest: { ...signed.manifest, ...part } },
        sealed,
        privateKey: platform.privateKey,
      })
    expect(await code(claim({ plainDigest: '0'.repeat(64) }))).toBe('plain_digest_mismatch')
    expect(await code(claim({ plainBytes: '5' }))).toBe('plain_length_mismatch')
    expect(await code(claim({ plainBytes: '500' }))).toBe('plain_length_mismatch')
    expect(await code(claim({ counts: { rows: '2' } }))).toBe('row_count_mismatch')
    expect(await code(claim({ plainBytes: String(1 << 30) }))).toBe('plain_too_large')
  })

  it('refuses NUL, bad UTF-8, cut rows and wrong counts before sealing', async () => {
    expect(await code(make({ plain: Buffer.from('a\0,\n\n\n') }))).toBe('bad_text')
    expect(await code(make({ plain: Buffer.from([0x61, 0xff, 0x0a]) }))).toBe('bad_text')
    expect(await code(make({ plain: Buffer.from('1,a\n2,b\n3,c') }))).toBe('bad_csv')
    expect(await code(make({ plain: Buffer.from('1,a\n2,b\n3,"c\n') }))).toBe('bad_csv')
    expect(await code(make({ plain: Buffer.from('1,a\n2,b\n') }))).toBe('row_count_mismatch')
    expect(await code(make({ plain: Buffer.alloc(65 << 20, 0x61) }))).toBe('plain_too_large')
    expect(await code(make({ recipients: [] }))).toBe('bad_argument')
  })

  it('leaves rows uncounted that their source has counted, and still refuses a cut last row', async () => {
    expect(await code(make({ plain: Buffer.from('1,a\n2,b\n'), rowsCounted: true }))).toBe('no error')
    expect(await code(make({ plain: Buffer.from('1,a\n2,b'), rowsCounted: true }))).toBe('bad_csv')
  })
})

describe('manifest', () => {
  it('verifies only the exact signed bytes', async () => {
    const { signed } = await make()
    const bytes = Buffer.from(signed.bytes)
    expect(verifyManifest(bytes, trust).manifest).toEqual(signed.manifest)
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes)
      changed[i]! ^= 1
      expect(await code(() => verifyManifest(changed, trust)), `byte ${i}`).not.toBe('no error')
    }
    expect(await code(() => verifyManifest(Buffer.concat([bytes, Buffer.from(' ')]), trust))).toBe('bad_canonical_json')
    expect(await code(() => verifyManifest(bytes, () => null))).toBe('unknown_signer')
    expect(await code(() => verifyManifest(bytes, () => stranger.publicKey))).toBe('unknown_signer')
  })

  it('refuses each changed field although the shape is right', async () => {
    const { signed } = await make()
    const wrap = (part: object) =>
      Buffer.from(
        canonicalJson({
          manifest: { ...signed.manifest, ...part } as unknown as CanonicalValue,
          signature: signed.signature,
        }),
      )
    const changes: object[] = [
      { channel: '0f5b0d6e-6c3a-4d6e-9d0e-3f1f4f1c2a11' },
      { generation: 2 },
      { sequence: 2 },
      { final: true },
      { counts: { rows: '4' } },
      { plainBytes: '1' },
      { sealedBytes: '1' },
      { plainDigest: 'a'.repeat(64) },
      { sealedDigest: 'a'.repeat(64) },
      { source: { from: null, to: null, snapshot: null } },
      { previous: 'a'.repeat(64) },
      { recipients: signed.manifest.recipients.slice(1) },
      { sealedAt: '2026-07-02T00:00:00.000Z' },
    ]
    for (const part of changes) expect(await code(() => verifyManifest(wrap(part), trust))).toBe('bad_signature')
    const shapes: object[] = [
      { extra: 1 },
      { version: 2 },
      { sealedBytes: String(64 * 1024 * 1024 + 1) },
      { sealedBytes: '9'.repeat(30) },
      { counts: { rows: '01' } },
      { counts: { rows: '-1' } },
      { counts: { insert: '1', update: '1', delete: '1' } },
      { schemaHash: 'a'.repeat(64) },
      { columns: [{ name: 'a', type: 'integer' }] },
      { recipients: [] },
      { file: { name: 'x', bytes: '1', offset: '0' } },
      { sealedAt: '2026-13-01T00:00:00Z' },
    ]
    for (const part of shapes) expect(await code(() => verifyManifest(wrap(part), trust))).toBe('bad_manifest')
  })
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const MEGABYTE = 1024 * 1024

const line = (i: number) => `${i},${createHash('sha256').update(String(i)).digest('hex')},"深圳市, ""${i}"""\n`

const row = (bytes: number) =>
  (async function* () {
    yield { data: Buffer.from('a\n'), rows: 1 }
    yield { data: Buffer.concat([Buffer.alloc(bytes, 0x62), Buffer.from('\n')]), rows: 1 }
    yield { data: Buffer.from('c\n'), rows: 1 }
  })()

describe('whole copies', () => {
  const options = {
    channel: CHANNEL,
    generation: 1,
    columns: [{ name: 'a', type: 'text' }],
    source: { from: null, to: null, snapshot: null },
    recipients: [platform.publicKey],
    signingKey: signer.privateKey,
    now: () => new Date(),
  }

  it('gives one final segment of zero rows for an empty table', async () => {
    const segments = await collect(sealRows((async function* () {})(), options))
    expect(segments).toHaveLength(1)
    expect(segments[0]!.signed.manifest).toMatchObject({ final: true, counts: { rows: '0' }, sequence: 1 })
    const opened = await openSegmentToBuffer({ ...segments[0]!, privateKey: platform.privateKey })
    expect(opened.length).toBe(0)
  })

  it('never marks a cut source final', async () => {
    const seen: boolean[] = []
    const cut = async () => {
      const chunks = (async function* () {
        for (let i = 0; i < 20; i++) yield { data: Buffer.from('x\n'.repeat(512)), rows: 512 }
        throw new Error('cut')
      })()
      for await (const s of sealRows(chunks, { ...options, segmentBytesMax: 1024 })) seen.push(s.signed.manifest.final)
    }
    await expect(cut()).rejects.toThrow('cut')
    expect(seen.length).toBeGreaterThan(0)
    expect(seen).not.toContain(true)
  })

  it('takes one row larger than a segment, and refuses one over the hard limit', async () => {
    const sizes = (await collect(sealRows(row(12 * MEGABYTE), options))).map((s) =>
      Number(s.signed.manifest.plainBytes),
    )
    expect(sizes).toEqual([2, 12 * MEGABYTE + 1, 2])
    expect(await code(collect(sealRows(row(64 * MEGABYTE), options)))).toBe('row_too_large')
  })

  it('gives memory back only when it is sealed, whether a pack is one chunk or many', async () => {
    for (const segmentBytesMax of [8, 64]) {
      const given: Buffer[] = []
      let reused = 0
      const chunks = (async function* () {
        for (let at = 0; at < 40; at++) {
          const data = given.pop() ?? Buffer.alloc(6)
          if (data[0] !== 0) reused++
          data.write(`row${String(at).padStart(2, '0')}\n`)
          yield { data, rows: 1, done: () => given.push(data) }
        }
      })()
      const segments = await collect(sealRows(chunks, { ...options, segmentBytesMax }))
      const texts = await Promise.all(
        segments.map(async (segment) =>
          (await openSegmentToBuffer({ ...segment, privateKey: platform.privateKey })).toString(),
        ),
      )
      expect(texts.join('')).toBe(Array.from({ length: 40 }, (_, at) => `row${String(at).padStart(2, '0')}\n`).join(''))
      expect(reused).toBeGreaterThan(20)
    }
  })

  it('moves 200 MB through sealing and opening in bounded memory', async () => {
    let text = ''
    let rows = 0
    while (text.length < MEGABYTE) text += line(rows++)
    const chunks = (async function* () {
      for (let at = 0; at < 200; at++) yield { data: Buffer.from(text), rows }
    })()
    const before = process.memoryUsage().rss
    let peak = 0
    let plain = 0
    let previous: string | null = null
    for await (const { signed, sealed } of sealRows(chunks, options)) {
      expect(signed.manifest.previous).toBe(previous)
      previous = createHash('sha256').update(signed.bytes).digest('hex')
      const sink = new Writable({
        write(chunk: Buffer, _e, done) {
          plain += chunk.length
          done()
        },
      })
      await openSegment({ signed, sealed, privateKey: platform.privateKey }, sink)
      peak = Math.max(peak, process.memoryUsage().rss)
    }
    expect(plain).toBeGreaterThan(200 * MEGABYTE)
    expect((peak - before) / MEGABYTE).toBeLessThan(200)
  }, 90_000)

  it('seals independent payloads at the same time', async () => {
    const payloads = await Promise.all(
      [1, 2].map((sequence) =>
        sealPayload({ ...options, sequence, kind: 'rows', counts: { rows: '1' }, plain: Buffer.from('x\n') }),
      ),
    )
    expect(payloads.map((p) => p.part.sequence)).toEqual([1, 2])
  })
})
