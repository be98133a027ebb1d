import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { baseAddressOf, ForbiddenAddress, guardedLookup, isForbidden } from './upstream-address.ts'

const NONE = new Set<string>()
const looked = (host: string, allowed: ReadonlySet<string>) =>
  new Promise<unknown>((resolve) => guardedLookup(allowed)(host, {}, (error, address) => resolve(error ?? address)))

describe('addresses that no service of a department has', () => {
  test.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    'not an address',
  ])('%s', (address) => expect(isForbidden(address)).toBe(true))

  test('this machine’s own, whatever they are; a department’s private network is none of them', () => {
    for (const list of Object.values(networkInterfaces()))
      for (const { address } of list ?? []) expect([address, isForbidden(address)]).toEqual([address, true])
    for (const address of ['10.99.98.97', '192.0.2.7', '2001:db8::7']) expect(isForbidden(address)).toBe(false)
  })

  test('a name is refused by what it resolves to, unless the operator allowed it', async () => {
    expect(await looked('localhost', NONE)).toBeInstanceOf(ForbiddenAddress)
    expect(['127.0.0.1', '::1']).toContain(await looked('localhost', new Set(['localhost'])))
  })

  test('base addresses', () => {
    expect(baseAddressOf('https://data.example.cn/api/', NONE)).toBe('https://data.example.cn/api')
    expect(baseAddressOf('http://10.99.98.97:8080', NONE)).toBe('http://10.99.98.97:8080')
    for (const text of [
      'ftp://data.example.cn',
      'http://user:word@data.example.cn',
      'http://data.example.cn/?a=b',
      'http://data.example.cn/#a',
      'http://127.0.0.1:8080',
      'http://2130706433/', // 127.0.0.1 as one number
      'http://0x7f.1/',
      'http://[::1]/',
      'http://[::ffff:127.0.0.1]/',
      'data.example.cn',
    ])
      expect([text, baseAddressOf(text, NONE)]).toEqual([text, null])
    expect(baseAddressOf('http://127.0.0.1:8080/x', new Set(['127.0.0.1']))).toBe('http://127.0.0.1:8080/x')
  })
})
