import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSecrets } from './secrets.ts'

describe('secrets', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'huitong-secrets-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('what was sealed opens again after a restart, and only under its own context', () => {
    const sealed = openSecrets(folder).seal(Buffer.from('口令'), 'source/1')
    expect(openSecrets(folder).open(sealed, 'source/1').toString()).toBe('口令')
    expect(() => openSecrets(folder).open(sealed, 'source/2')).toThrow()
  })

  test('the same secret never looks the same twice, and does not show', () => {
    const secrets = openSecrets(folder)
    const [one, two] = [secrets.seal(Buffer.from('secret'), 'x'), secrets.seal(Buffer.from('secret'), 'x')]
    expect(one.equals(two)).toBe(false)
    expect(one.includes('secret')).toBe(false)
  })

  test('any changed or missing byte is found', () => {
    const secrets = openSecrets(folder)
    const sealed = secrets.seal(Buffer.from('secret'), 'x')
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed)
      changed[at]! ^= 1
      expect(() => secrets.open(changed, 'x'), `byte ${at}`).toThrow()
      expect(() => secrets.open(sealed.subarray(0, at), 'x'), `cut at ${at}`).toThrow()
    }
  })

  test('another root key opens nothing', () => {
    const sealed = openSecrets(folder).seal(Buffer.from('secret'), 'x')
    expect(() => openSecrets(join(folder, 'other')).open(sealed, 'x')).toThrow()
  })

  test('the root key is readable by its owner only, and nothing half-made stays beside it', () => {
    openSecrets(join(folder, 'secrets'))
    expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'secrets/root.key')).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'secrets'))).toEqual(['root.key'])
  })

  test('a half file of a killed first start does not become the key; a damaged key is refused by name', () => {
    writeFileSync(join(folder, 'root.key.abc'), 'half')
    const first = openSecrets(folder).derive('a')
    expect(openSecrets(folder).derive('a')).toBe(first)
    writeFileSync(join(folder, 'root.key'), readFileSync(join(folder, 'root.key')).subarray(0, 20))
    expect(() => openSecrets(folder)).toThrow(/root\.key does not hold a 32-byte key/)
  })

  test('derived passwords are stable and differ by purpose', () => {
    const secrets = openSecrets(folder)
    expect(secrets.derive('database/app')).toBe(openSecrets(folder).derive('database/app'))
    expect(secrets.derive('database/app')).not.toBe(secrets.derive('database/tick'))
    expect(secrets.derive('database/app')).toMatch(/^[\w-]{32}$/)
  })
})
