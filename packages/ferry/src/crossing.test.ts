import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CUT_AFTER_MS, gapOf, REFUSED_FILES_MAX } from './incoming.ts'
import { CONTENT_BYTES_MAX } from './envelope.ts'
import { FOLDER_FILES_MAX } from './outgoing.ts'
import { Gate, sendSome, takeAll, text } from './testing/gate.ts'

let gate: Gate
beforeEach(() => {
  gate = new Gate()
})
afterEach(() => gate.dispose())

const flip = (at: (bytes: Buffer) => number) => (bytes: Buffer) => {
  const changed = Buffer.from(bytes)
  changed[at(bytes)]! ^= 1
  return changed
}
const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i))

describe('a crossing by files', () => {
  test('everything arrives once and in order, and the copies go when it was taken', async () => {
    const sender = await gate.sender()
    await sendSome(sender, 3)
    expect(gate.lying()).toHaveLength(3)
    gate.carryAll()
    const receiver = await gate.receiver()
    expect(await takeAll(receiver)).toEqual(['1', '2', '3'])
    expect(gate.brought()).toEqual([])
    const { series, number, digest } = receiver.taken
    expect(await sender.acknowledge(series!, number, digest)).toBe(true)
    expect(sender.kept).toEqual({ files: 0, bytes: 0 })
    // A gate that leaves what it has carried does not fill the folder.
    expect(gate.lying()).toEqual([])
    await sendSome(sender, 1)
    gate.carryAll()
    expect(await takeAll(await gate.receiver())).toEqual(['4'])
  })

  test('any order, duplicates and replays of old files change nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9), { maxLength: 40 }), async (carried) => {
        const own = new Gate()
        try {
          await sendSome(await own.sender(), 10)
          const names = own.lying()
          const values: string[] = []
          for (const at of carried) {
            own.carry(names[at]!)
            values.push(...(await takeAll(await own.receiver())))
          }
          const whole = [...Array(10).keys()].findIndex((at) => !carried.includes(at))
          expect(values).toEqual(count(1, whole < 0 ? 10 : whole))
          own.carryAll()
          values.push(...(await takeAll(await own.receiver())))
          expect(values).toEqual(count(1, 10))
          expect(own.brought()).toEqual([])
          expect(own.refused()).toEqual({})
        } finally {
          own.dispose()
        }
      }),
      { numRuns: 6 },
    )
  })

  test('a lost file is told by its number, later ones wait, and it is put once more', async () => {
    const sender = await gate.sender()
    await sendSome(sender, 5)
    for (const name of gate.lying()) if (!name.includes('0000000002') && !name.includes('0000000004')) gate.carry(name)
    for (const name of gate.lying()) rmSync(join(gate.dir, 'from', name))
    const receiver = await gate.receiver()
    expect(await takeAll(receiver)).toEqual(['1'])
    expect(receiver.waiting).toMatchObject({ reason: 'missing', number: 2 })
    expect(await receiver.missing()).toEqual([2, 4])
    const lacking = {
      series: sender.series,
      number: 1,
      missing: await receiver.missing(),
      at: new Date().toISOString(),
    }
    expect(await (await gate.sender()).again(lacking)).toBe(true)
    expect(gate.lying()).toHaveLength(2)
    gate.carryAll()
    expect(await takeAll(receiver)).toEqual(['2', '3', '4', '5'])
    expect(receiver.waiting).toBeNull()
  })

  test('a file that is lost at the end shows by what its sender says that it has laid out', async () => {
    const sender = await gate.sender()
    await sendSome(sender, 3)
    for (const name of gate.lying().slice(0, 2)) gate.carry(name)
    const receiver = await gate.receiver()
    expect(await takeAll(receiver)).toEqual(['1', '2'])
    expect(await receiver.missing()).toEqual([])
    receiver.expect(sender.series, sender.put)
    expect(await receiver.missing()).toEqual([3])
    const first = gapOf(null, [3], new Date(0))
    expect(gapOf(first, [3, 4], new Date(9))).toEqual(first)
    expect(gapOf(first, [4], new Date(9))).toEqual({ number: 4, since: new Date(9).toISOString() })
    expect(gapOf(first, [], new Date(9))).toBeNull()
  })

  test('a cut copy waits, is put aside when it does not grow, and the whole one is taken', async () => {
    await sendSome(await gate.sender(), 2)
    const [first] = gate.lying()
    const receiver = await gate.receiver()
    for (const bytes of [0, 7, 200, 500]) {
      gate.carry(first!, (whole) => whole.subarray(0, bytes))
      expect(await takeAll(receiver)).toEqual([])
      expect(receiver.waiting).toMatchObject({ reason: 'growing', number: 1 })
    }
    gate.aheadMs = CUT_AFTER_MS + 1_000
    expect(await takeAll(receiver)).toEqual([])
    expect(gate.refused()).toEqual({ [first!]: 'cut' })
    gate.carryAll()
    expect(await takeAll(receiver)).toEqual(['1', '2'])
  })

  test('a bit that flipped anywhere is refused by name and kept aside with its reason', async () => {
    await sendSome(await gate.sender(), 1)
    const [name] = gate.lying()
    const length = readFileSync(join(gate.dir, 'from', name!)).length
    const receiver = await gate.receiver()
    for (let at = 0; at < length; at += 41) {
      gate.carry(
        name!,
        flip(() => at),
      )
      expect(await takeAll(receiver)).toEqual([])
      gate.aheadMs += CUT_AFTER_MS + 1_000
      expect(await takeAll(receiver)).toEqual([])
    }
    expect(['not_ferry', 'damaged', 'unsigned', 'cut', 'foreign', 'renamed']).toContain(gate.refused()[name!])
    expect(receiver.takeRefusals().length).toBeGreaterThan(10)
    gate.carry(name!, (bytes) => Buffer.concat([bytes, Buffer.from('x')]))
    expect(await takeAll(receiver)).toEqual([])
    expect(gate.brought()).toEqual([])
    gate.carryAll()
    expect(await takeAll(receiver)).toEqual(['1'])
  })

  test('foreign files are refused: of another node, another signer, another direction, under another name', async () => {
    const sender = await gate.sender()
    await sendSome(sender, 2)
    const [first, second] = gate.lying()
    const stranger = new Gate()
    await sendSome(await stranger.sender(), 1)
    stranger.carryAll()
    const theirs = stranger.lying()[0]!
    writeFileSync(join(gate.dir, 'to', theirs), readFileSync(join(stranger.dir, 'to', theirs)))
    gate.carry(second!, undefined, first)
    gate.carry(first!, undefined, first!.replace('-in-', '-out-'))
    writeFileSync(join(gate.dir, 'to', '报表.xlsx'), 'x')
    writeFileSync(join(gate.dir, 'to', '.hidden'), 'x')
    writeFileSync(join(gate.dir, 'to', 'half.part'), 'x')
    gate.aheadMs = 120_000
    const receiver = await gate.receiver()
    expect(await takeAll(receiver)).toEqual([])
    expect(gate.refused()).toEqual({
      [theirs]: 'unsigned',
      [first!]: 'renamed',
      [first!.replace('-in-', '-out-')]: 'foreign',
      '报表.xlsx': 'not_ferry',
    })
    expect(gate.brought()).toEqual(['.hidden', 'half.part'])
    stranger.dispose()
  })

  test('content that is sealed to somebody else is refused', async () => {
    const other = new Gate()
    Object.assign(gate, { sealing: other.sealing })
    await sendSome(await gate.sender(), 1)
    Object.assign(gate, { sealing: new Gate().sealing })
    gate.carryAll()
    expect(await takeAll(await gate.receiver())).toEqual([])
    expect(Object.values(gate.refused())).toEqual(['unreadable'])
  })
})

describe('what lies in the folder and is no file of ours', () => {
  const to = (name: string) => join(gate.dir, 'to', name)

  test('pipes, folders and links, also under a valid name, hold nothing up, stay where they are and are told once', async () => {
    await sendSome(await gate.sender(), 1)
    gate.carryAll()
    const [name] = gate.lying()
    const next = (number: number) => name!.replace('0000000001', String(number).padStart(10, '0'))
    execFileSync('mkfifo', [to(next(2)), to(next(0)), to('pipe')])
    for (const folder of [next(3), 'lost+found']) mkdirSync(to(folder))
    symlinkSync('/etc/hostname', to(next(4)))
    gate.aheadMs = 120_000
    const receiver = await gate.receiver()
    expect(await receiver.notes()).toEqual([])
    expect(await takeAll(receiver)).toEqual(['1'])
    expect(await receiver.missing()).toEqual([])
    const left = [next(0), next(2), next(3), next(4), 'lost+found', 'pipe']
    expect(gate.refused()).toEqual(Object.fromEntries(left.map((one) => [one, 'not_ferry'])))
    expect(receiver.takeRefusals()).toHaveLength(left.length)
    const again = await gate.receiver()
    expect(await takeAll(again)).toEqual([])
    expect([again.takeRefusals(), gate.brought()]).toEqual([[], left])
    // What comes in its place is looked at.
    rmSync(to(next(2)))
    await sendSome(await gate.sender(), 1)
    gate.carry(next(2))
    expect(await takeAll(again)).toEqual(['2'])
  })

  test('a file larger than any of ours is left and told once; it is missing until the right one comes', async () => {
    const sender = await gate.sender()
    await sendSome(sender, 2)
    const [first] = gate.lying()
    gate.carryAll()
    truncateSync(to(first!), CONTENT_BYTES_MAX + 10_000)
    const receiver = await gate.receiver()
    receiver.expect(sender.series, 2)
    for (let look = 0; look < 2; look++) expect(await takeAll(receiver)).toEqual([])
    expect(receiver.takeRefusals()).toMatchObject([{ name: first, code: 'damaged', left: true }])
    expect([gate.brought()[0], (await receiver.missing())[0]]).toEqual([first, 1])
    gate.carry(first!)
    expect(await takeAll(receiver)).toEqual(['1', '2'])
  })

  test('a stranger with the longest name is put aside, and no more is kept aside than is said', async () => {
    const name = '报'.repeat(84)
    writeFileSync(to(name), 'x')
    mkdirSync(join(gate.dir, 'refused'))
    for (let i = 0; i < 2 * REFUSED_FILES_MAX; i++)
      writeFileSync(join(gate.dir, 'refused', `20200101-${String(i).padStart(4, '0')}`), '')
    gate.aheadMs = 120_000
    expect(await takeAll(await gate.receiver())).toEqual([])
    expect(gate.refused()).toEqual({ [name]: 'not_ferry' })
    expect(gate.brought()).toEqual([])
    expect(readdirSync(join(gate.dir, 'refused'))).toHaveLength(2 * REFUSED_FILES_MAX)
  })
})

describe('restarts and restores', () => {
  test('what was given and not committed is given again; what was kept and not put is put', async () => {
    const sender = await gate.sender()
    await sender.send('segment', text('1'))
    await (await gate.sender()).carry()
    gate.carryAll()
    const receiver = await gate.receiver()
    expect((await receiver.next())?.head).toEqual({ value: '1' })
    expect(gate.brought()).toHaveLength(1)
    receiver.rollback()
    expect((await receiver.next())?.head).toEqual({ value: '1' })
    expect(await takeAll(await gate.receiver())).toEqual(['1'])
    expect(await takeAll(receiver)).toEqual([])
  })

  test('a file that was kept before its number was noted keeps its number', async () => {
    const sender = await gate.sender()
    await sendSome(sender, 2)
    const state = join(gate.dir, 'sender', 'sent.json')
    const noted = JSON.parse(readFileSync(state, 'utf8')) as object
    await sender.send('segment', text('3'))
    writeFileSync(state, JSON.stringify(noted))
    const again = await gate.sender()
    expect(again.last).toBe(3)
    await sendSome(again, 1)
    gate.carryAll()
    expect(await takeAll(await gate.receiver())).toEqual(['1', '2', '3', '4'])
  })

  test('a sender restored from an older copy is noticed, and its new numbering loses nothing', async () => {
    await sendSome(await gate.sender(), 3)
    cpSync(join(gate.dir, 'sender'), join(gate.dir, 'older'), { recursive: true })
    await sendSome(await gate.sender(), 4)
    gate.carryAll()
    const receiver = await gate.receiver()
    expect(await takeAll(receiver)).toEqual(count(1, 7))
    for (const name of gate.lying()) rmSync(join(gate.dir, 'from', name))
    const restored = await gate.sender('older')
    for (let i = 0; i < 6; i++) await restored.send('segment', text(`new ${i}`))
    await restored.carry()
    gate.carryAll()
    expect(await takeAll(receiver)).toEqual([])
    expect(new Set(Object.values(gate.refused()))).toEqual(new Set(['reused', 'history']))
    const { series, number, digest } = receiver.taken
    expect(await restored.acknowledge(series!, number, digest)).toBe(false)
    await restored.renew()
    await restored.carry()
    gate.carryAll()
    // What it had kept comes again, which is harmless, and what is new is not missing.
    expect(await takeAll(receiver)).toEqual([...count(1, 3), ...[0, 1, 2, 3, 4, 5].map((i) => `new ${i}`)])
    // Files of the numbering that was given up are old, whoever carries them.
    expect(gate.brought()).toEqual([])
  })

  test('the first file of a new numbering that is lost is missing, and is put again until its series is named', async () => {
    const sender = await gate.sender()
    await sendSome(sender, 1)
    gate.carryAll()
    const receiver = await gate.receiver()
    expect(await takeAll(receiver)).toEqual(['1'])
    await sender.renew()
    await sendSome(sender, 1)
    for (const name of gate.lying().filter((one) => one.includes('0000000001'))) rmSync(join(gate.dir, 'from', name))
    gate.carryAll()
    expect(await takeAll(receiver)).toEqual([])
    receiver.expect(sender.series, sender.put)
    expect(await receiver.missing()).toEqual([1])
    await (await gate.sender()).repeatFirst()
    gate.carryAll()
    expect(await takeAll(receiver)).toEqual(['1', '2'])
    expect(await receiver.missing()).toEqual([])
    const { series, number, digest } = receiver.taken
    await sender.acknowledge(series!, number, digest)
    await sender.repeatFirst()
    expect(gate.lying()).toEqual([])
  })

  test('a receiver restored from an older copy lacks what is not kept: a new numbering goes on, once', async () => {
    const sender = await gate.sender()
    await sendSome(sender, 2)
    gate.carryAll()
    const receiver = await gate.receiver()
    await takeAll(receiver)
    cpSync(join(gate.dir, 'receiver'), join(gate.dir, 'older'), { recursive: true })
    await sendSome(sender, 2)
    gate.carryAll()
    await takeAll(receiver)
    const { series, number, digest } = receiver.taken
    await sender.acknowledge(series!, number, digest)
    await sendSome(sender, 1)
    gate.carryAll()
    const restored = await gate.receiver('older')
    expect(await takeAll(restored)).toEqual([])
    const missing = await restored.missing()
    expect(missing).toEqual([3, 4])
    const lacking = { series: restored.taken.series, number: 2, missing }
    const [before, after] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z']
    // A number that was taken is asked for by a note of before, or is one of another series.
    expect(await sender.again({ ...lacking, missing: [1], at: before })).toBe(true)
    expect(await sender.again({ ...lacking, at: before })).toBe(true)
    expect(await sender.again({ ...lacking, at: after })).toBe(false)
    await sender.renew()
    await sender.carry()
    gate.carryAll()
    expect(await takeAll(restored)).toEqual(['5'])
    // The same note again changes nothing, also after a restart.
    expect(await (await gate.sender()).again({ ...lacking, at: after })).toBe(true)
  })

  test('a receiver restored to before a new numbering is noticed by the numbering that it names', async () => {
    const sender = await gate.sender()
    await sendSome(sender, 1)
    const old = sender.series
    await sender.renew()
    await sender.carry()
    gate.carryAll()
    const receiver = await gate.receiver()
    await takeAll(receiver)
    const lacking = { series: old, number: 1, missing: [1] }
    expect(await sender.again({ ...lacking, at: '2026-01-01T00:00:00.000Z' })).toBe(true)
    const { series, number, digest } = receiver.taken
    await sender.acknowledge(series!, number, digest)
    expect(await sender.again({ ...lacking, at: '2026-01-02T00:00:00.000Z' })).toBe(false)
  })

  test('a replay of the first file of an old numbering does not bring it back', async () => {
    const sender = await gate.sender()
    await sendSome(sender, 1)
    const [old] = gate.lying()
    const bytes = readFileSync(join(gate.dir, 'from', old!))
    gate.carryAll()
    const receiver = await gate.receiver()
    await takeAll(receiver)
    await sender.renew()
    await sender.carry()
    gate.carryAll()
    expect(await takeAll(receiver)).toEqual(['1'])
    writeFileSync(join(gate.dir, 'to', old!), bytes)
    expect(await takeAll(await gate.receiver())).toEqual([])
    expect(gate.refused()).toEqual({ [old!]: 'old_series' })
  })
})

describe('bounds', () => {
  test('the folder holds so many files at most; the rest follows when some were carried away', async () => {
    const sender = await gate.sender()
    for (let i = 0; i < 3; i++) writeFileSync(join(gate.dir, 'from', `foreign-${i}`), '')
    for (let i = 0; i < 6; i++) await sender.send('segment', text('x'))
    // As many of ours as there may be, lying there already.
    for (let i = 0; i < FOLDER_FILES_MAX - 2; i++) {
      const name = `0d9f6a56-in-00000000-${String(i + 1).padStart(10, '0')}.ferry`
      writeFileSync(join(gate.dir, 'from', name), '')
    }
    await sender.carry()
    expect([sender.put, sender.last]).toEqual([2, 6])
    for (const name of gate.lying()) if (name.includes('-00000000-')) rmSync(join(gate.dir, 'from', name))
    await sender.carry()
    expect(sender.put).toBe(6)
  })

  test('more is not sent than may be kept, and copies go by age only where that was asked for', async () => {
    gate.keptBytesMax = 2_000
    const sender = await gate.sender()
    await sendSome(sender, 3)
    expect(sender.hasRoom).toBe(false)
    expect(await sender.expire(new Date(Date.now() - 60_000))).toBe(0)
    expect(await sender.expire(new Date(Date.now() + 60_000))).toBe(3)
    expect(sender.hasRoom).toBe(true)
    expect(gate.lying()).toEqual([])
  })

  test('the age of a copy counts from when it was put last, not from when it was made', async () => {
    const sender = await gate.sender()
    for (let i = 0; i < 2; i++) await sender.send('segment', text('x'))
    const age = (number: number) =>
      utimesSync(join(gate.dir, 'sender', sender.series, `000000000${number}.ferry`), new Date(0), new Date(0))
    for (const number of [1, 2]) age(number)
    const before = new Date(Date.now() - 60_000)
    expect(await sender.expire(before)).toBe(0)
    await sender.carry()
    expect(await sender.expire(before)).toBe(0)
    for (const number of [1, 2]) age(number)
    // What goes out for nobody's asking does not keep its copy for ever.
    await sender.repeatFirst()
    expect(await sender.again({ series: null, number: 0, missing: [2], at: new Date().toISOString() })).toBe(true)
    expect(await sender.expire(before)).toBe(1)
  })

  test('a folder that is not mounted fails, and nothing is lost by it', async () => {
    const sender = await gate.sender()
    rmSync(join(gate.dir, 'from'), { recursive: true })
    await sender.send('segment', text('1'))
    await expect(sender.carry()).rejects.toMatchObject({ code: 'ENOENT' })
    mkdirSync(join(gate.dir, 'from'))
    await sender.carry()
    gate.carryAll()
    expect(await takeAll(await gate.receiver())).toEqual(['1'])
  })

  test('notes have no number: the newest counts, and is read once', async () => {
    const sender = await gate.sender()
    await sender.note(text('old'))
    await sender.note(text('new'))
    gate.carryAll()
    const receiver = await gate.receiver()
    expect((await receiver.notes()).map(({ head }) => head)).toEqual([{ value: 'new' }])
    expect(await receiver.notes()).toEqual([])
    expect(await takeAll(receiver)).toEqual([])
  })
})
