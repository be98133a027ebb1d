import { ERRORS } from '@huitong/contract'
import { describe, expect, test } from 'vitest'
import { codeOf, errorBody, place, Refusal } from './errors.ts'

describe('errors', () => {
  test('every code has words in both languages and a status of an error', () => {
    for (const [code, { status, words }] of Object.entries(ERRORS)) {
      expect([code, status >= 400 && status < 600]).toEqual([code, true])
      expect([code, /\p{Script=Han}/u.test(words.zh), /^[\x20-\x7e’“”]+$/.test(words.en)]).toEqual([code, true, true])
    }
  })

  test('what the database or the disk says becomes a code that a caller can act on', () => {
    const cases: [unknown, string][] = [
      [{ code: '57P01' }, 'platform.database'],
      [{ code: '08006' }, 'platform.database'],
      [{ code: 'ECONNREFUSED' }, 'platform.database'],
      [{ code: '40P01' }, 'platform.database'],
      [new Error('Connection terminated unexpectedly'), 'platform.database'],
      [Object.assign(new Error('aborted'), { code: 'ECONNRESET' }), 'request.malformed'],
      [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), 'platform.database'],
      [{ code: 'ENOSPC' }, 'storage.full'],
      [{ code: '53100' }, 'storage.full'],
      [{ code: 'storage.full' }, 'storage.full'],
      [{ code: '57014' }, 'platform.timeout'],
      [{ code: '23505' }, 'object.exists'],
      [{ code: '22008' }, 'request.invalid'],
      [{ code: '42501' }, 'platform.internal'],
      [new TypeError('x is not a function'), 'platform.internal'],
      [{ code: 'toString' }, 'platform.internal'],
    ]
    for (const [error, code] of cases) expect([error, codeOf(error)]).toEqual([error, code])
  })

  test('the public body holds words and places, and nothing of the private detail', () => {
    const error = new Refusal('request.invalid', { places: [place('/a', '甲', 'a')], detail: 'password=hunter2' })
    const body = errorBody(error, 'r-1')
    expect(body.error).toMatchObject({ code: 'request.invalid', hop: 'server', requestId: 'r-1' })
    expect(body.error.places).toEqual([{ path: '/a', problem: { zh: '甲', en: 'a' } }])
    expect(JSON.stringify(errorBody(new Error('password=hunter2'), 'r-2'))).not.toContain('hunter2')
    expect(JSON.stringify(body)).not.toContain('hunter2')
  })
})
