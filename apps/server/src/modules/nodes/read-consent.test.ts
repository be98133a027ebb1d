import { readConsent } from '@huitong/contract/nodes'
import { beforeAll, describe, expect, test } from 'vitest'
import { businessSource, consentTo } from '../../../../../tests/harness/node.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('read a written consent', () => {
  const platform = usePlatform()
  let id = ''
  let consentId = ''
  beforeAll(async () => {
    id = await businessSource(platform)
    consentId = (await consentTo(platform, id)).id
  })
  guards(platform, readConsent, { input: () => ({ params: { id, consentId } }), denied: [] })

  test('200: byte for byte, to the department itself and to the centre', async () => {
    for (const account of ['centre', 'civil-officer'] as const) {
      const { content } = await (await platform.as(account)).call(readConsent, { params: { id, consentId } })
      expect(Buffer.from(content, 'base64').toString()).toBe('%PDF-1.7 同意函')
    }
  })

  test('404: of another data source, or for another department', async () => {
    const read = async (account: 'centre' | 'works-officer', params: { id: string; consentId: string }) =>
      (await platform.as(account)).call(readConsent, { params })
    await refused(read('centre', { id, consentId: NOBODY }), 'object.not_found')
    await refused(read('works-officer', { id, consentId }), 'object.not_found')
  })
})
