import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { EVENT, EventReader } from './event.ts'

function event(type: number, body: Buffer, checksum: 'right' | 'wrong' | 'none'): Buffer {
  const size = 19 + body.length + (checksum === 'none' ? 0 : 4)
  const head = Buffer.alloc(19)
  head[4] = type
  head.writeUInt32LE(size, 9)
  const whole = Buffer.concat([head, body])
  const sum = Buffer.alloc(checksum === 'none' ? 0 : 4)
  if (checksum !== 'none') sum.writeUInt32LE((crc32(whole) + (checksum === 'wrong' ? 1 : 0)) >>> 0)
  return Buffer.concat([whole, sum])
}
const format = (algorithm: number) => event(EVENT.format, Buffer.from([0, 0, algorithm]), 'right')

it('takes no event whose checksum is wrong, or which is cut short', () => {
  const reader = new EventReader()
  reader.read(format(1))
  expect(reader.read(event(EVENT.xid, Buffer.alloc(8), 'right')).body).toHaveLength(8)
  expect(() => reader.read(event(EVENT.xid, Buffer.alloc(8), 'wrong'))).toThrow('checksum')
  expect(() => reader.read(event(EVENT.xid, Buffer.alloc(8), 'right').subarray(0, 25))).toThrow('came with 25')
  reader.read(format(0))
  expect(reader.read(event(EVENT.xid, Buffer.alloc(8), 'none')).body).toHaveLength(8)
})
