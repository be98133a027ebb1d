import { describe, expect, test } from 'vitest'
import { gathering } from './gather.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('gathering', () => {
  test('one that comes alone goes at once; those that come meanwhile go together, in order, each with its own result', async () => {
    const batches: number[][] = []
    const open: (() => void)[] = []
    const double = gathering<number, number>(
      async (batch) => {
        batches.push([...batch])
        await new Promise<void>((resolve) => open.push(resolve))
        return batch.map((one) => one * 2)
      },
      { most: 3 },
    )
    const results = Promise.all([1, 2, 3, 4, 5].map((one) => double(one)))
    expect(batches).toEqual([[1]])
    for (let at = 0; at < 3; at++) {
      open[at]!()
      await turn()
    }
    expect(batches).toEqual([[1], [2, 3, 4], [5]])
    expect(await results).toEqual([2, 4, 6, 8, 10])
  })

  test('beside a batch that takes long others go, no more than are allowed; and a failed one fails its own only', async () => {
    let under = 0
    let most = 0
    const refuseThree = gathering<number, number>(
      async (batch) => {
        most = Math.max(most, ++under)
        await new Promise((resolve) => setTimeout(resolve, 20))
        under--
        if (batch.includes(3)) throw new Error('three')
        return batch
      },
      { most: 1, atOnce: 2, patienceMs: 1 },
    )
    const told = await Promise.allSettled([1, 2, 3, 4].map((one) => refuseThree(one)))
    expect(told.map((one) => one.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(most).toBe(2)
  })
})
