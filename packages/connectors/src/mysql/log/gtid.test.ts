import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeGtidSet, GtidOrderError, parsePlace } from './gtid.ts'

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562'
const B = '00000000-0000-0000-0000-00000000000b'
const of = (source: string, number: bigint) => ({ source, server: source, number, isAlone: null })

describe('a place in the history of transactions', () => {
  it('of MySQL is the same set, in whatever order its transactions came, and counts them', () => {
    const some = fc.uniqueArray(fc.tuple(fc.constantFrom(A, B), fc.integer({ min: 1, max: 40 })), {
      minLength: 1,
      maxLength: 60,
      selector: (one) => one.join(),
    })
    fc.assert(
      fc.property(some, (list) => {
        const place = parsePlace('mysql', '')
        for (const [source, number] of list) place.add(of(source, BigInt(number)))
        expect(place.count).toBe(BigInt(list.length))
        const again = parsePlace('mysql', place.text)
        expect(again.text).toBe(place.text)
        expect(again.count).toBe(place.count)
        const sorted = parsePlace('mysql', '')
        for (const [source, number] of [...list].sort((a, b) => a[1] - b[1])) sorted.add(of(source, BigInt(number)))
        expect(sorted.text).toBe(place.text)
        const [source, number] = list[0]!
        expect(() => again.add(of(source, BigInt(number)))).toThrow(GtidOrderError)
      }),
    )
  })

  it('of MySQL is written for the server with ends that are not in the set', () => {
    const bytes = encodeGtidSet(`${A}:1-3:7`)
    expect(bytes.readBigUInt64LE(0)).toBe(1n)
    expect(bytes.subarray(8, 24).toString('hex')).toBe(A.replaceAll('-', ''))
    const numbers = [24, 32, 40, 48, 56].map((at) => bytes.readBigUInt64LE(at))
    expect(numbers).toEqual([2n, 1n, 4n, 7n, 8n])
    expect(() => parsePlace('mysql', `${A}:tag:1`)).toThrow('tags')
  })

  it('of MariaDB knows the last of each domain, and takes none that goes back', () => {
    const place = parsePlace('mariadb', '1-7-5,0-1-18446744073709551000')
    place.add({ source: '1', server: '9', number: 6n, isAlone: false })
    expect(place.text).toBe('0-1-18446744073709551000,1-9-6')
    expect(place.count).toBe(18446744073709551006n)
    expect(() => place.add({ source: '1', server: '9', number: 6n, isAlone: false })).toThrow(GtidOrderError)
    expect(() => parsePlace('mariadb', '0-1')).toThrow('GTID')
  })
})
