import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'
import { to as copyTo } from 'pg-copy-streams'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testClusterUrl } from '../../../../tests/harness/database.ts'
import { createEngineClient, type JobInput, type JobOutput } from './client.ts'
import { usableSocketPath } from './socket-path.ts'

const folder = mkdtempSync(join(tmpdir(), 'huitong-engine-'))
const socket = join(folder, 'run/engine.sock')
let worker: ChildProcess

function startWorker(): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, HUITONG_DATA: folder, HUITONG_ENGINE_MEMORY_MB: '512' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

beforeAll(() => {
  worker = startWorker()
})

afterAll(async () => {
  worker.kill('SIGTERM')
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit')
  rmSync(folder, { recursive: true, force: true })
})

const engine = createEngineClient(socket, { timeoutMs: 60_000, retryForMs: 10_000 })

async function check(
  content: string | Buffer,
  input: Partial<JobInput<'check-segment'>> & { expectedRows: number },
  name = 'segment.csv',
): Promise<JobOutput<'check-segment'>> {
  const path = join(folder, name)
  writeFileSync(path, content)
  return engine.run('check-segment', { path, columns: ['a', 'b'], ...input })
}

describe('check-segment', () => {
  test('waits for a worker that is still starting; the socket is private', async () => {
    expect(await check('1,2\n3,4\n', { expectedRows: 2, expectedPlainBytes: 8 })).toEqual({
      rows: 2,
      columns: 2,
      plainBytes: 8,
      ok: true,
      faults: [],
    })
    expect(statSync(socket).mode & 0o777).toBe(0o600)
  })

  test('names every fault, and never the data', async () => {
    const secret = '330106199001011234'
    const cases: [string | Buffer, number, string, number?][] = [
      [`1,2\n${secret}\n`, 2, 'column_count', 2],
      [`1,2\n${secret},4,5\n`, 2, 'column_count', 2],
      ['1,2\n\n3,4\n', 2, 'column_count', 2],
      ['1,2\n3,4\n\n', 2, 'column_count', 3],
      ['\n1,2\n', 1, 'column_count', 1],
      ['1,2\n3,4', 2, 'truncated'],
      [`1,2\n"${secret},4\n5,6\n`, 3, 'not_csv', 2],
      [`1,2\n"${secret}"x,4\n`, 2, 'not_csv', 2],
      ['1,2\r\n3,4\r\n', 2, 'not_csv'],
      ['1,2\n', 2, 'row_count'],
      ['1,2\n', 0, 'row_count'],
      ['', 1, 'row_count'],
      [Buffer.from([0x31, 0x2c, 0xff, 0xfe, 0x0a]), 1, 'not_utf8'],
      [Buffer.from([0x31, 0x2c, 0xe6, 0x95]), 1, 'not_utf8'],
      ['\ufeff1,2\n', 1, 'byte_order_mark'],
    ]
    for (const [content, expectedRows, kind, line] of cases) {
      const result = await check(content, { expectedRows })
      expect(result.ok, String(content)).toBe(false)
      expect(
        result.faults.map((fault) => fault.kind),
        String(content),
      ).toContain(kind)
      if (line !== undefined)
        expect(result.faults.find((fault) => fault.kind === kind)?.line, String(content)).toBe(line)
      expect(JSON.stringify(result)).not.toContain(secret)
    }
    const short = await check('1,2\n', { expectedRows: 1, expectedPlainBytes: 5 })
    expect(short.faults).toEqual([{ kind: 'byte_count', detail: '4 bytes instead of 5' }])
  })

  test('what looks odd but is right passes', async () => {
    const right: [string, number, string[]][] = [
      ['', 0, ['a', 'b']],
      [',""\n"",\n', 2, ['a', 'b']],
      ['1,"a\n\nb"\n"""\n\n""",4\n', 2, ['a', 'b']],
      ['1,"a\r\nb"\n', 1, ['a', 'b']],
      ['\n\n""\n', 3, ['a']],
      ['\\N,"\\."\n#1,  x \n', 2, ['a', 'b']],
      [`1,"${'长'.repeat(1_000_000)}"\n`, 1, ['a', 'b']],
      ['1,2\n', 1, ['same', 'same']],
    ]
    for (const [content, expectedRows, columns] of right) {
      expect(await check(content, { expectedRows, columns }), content.slice(0, 40)).toMatchObject({ ok: true })
    }
  })

  test('every truncation of a compressed segment is found, also one that cuts between two blocks', async () => {
    const text = Array.from({ length: 60_000 }, (_, n) => `${n},值${(n * 7919) % 65537}\n`).join('')
    const whole = zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
    const input = { expectedRows: 60_000, expectedPlainBytes: Buffer.byteLength(text) }
    expect(await check(whole, input, 's.csv.zst')).toMatchObject({ ok: true, rows: 60_000 })
    for (const keep of [0.1, 0.25, 0.5, 0.75, 0.9]) {
      const cut = whole.subarray(0, Math.floor(whole.length * keep))
      expect(await check(cut, input, 's.csv.zst')).toMatchObject({ ok: false, faults: [{ kind: 'truncated' }] })
    }
    expect(await check(whole.subarray(0, -1), input, 's.csv.zst')).toMatchObject({ ok: false })
    const changed = Buffer.from(whole)
    changed[changed.length >> 1]! ^= 0x55
    expect(await check(changed, input, 's.csv.zst')).toMatchObject({ ok: false, faults: [{ kind: 'compression' }] })
    const doubled = await check(Buffer.concat([whole, whole]), input, 's.csv.zst')
    expect(doubled.ok).toBe(false)
  })

  test('what PostgreSQL writes passes', async () => {
    const client = new Client({ connectionString: testClusterUrl() })
    await client.connect()
    const query = `SELECT n, CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN E'a"b\\n\\r\\n,c' WHEN 3 THEN E'\\\\.' ELSE '𠮷野家' END,
      now() + n * interval '1 day', n / 7.0 FROM generate_series(1, 20000) n`
    const stream = client.query(copyTo(`COPY (${query}) TO STDOUT (FORMAT csv)`))
    const text = Buffer.concat((await stream.toArray()) as Buffer[])
    await client.end()
    const columns = ['n', 'text', 'at', 'ratio']
    const result = await check(text, { columns, expectedRows: 20_000, expectedPlainBytes: text.length })
    expect(result).toMatchObject({ ok: true, rows: 20_000 })
  })
})

describe('the worker and its client', () => {
  test('bad input is refused with its place', async () => {
    const refused = engine.run('check-segment', { path: 'relative', columns: [], expectedRows: -1 })
    await expect(refused).rejects.toMatchObject({ code: 'engine.bad_input', detail: expect.stringContaining('/path') })
    const unknown = engine.run('no-such-job' as 'check-segment', { path: '/x', columns: ['a'], expectedRows: 0 })
    await expect(unknown).rejects.toMatchObject({ code: 'engine.unknown_job' })
    const absent = engine.run('check-segment', { path: '/no/such/file', columns: ['a'], expectedRows: 0 })
    await expect(absent).rejects.toMatchObject({ code: 'engine.failed', detail: expect.stringContaining('ENOENT') })
  })

  test('a job that takes too long is stopped, and the next one runs', async () => {
    const line = `${'x'.repeat(90)},2\n`
    const path = join(folder, 'large.csv')
    writeFileSync(path, line.repeat(3_000_000))
    const input = { path, columns: ['a', 'b'], expectedRows: 3_000_000 }
    await expect(engine.run('check-segment', input, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'engine.timeout',
    })
    const abort = new AbortController()
    const cancelled = engine.run('check-segment', input, { signal: abort.signal })
    setTimeout(() => abort.abort(), 50)
    await expect(cancelled).rejects.toMatchObject({ code: 'engine.cancelled' })
    const last = engine.run('check-segment', input)
    // What a person waits for is in another lane.
    const quick = engine.run('read-findings', { path: '/no/such', key: ['a'], rule: null, after: '-1', limit: 1 })
    const first = await Promise.race([last.then(() => 'long'), quick.catch(() => 'quick')])
    expect(first).toBe('quick')
    expect(await last).toMatchObject({ ok: true })
  })

  test('a job survives the death of its worker', async () => {
    const path = join(folder, 'large.csv')
    const running = engine.run('check-segment', { path, columns: ['a', 'b'], expectedRows: 3_000_000 })
    await new Promise((resolve) => setTimeout(resolve, 100))
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    worker = startWorker()
    expect(await running).toMatchObject({ ok: true })
  })

  test('without a worker it gives up after its time', async () => {
    const lonely = createEngineClient(join(folder, 'nobody.sock'), { retryForMs: 200 })
    const asked = lonely.run('check-segment', { path: '/x', columns: ['a'], expectedRows: 0 })
    await expect(asked).rejects.toMatchObject({ code: 'engine.unavailable' })
  })

  test('a socket path that is too long is replaced by one that both ends know', () => {
    const long = `/tmp/${'x'.repeat(120)}/run/engine.sock`
    expect(usableSocketPath(long)).toBe(usableSocketPath(long))
    expect(Buffer.byteLength(usableSocketPath(long))).toBeLessThan(100)
    expect(usableSocketPath(socket)).toBe(socket)
  })
})
