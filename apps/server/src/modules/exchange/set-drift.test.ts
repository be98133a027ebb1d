import { createChannel, readChannel, setDrift } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { grantTo, useChannel } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'

describe('set what happens when the table changes', () => {
  const prepared = useChannel({ engine: false })
  const { platform } = prepared
  const centre = () => platform.as('centre')
  const read = async () => (await centre()).call(readChannel, { params: { id: prepared.channel.id } })
  const body = { policy: 'evolve' } as const
  guards(platform, setDrift, {
    input: () => ({ params: { id: prepared.channel.id }, body }),
    denied: ['civil-officer', 'operator', 'works-head'],
    allowed: 'centre',
  })

  test('200: it holds at first; what was set is read again, and is chosen with a new channel too', async () => {
    const before = await read()
    expect(before.driftPolicy).toBe('hold')
    const params = { id: before.id }
    expect(await (await centre()).call(setDrift, { params, body }, { match: before.version })).toEqual(body)
    expect(await read()).toMatchObject({ driftPolicy: 'evolve', version: before.version + 1 })
    const { grantId } = await grantTo(platform, prepared.dataset)
    const target = { targetSourceId: prepared.ground.targetId, targetTable: 'chosen' }
    const made = { grantId: grantId!, ...target, driftPolicy: 'ignore' } as const
    expect(await (await centre()).call(createChannel, { body: made })).toMatchObject({ driftPolicy: 'ignore' })
  })

  test('400: another word; 404: no such channel', async () => {
    const set = async (id: string, policy: string) =>
      (await centre()).call(setDrift, { params: { id }, body: { policy: policy as 'hold' } }, { match: 1 })
    await refused(set(prepared.channel.id, 'guess'), 'request.invalid')
    await refused(set(NOBODY, 'hold'), 'object.not_found')
  })
})
