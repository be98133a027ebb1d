import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('a child whose supervisor dies while it is still starting ends, and does not take itself for one started by hand', async () => {
  const child = fork(join(import.meta.dirname, 'fixtures/slow-starter.ts'))
  await once(child, 'spawn')
  child.disconnect()
  const [code] = (await once(child, 'exit', { signal: AbortSignal.timeout(10_000) })) as [number | null]
  expect(code).toBe(0)
})
