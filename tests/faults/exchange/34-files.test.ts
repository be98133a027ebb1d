import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { fileChannel, filesIn, useFileWorld } from '../../harness/files.ts'
import { eventually } from '../../harness/guards.ts'
import { LONG } from '../../harness/long.ts'

const MIB = 1024 * 1024
/** The long form carries a file of 10 GiB. */
const LARGE_MIB = LONG ? 10 * 1024 : 20
const AGENT_MIB_MAX = 256

/** Writes a large file piece by piece, without holding it. */
function writeLarge(path: string, mib: number): void {
  const handle = openSync(path, 'w')
  const piece = randomBytes(MIB)
  for (let i = 0; i < mib; i++) {
    piece.writeUInt32LE(i, 0)
    writeSync(handle, piece)
  }
  fsyncSync(handle)
  closeSync(handle)
}

describe('34: files under faults, through a real platform and two real agents', () => {
  const world = useFileWorld()

  test('kills of both agents and broken lines in the middle of a large file: it arrives once, whole, never in part, in bounded memory', async () => {
    const files = await fileChannel(world)
    const path = join(files.from, 'large.bin')
    writeLarge(path, LARGE_MIB)
    files.put('after.txt', 'after')
    await files.start()
    const target = join(files.to, 'large.bin')
    let peak = 0
    for (let round = 1; round <= 4; round++) {
      const share = Math.floor((LARGE_MIB / 4) * round * 0.2)
      await files.until(({ progress }) => progress.segmentsApplied >= share || progress.finishedAt !== null, 120_000)
      peak = Math.max(peak, world.provider.peakMib(), world.consumer.peakMib())
      if (round % 2 === 1) world.line.cut()
      const agent = round < 3 ? world.provider : world.consumer
      await agent.kill()
      // Under its name it is whole or not there.
      const now = filesIn(files.to)['large.bin']
      if (now !== undefined) expect(now).toBe(files.sent()['large.bin'])
      agent.start()
    }
    const done = await files.until(({ state }) => state === 'following' || state === 'failed', 600_000)
    expect(done).toMatchObject({ state: 'following', problem: null })
    peak = Math.max(peak, world.provider.peakMib(), world.consumer.peakMib())
    expect(statSync(target).size).toBe(LARGE_MIB * MIB)
    expect(files.received()).toEqual(files.sent())
    // Nothing was read anew: one run, whose batches are just those of the files.
    expect(done.progress).toMatchObject({ generation: 1, rowsApplied: '2' })
    expect(done.progress.segmentsApplied).toBeLessThanOrEqual(LARGE_MIB / 4 + 2)
    expect(peak).toBeLessThan(AGENT_MIB_MAX)
  }, 1_200_000)

  test('a writer that pauses: nothing of its file travels before it lay still, and then all of it', async () => {
    const files = await fileChannel(world)
    files.put('whole.txt', 'whole')
    const handle = openSync(join(files.from, 'slow.bin'), 'w')
    await files.start()
    for (let i = 0; i < 12; i++) {
      writeSync(handle, randomBytes(MIB / 4))
      await sleep(500)
      expect(filesIn(files.to)['slow.bin']).toBeUndefined()
    }
    closeSync(handle)
    await eventually(
      () => Promise.resolve(JSON.stringify(files.received())),
      (received) => received === JSON.stringify(files.sent()),
      60_000,
    )
    expect(statSync(join(files.to, 'slow.bin')).size).toBe(3 * MIB)
  }, 120_000)
})
