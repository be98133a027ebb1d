import { createUpload, listUploads } from '@huitong/contract/nodes'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { addSource, enrol } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { useUploads } from '../../../../../tests/harness/uploads.ts'

describe('begin an upload', () => {
  const platform = usePlatform({
    jobs: false,
    env: { HUITONG_UPLOAD_BYTES_MAX: '20000000', HUITONG_UPLOAD_QUOTA_BYTES: '50000000' },
  })
  const made = useUploads(platform)
  const create = async (
    over: object = {},
    id = made.sourceId,
    account: 'civil-officer' | 'works-officer' = 'civil-officer',
  ) =>
    (await platform.as(account)).call(createUpload, {
      params: { id },
      body: { fileName: '人员.csv', bytes: '10', ...over },
    })
  guards(platform, createUpload, {
    input: () => ({ params: { id: made.sourceId }, body: { fileName: '人员.csv', bytes: '10' } }),
    denied: ['centre', 'operator', 'civil-head', 'sysadmin'],
  })

  test('201: it waits for its bytes; an empty file is whole at once', async () => {
    expect(await create()).toMatchObject({
      state: 'receiving',
      received: '0',
      bytes: '10',
      digest: null,
      checked: false,
    })
    expect(await create({ fileName: 'empty.csv', bytes: '0' })).toMatchObject({ state: 'kept', received: '0' })
  })

  test('400: names that lead elsewhere, hide, or read otherwise than they are', async () => {
    const hostile = [
      '../x.csv',
      '/etc/passwd',
      'a\\b.csv',
      '.hidden.csv',
      '~x.csv',
      'a/b.csv',
      '..',
      '.',
      '',
      ' x.csv',
      'x.csv ',
      'x.csv.',
      'a\u0000.csv',
      'a\n.csv',
      'a\u202evsc.exe',
      'a#b.xlsx',
      'con:aux.csv',
      'a\ud800.csv',
      'x'.repeat(201),
      '名'.repeat(100),
    ]
    for (const fileName of hostile) {
      const error = await create({ fileName }).then(
        () => null,
        (reason: { code: string }) => reason,
      )
      expect([fileName, ['request.invalid', 'request.encoding'].includes(error?.code ?? '')]).toEqual([fileName, true])
    }
    expect((await create({ fileName: '𠮷野（2026年）名单 - 副本.xlsx' })).fileName).toBe(
      '𠮷野（2026年）名单 - 副本.xlsx',
    )
  })

  test('409: a file over the limit, or more than the source may hold', async () => {
    expect(pathsOf(await refused(create({ bytes: '20000001' }), 'upload.quota'))).toEqual(['/bytes'])
    await create({ bytes: '20000000' })
    await create({ bytes: '20000000' })
    expect(pathsOf(await refused(create({ bytes: '20000000' }), 'upload.quota'))).toEqual(['/bytes'])
    for (let i = 0; i < 60; i++) {
      const open = (await (await platform.as('civil-officer')).call(listUploads, { params: { id: made.sourceId } }))
        .items
      if (open.filter((one) => one.state === 'receiving').length >= 50) break
      await create({ bytes: '1' })
    }
    await refused(create({ bytes: '1' }), 'upload.quota')
  })

  test('404: another department’s source, and none; 409: one of another kind', async () => {
    await refused(create({}, made.sourceId, 'works-officer'), 'object.not_found')
    await refused(create({}, NOBODY), 'object.not_found')
    const node = await enrol(platform, platform.departments.civil, '另一节点')
    await refused(create({}, (await addSource(platform, node, 'provide')).id), 'object.state')
  })
})
