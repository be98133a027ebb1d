import { answerNodeCall } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('a node gives a reply back', () => {
  const platform = usePlatform({ jobs: false })
  let node: TestNode
  beforeAll(async () => {
    node = await enrol(platform, platform.departments.civil)
  })
  const body = { outcome: 'answered', status: 200, contentType: 'application/json', body: 'W10=' } as const
  const input = { params: { id: NOBODY }, body }

  test('200: nobody waits for it any more (what is awaited: `poll-calls.test.ts`)', async () => {
    expect(await node.call(answerNodeCall, input)).toEqual({ awaited: false })
  })

  test('401 without a node’s signature; 400 for what is no base64', async () => {
    await refused(clientOf(platform.server).call(answerNodeCall, input), 'signature.invalid')
    await refused(node.call(answerNodeCall, { ...input, body: { ...body, body: '§' } }), 'request.invalid')
  })
})
