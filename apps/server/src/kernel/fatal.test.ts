import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Runs an ending in a process of its own; the answer is its status and whether it went on. */
function after(errorOf: string): { status: number | null; wentOn: boolean } {
  const at = (name: string) => JSON.stringify(join(import.meta.dirname, name))
  const script = `const { endIfFatal } = await import(${at('fatal.ts')})
    const objects = await import('@huitong/objects'); const ledger = await import('@huitong/ledger')
    const { Refusal } = await import(${at('errors.ts')})
    endIfFatal(${errorOf}); console.log('went on')`
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
  })
  return { status: done.status, wentOn: done.stdout.includes('went on') }
}

describe('data that did not become durable', () => {
  test('ends the process with its own status, whichever store says so', () => {
    expect(after(`new objects.FatalDurabilityError('x')`)).toEqual({ status: 70, wentOn: false })
    expect(after(`new ledger.LedgerFatalError('x', 'y')`)).toEqual({ status: 70, wentOn: false })
  })

  test('no other error ends it', () => {
    expect(after(`new Refusal('storage.full')`)).toEqual({ status: 0, wentOn: true })
    expect(after(`null`)).toEqual({ status: 0, wentOn: true })
  })
})
