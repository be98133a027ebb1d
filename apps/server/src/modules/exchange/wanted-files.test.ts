import { wantedFiles } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { acknowledge, receiptFor, seal } from '../../../../../tests/harness/exchange.ts'
import { eventually, refused } from '../../../../../tests/harness/guards.ts'
import { clientOf } from '../../../../../tests/harness/platform.ts'
import { fileOf, sealFilesOf, useRunningFiles } from '../../../../../tests/harness/sealed-files.ts'

describe('a node asks which files are to travel', () => {
  const ground = useRunningFiles()
  const ask = (files: ReturnType<typeof fileOf>[], by: Pick<typeof ground.provider, 'call'> = ground.provider) =>
    by.call(wantedFiles, { params: { id: ground.read.input.stream }, body: { files } })
  const all = [fileOf('a.txt', 'a'), fileOf('b.txt', 'b'), fileOf('a.txt', 'other')]

  test('what has not arrived, whatever was sent of it; of a path its latest content counts', async () => {
    expect(ground.read.input).toMatchObject({ payload: 'file', table: { name: 'drop/' } })
    expect(await ask(all)).toEqual({ wanted: [0, 1, 2] })
    const segment = await sealFilesOf(ground, { 'a.txt': 'a' })
    await ground.provider.upload(segment)
    expect(await ask(all)).toEqual({ wanted: [0, 1, 2] })
    await eventually(
      () => acknowledge(ground.consumer, receiptFor(segment, ground.consumer.signing)).catch(() => null),
      (done) => done !== null,
    )
    expect(await ask(all)).toEqual({ wanted: [1, 2] })
    const next = await sealFilesOf(ground, { 'a.txt': 'other' }, segment.signed)
    await ground.provider.upload(next)
    await eventually(
      () => acknowledge(ground.consumer, receiptFor(next, ground.consumer.signing)).catch(() => null),
      (done) => done !== null,
    )
    expect(await ask(all)).toEqual({ wanted: [0, 1] })
  })

  test('401 without a signature; 404 for the receiving node; rows are no files', async () => {
    await expect(ask(all, clientOf(ground.platform.server))).rejects.toMatchObject({ status: 401 })
    await refused(ask(all, ground.consumer), 'object.not_found')
    const { input } = ground.read
    const rows = await seal({ ...input, columns: [], payload: 'rows' }, ground.provider.signing, [])
    await refused(ground.provider.announce(rows), 'segment.content')
  })
})
