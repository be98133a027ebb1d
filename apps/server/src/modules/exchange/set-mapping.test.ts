import { readChannel, setMapping } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { startRun, useChannel } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'

describe('change the mapping of a channel', () => {
  const prepared = useChannel({ engine: false })
  const { platform } = prepared
  const centre = () => platform.as('centre')
  const read = async () => (await centre()).call(readChannel, { params: { id: prepared.channel.id } })
  const codes = (to: string) => ({ pairs: [{ from: '33', to }], otherwise: 'keep' as const })
  const mapping = (to: string) => [
    { as: 'code', item: 'code' },
    { as: 'name', item: 'name' },
    { as: 'province_code', item: 'province_code', codes: codes(to) },
  ]
  const set = async (body: { mapping: ReturnType<typeof mapping> }, match: number) =>
    (await centre()).call(setMapping, { params: { id: prepared.channel.id }, body }, { match })
  guards(platform, setMapping, {
    input: () => ({ params: { id: prepared.channel.id }, body: { mapping: mapping('浙江') } }),
    denied: ['civil-officer', 'operator', 'works-head'],
    allowed: 'centre',
  })

  test('400: the receiving table keeps its columns and its key; 404: no such channel', async () => {
    const { version } = await read()
    const renamed = mapping('1').map((one) => (one.as === 'name' ? { ...one, as: 'mc' } : one))
    const fewer = mapping('1').slice(0, 2)
    for (const changed of [renamed, fewer])
      expect(pathsOf(await refused(set({ mapping: changed }, version), 'request.invalid'))).toEqual(['/mapping'])
    const nobody = { params: { id: NOBODY }, body: { mapping: mapping('1') } }
    await refused((await centre()).call(setMapping, nobody, { match: 1 }), 'object.not_found')
  })

  test('200: codes change with a version of their own, and the next run takes the new ones', async () => {
    const before = await read()
    expect(before.mappingVersion).toBe(1)
    const after = await set({ mapping: mapping('浙江') }, before.version)
    expect(after).toMatchObject({ mappingVersion: 2, state: 'ready', version: before.version + 1 })
    expect(after.columns[2]).toMatchObject({ as: 'province_code', codes: codes('浙江') })
    const run = await startRun(platform, prepared.ground, after)
    expect(run.read.input.columns[2]).toMatchObject({ codes: { of: 'text', ...codes('浙江') } })
    await refused(set({ mapping: mapping('沪') }, run.channel.version), 'object.state')
  })
})
