import { describe, expect, it } from 'vitest'
import { countOperations, hasDeclaredOperations, hasOperations, OPERATION_COLUMN } from './changes.ts'
import { openSegmentToBuffer } from './open.ts'
import { sealRows } from './seal-rows.ts'
import { CHANNEL, consumer, signer } from './testing/make.ts'

const COLUMNS = [OPERATION_COLUMN, { name: 'id', type: 'bigint' }, { name: 'name', type: 'text' }]
const CSV = 'I,1,"a\nD,2,""x"""\nU,2,\nD,3,\nD,4,\n'

describe('changes with an operation per row', () => {
  it('counts the letters at the start of rows, not those inside of values', () => {
    expect(countOperations(Buffer.from(CSV))).toEqual({ insert: '1', update: '1', delete: '2' })
    expect(countOperations(Buffer.alloc(0))).toEqual({ insert: '0', update: '0', delete: '0' })
    expect(countOperations(Buffer.from('D\nI\n'))).toEqual({ insert: '1', update: '0', delete: '1' })
  })

  it.each(['X,1,a\n', 'i,1,a\n', ',1,a\n', '"I",1,a\n', 'II,1\n', '\n', 'I,1,a', 'I,1,"a\n'])('refuses %j', (csv) => {
    expect(() => countOperations(Buffer.from(csv))).toThrow(expect.objectContaining({ code: 'bad_csv' }))
  })

  it('seals what it counted, and tells a manifest that counts otherwise', async () => {
    const chunks = (async function* () {
      yield { data: Buffer.from(CSV), rows: 4 }
    })()
    const options = {
      channel: CHANNEL,
      generation: 1,
      kind: 'changes' as const,
      columns: COLUMNS,
      source: { from: null, to: null, snapshot: null },
      recipients: [consumer.publicKey],
      signingKey: signer.privateKey,
      now: () => new Date(),
    }
    const { value: segment } = await sealRows(chunks, options).next()
    const { manifest } = segment!.signed
    expect(hasOperations(manifest.columns)).toBe(true)
    expect(manifest.counts).toEqual({ insert: '1', update: '1', delete: '2' })
    const plain = await openSegmentToBuffer({ ...segment!, privateKey: consumer.privateKey })
    expect(hasDeclaredOperations(manifest, plain)).toBe(true)
    const wrong = { ...manifest, counts: { insert: '2', update: '0', delete: '2' } }
    expect(hasDeclaredOperations(wrong, plain)).toBe(false)
    expect(hasDeclaredOperations({ ...wrong, columns: COLUMNS.slice(1) }, plain)).toBe(true)
  })
})
