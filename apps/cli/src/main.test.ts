import { commit, createLog, ed25519Signer, encodeEvidence, localTileStore, makeBundle } from '@huitong/ledger'
import type { EvidenceEntry, ProofBundle } from '@huitong/ledger'
import { memoryLock } from '@huitong/ledger/testing'
import { execFile } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase, type TestDatabase } from '../../../tests/harness/database.ts'
import { Gate, sendSome } from '../../../packages/ferry/src/testing/gate.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, 'main.ts')
const signer = ed25519Signer('log.example/2026', Buffer.alloc(32, 5))
const stranger = ed25519Signer('log.example/2026', Buffer.alloc(32, 6))
const salt = Buffer.alloc(16, 3)
const payload = { 需求部门: '人社局', 数据目录: '婚姻登记信息', 行数: 1200, 备注: 'a\u001b[31mred\u202e' }
const entry: EvidenceEntry = {
  v: 1,
  type: 'exchange.segment',
  time: '2026-03-02T01:02:03Z',
  actor: 'dept:11320000MB151840XJ',
  object: 'segment:77',
  sha256commitment: commit(salt, payload),
}
let folder: string
let bundle: ProofBundle

interface Run {
  code: number
  stdout: string
  stderr: string
}
function huitong(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huitong-cli-'))
  const store = localTileStore(join(folder, 'log'))
  const log = await createLog({ origin: signer.name, store, lock: memoryLock(), signers: [signer] })
  const noise = Array.from({ length: 300 }, (_, i) => Buffer.from(`entry ${i}`))
  await log.appendBatch([...noise, encodeEvidence(entry), ...noise])
  bundle = makeBundle({ log: signer.verifierKey, proof: await log.proveInclusion(300), entry, payload, salt })
  await writeFile(join(folder, 'bundle.json'), JSON.stringify(bundle, null, 2))
  await writeFile(join(folder, 'keys.txt'), `# trusted\n\n${signer.verifierKey}\n`)
})
afterAll(() => rm(folder, { recursive: true }))

describe('huitong verify', () => {
  test('a good bundle: exit 0, Chinese first, one harmless line per fact', async () => {
    const { code, stdout, stderr } = await huitong('verify', 'bundle.json', '--key', signer.verifierKey)
    expect(code).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^验证通过：.*\nVerified: .*\n/)
    expect(stdout).toContain('log.example/2026')
    expect(stdout).toContain('height: 601')
    expect(stdout).toContain('人社局')
    expect(stdout).toContain('\\u001b[31mred\\u202e')
    for (const escape of ['\u001b', '\u202e']) expect(stdout).not.toContain(escape)
  })

  test('with a key file', async () => {
    expect((await huitong('verify', 'bundle.json', '--key-file', 'keys.txt')).code).toBe(0)
  })

  test('another key, a changed payload, a changed proof, no JSON: exit 1 with code and place', async () => {
    const changed: [string, unknown, string, string][] = [
      [
        'payload',
        { ...bundle, disclosed: { ...bundle.disclosed, payload: { ...payload, 行数: 1201 } } },
        'commitment_mismatch',
        'disclosed',
      ],
      ['proof', { ...bundle, proof: bundle.proof.replace('index 300', 'index 301') }, 'not_included', 'proof'],
      ['format', { ...bundle, format: 'other' }, 'bad_bundle', 'format'],
      ['log', { ...bundle, log: stranger.verifierKey }, 'untrusted_log', 'log'],
    ]
    for (const [name, value, reason, place] of changed) {
      await writeFile(join(folder, `${name}.json`), JSON.stringify(value))
      const { code, stdout } = await huitong('verify', `${name}.json`, '--key', signer.verifierKey)
      expect(code, name).toBe(1)
      expect(stdout).toMatch(/^验证未通过：.*\nNot verified: .*\n/)
      expect(stdout).toContain(`code: ${reason}\n`)
      expect(stdout).toContain(`place: ${place}\n`)
    }
    await writeFile(join(folder, 'no.json'), 'no json \u001b[2J')
    expect((await huitong('verify', 'no.json', '--key', signer.verifierKey)).code).toBe(1)
    expect((await huitong('verify', 'bundle.json', '--key', stranger.verifierKey)).code).toBe(1)
  })

  test('wrong usage: exit 2, nothing on stdout', async () => {
    const key = ['--key', signer.verifierKey]
    const wrong = [
      [],
      ['nonsense'],
      ['verify'],
      ['verify', 'bundle.json'],
      ['verify', 'bundle.json', 'bundle.json', ...key],
      ['verify', 'bundle.json', '--key', 'nonsense'],
      ['verify', 'bundle.json', '--key'],
      ['verify', 'bundle.json', '--unknown', ...key],
      ['verify', 'missing.json', ...key],
      ['verify', 'bundle.json', '--key-file', 'missing.txt'],
    ]
    for (const args of wrong) {
      const { code, stdout, stderr } = await huitong(...args)
      expect(code, args.join(' ')).toBe(2)
      expect(stdout).toBe('')
      expect(stderr).toContain('用法 Usage')
      expect(stderr).not.toContain('    at ')
    }
    expect(await huitong('--help')).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('huitong fsck', () => {
  test('a whole log, a damaged entry, a lost tile; with the checkpoint of the folder or one kept elsewhere', async () => {
    const key = ['--key', signer.verifierKey]
    const good = await huitong('fsck', 'log', ...key)
    expect(good).toMatchObject({ code: 0, stderr: '' })
    expect(good.stdout).toMatch(/^日志完好/)
    expect(good.stdout).toContain('height: 601')
    expect((await huitong('fsck', 'log', '--key', stranger.verifierKey)).code).toBe(1)
    expect((await huitong('fsck', 'nowhere', ...key)).code).toBe(2)
    expect((await huitong('fsck', 'log')).code).toBe(2)

    const path = join(folder, 'log/tile/entries/001')
    const bytes = await readFile(path)
    bytes[10]! ^= 1
    await writeFile(path, bytes)
    const bad = await huitong('fsck', 'log', ...key)
    expect(bad.code).toBe(1)
    expect(bad.stdout).toContain('file: tile/0/001\n')
    expect(bad.stdout).toContain('first bad index: 256\n')
    bytes[10]! ^= 1
    await writeFile(path, bytes)

    await writeFile(join(folder, 'kept'), await readFile(join(folder, 'log/checkpoint')))
    expect((await huitong('fsck', 'log', ...key, '--checkpoint', 'kept')).code).toBe(0)
    await rm(join(folder, 'log/tile/0/002.p/89'))
    const lost = await huitong('fsck', 'log', ...key, '--checkpoint', 'kept')
    expect(lost.code).toBe(1)
    expect(lost.stdout).toContain('file: tile/0/002.p/89\n')
  })
})

describe('huitong verify-document', () => {
  const document = JSON.stringify({ v: 1, number: 'DZ20260302-0001', state: 'balanced', note: '\u001b[31mred' })
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
  // Signed by Node's own crypto over the stated form, not by the code that is looked at.
  const signed = (domain: string) => sign(null, Buffer.from(`${domain}\n${document}`), privateKey).toString('base64')
  const file = async (content: unknown) => {
    await writeFile(join(folder, 'statement.json'), typeof content === 'string' ? content : JSON.stringify(content))
    return ['verify-document', 'statement.json', '--key', key] as const
  }

  test('a good statement: exit 0 with its figures, one harmless line each', async () => {
    const given = await file({ document, signature: signed('huitong/statement/v1'), keyId: 'x' })
    const { code, stdout, stderr } = await huitong(...given, '--as', 'statement')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^验证通过：.*\nVerified: .*\n/)
    expect(stdout).toContain('number: DZ20260302-0001')
    expect(stdout).not.toContain('\u001b')
  })

  test('a changed byte, another key, another kind of document: exit 1', async () => {
    const signature = signed('huitong/statement/v1')
    const changed = await file({ document: document.replace('0001', '0002'), signature })
    expect((await huitong(...changed, '--as', 'statement')).code).toBe(1)
    const given = await file({ document, signature })
    expect((await huitong(...given, '--as', 'reconciliation')).code).toBe(1)
    const other = Buffer.alloc(32, 9).toString('base64')
    expect((await huitong('verify-document', 'statement.json', '--as', 'statement', '--key', other)).code).toBe(1)
  })

  test('no key, no kind, no signed file: exit 2 in plain words', async () => {
    const given = await file({ document })
    const wrong: (readonly string[])[] = [
      [...given, '--as', 'statement'],
      given,
      [...given, '--as', 'toString'],
      ['verify-document', 'statement.json', '--as', 'statement'],
      ['verify-document', 'statement.json', '--as', 'statement', '--key', 'abc'],
      ['verify-document', 'none.json', '--as', 'statement', '--key', key],
    ]
    for (const args of wrong) {
      const { code, stderr } = await huitong(...args)
      expect([args.join(' '), code]).toEqual([args.join(' '), 2])
      expect(stderr).toContain('Usage')
    }
    expect((await huitong(...(await file('{ not json')), '--as', 'statement')).code).toBe(2)
  })
})

describe('huitong connector check', () => {
  let database: TestDatabase
  const settings = () => {
    const { hostname, port, pathname, username, password } = new URL(database.url)
    return { host: hostname, port: Number(port), database: pathname.slice(1), user: username, password, tls: 'off' }
  }
  const check = async (kind: string, value: object) => {
    await writeFile(join(folder, 'settings.json'), JSON.stringify(value))
    return huitong('connector', 'check', kind, 'settings.json')
  }
  beforeAll(async () => void (database = await createDatabase()))
  afterAll(() => database?.drop())

  test('of a server that passes: every case named, exit 0, also the second time and by a relative of the connector', async () => {
    for (const kind of ['postgresql', 'kingbase']) {
      const { code, stdout } = await check(kind, settings())
      expect(stdout.split('\n').filter((line) => line.startsWith('✗'))).toEqual([])
      expect([code, stdout.match(/^✓/gm)!.length]).toEqual([0, 16])
      expect(stdout).not.toContain(settings().password)
    }
  })

  test('of one that cannot be reached, of wrong settings and of an unknown kind: in words, without the password', async () => {
    const away = await check('gaussdb', { ...settings(), port: 1 })
    expect([away.code, away.stdout]).toEqual([1, expect.stringContaining('unreachable')])
    const wrong = await check('mysql', { ...settings(), charset: 'x' })
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('/charset')])
    const unknown = await check('oracle', settings())
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('oracle')])
    for (const { stdout, stderr } of [away, wrong, unknown]) expect(stdout + stderr).not.toContain(settings().password)
  })
})

describe('huitong ferry', () => {
  test('tells what is whole, cut, changed and missing, and copies what is whole', async () => {
    const gate = new Gate()
    await sendSome(await gate.sender(), 5)
    const [, lost, cut, changed] = gate.lying()
    const from = join(gate.dir, 'from')
    await rm(join(from, lost!))
    await writeFile(join(from, cut!), (await readFile(join(from, cut!))).subarray(0, 700))
    await writeFile(join(from, changed!), (await readFile(join(from, changed!))).fill(7, 800, 801))
    const listed = await huitong('ferry', 'list', from)
    expect(listed.code).toBe(1)
    expect(listed.stdout.match(/完好 whole/g)).toHaveLength(2)
    expect(listed.stdout).toContain('文件没有传完')
    expect(listed.stdout).toContain('文件内容被改动或损坏')
    expect(listed.stdout).toMatch(/缺 Missing \(\S+ in\): 2\n/)
    const to = join(gate.dir, 'to')
    expect((await huitong('ferry', 'copy', from, to)).stdout).toContain('copied: 2')
    expect(gate.brought()).toEqual([gate.lying()[0], gate.lying()[3]])
    expect((await huitong('ferry', 'copy', from, to)).stdout).toContain('copied: 0')
    expect(await huitong('ferry', 'list', to)).toMatchObject({ code: 1 })
    expect(await huitong('ferry', 'copy', from)).toMatchObject({ code: 2 })
    expect(await huitong('ferry', 'list', join(gate.dir, 'none'))).toMatchObject({ code: 2 })
    gate.dispose()
  })
})
