import { describe, expect, it } from 'vitest'
import { verifyChain } from './chain.ts'
import type { SignedManifest } from './manifest.ts'
import { make } from './testing/make.ts'

const reason = (previous: SignedManifest | null, next: SignedManifest) => {
  const result = verifyChain(previous, next)
  return result.ok ? (result.same ? 'same' : 'ok') : result.reason
}

describe('verifyChain', () => {
  it('accepts what follows and names each fault', async () => {
    const one = (await make()).signed
    const two = (await make({}, one)).signed
    const three = (await make({ final: true }, two)).signed
    expect(reason(null, one)).toBe('ok')
    expect(reason(one, two)).toBe('ok')
    expect(reason(two, three)).toBe('ok')
    expect(reason(two, two)).toBe('same')
    expect(reason(null, two)).toBe('gap')
    expect(reason(one, three)).toBe('gap')
    expect(reason(three, two)).toBe('regression')
    expect(reason(two, (await make({ sequence: 2 }, one)).signed)).toBe('fork')
    expect(reason(two, (await make({ sequence: 3 }, one)).signed)).toBe('wrong-previous')
    expect(reason(null, (await make({ sequence: 1 }, one)).signed)).toBe('wrong-previous')
    expect(reason(three, (await make({}, three)).signed)).toBe('after-final')
    expect(reason(one, (await make({ generation: 2 }, one)).signed)).toBe('other-generation')
    const other = { channel: '0f5b0d6e-6c3a-4d6e-9d0e-3f1f4f1c2a99' }
    expect(reason(one, (await make(other, one)).signed)).toBe('other-channel')
    const drift = {
      columns: [
        { name: '编号', type: 'bigint' },
        { name: '名称', type: 'text' },
      ],
    }
    expect(reason(one, (await make(drift, one)).signed)).toBe('schema-drift')
  })

  it('lets changes follow a whole copy and nothing else', async () => {
    const changes = { kind: 'changes', counts: { insert: '1', update: '1', delete: '1' } } as const
    const open = (await make()).signed
    const copy = (await make({ final: true })).signed
    expect(reason(copy, (await make(changes, copy)).signed)).toBe('ok')
    expect(reason(open, (await make(changes, open)).signed)).toBe('kind-change')
    const stream = (await make({ ...changes, final: true }, copy)).signed
    expect(reason(stream, (await make(changes, stream)).signed)).toBe('after-final')
  })
})
