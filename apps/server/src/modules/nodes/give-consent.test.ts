import { giveConsent } from '@huitong/contract/nodes'
import { beforeAll, describe, expect, test } from 'vitest'
import { addSource, businessSource, consentTo, enrol } from '../../../../../tests/harness/node.ts'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('a written consent is kept with its data source', () => {
  const platform = usePlatform()
  let id = ''
  let frontId = ''
  beforeAll(async () => {
    id = await businessSource(platform)
    const node = await enrol(platform, platform.departments.civil, '民政前置节点')
    frontId = (await addSource(platform, node, 'provide')).id
  })
  const content = Buffer.from('%PDF-1.7 同意函').toString('base64')
  const body = {
    number: '民函〔2026〕3号',
    signedBy: '李局长',
    validFrom: '2020-01-01',
    validUntil: '2099-12-31',
    fileName: '同意函.pdf',
    content,
  }
  guards(platform, giveConsent, {
    input: () => ({ params: { id }, body }),
    denied: ['civil-officer', 'works-head', 'authority'],
    allowed: 'centre',
  })

  test('201: with who signed, how long, and the digest of the document', async () => {
    const given = await consentTo(platform, id)
    const bytes = Buffer.from(content, 'base64').length
    expect(given).toMatchObject({ signedBy: '李局长', mediaType: 'application/pdf', bytes, inForce: true })
  })

  test('400: another kind of file, days that are none or end before they begin; 409: a front database needs none', async () => {
    const zip = Buffer.from('PK\u0003\u0004').toString('base64')
    for (const [over, path] of [
      [{ content: zip }, '/content'],
      [{ validFrom: '2026-02-30' }, '/validFrom'],
      [{ validFrom: '2026-02-02', validUntil: '2026-02-01' }, '/validUntil'],
    ] as const)
      expect(pathsOf(await refused(consentTo(platform, id, over), 'request.invalid'))).toEqual([path])
    await refused(consentTo(platform, frontId), 'object.state')
    await refused(consentTo(platform, NOBODY), 'object.not_found')
  })
})
