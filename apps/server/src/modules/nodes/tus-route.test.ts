import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, connect, type AddressInfo } from 'node:net'
import { FRAME_BYTES, listUploads, TUS_PATH } from '@huitong/contract/nodes'
import { type DetailedError, Upload, type UploadOptions } from 'tus-js-client'
import { beforeAll, describe, expect, test } from 'vitest'
import { usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { digestOf, openedBy, useUploads } from '../../../../../tests/harness/uploads.ts'

describe('uploads by the tus protocol, with its own client', () => {
  const platform = usePlatform({ jobs: false })
  const made = useUploads(platform)
  let origin = ''
  beforeAll(async () => {
    await platform.server.http.listen({ host: '127.0.0.1', port: 0 })
    origin = `http://127.0.0.1:${(platform.server.http.server.address() as AddressInfo).port}`
  })

  async function upload(content: Buffer, over: Partial<UploadOptions> = {}, account: Account = 'civil-officer') {
    const { cookie } = await platform.as(account)
    return new Promise<Upload>((resolve, reject) => {
      const one: Upload = new Upload(content, {
        endpoint: `${origin}${TUS_PATH}`,
        headers: { cookie },
        retryDelays: [0, 50, 100, 100],
        metadata: { sourceId: made.sourceId, filename: '文件 名.bin', digest: digestOf(content) },
        onError: reject,
        onSuccess: () => resolve(one),
        ...over,
      })
      one.start()
    })
  }
  const idOf = (one: Upload) => one.url!.slice(one.url!.lastIndexOf('/') + 1)
  const statusOf = (work: Promise<unknown>) =>
    work.then(
      () => 200,
      (error: DetailedError) => error.originalResponse?.getStatus() ?? 0,
    )

  test('a file of several frames, in one request or in small chunks, is whole for the node', async () => {
    const content = randomBytes(2 * FRAME_BYTES + 777)
    for (const chunkSize of [Infinity, 3_000_000, FRAME_BYTES]) {
      const id = idOf(await upload(content, { chunkSize }))
      expect((await openedBy(made.node, id, content.length)).equals(content)).toBe(true)
    }
    const { items } = await (await platform.as('civil-officer')).call(listUploads, { params: { id: made.sourceId } })
    expect(items.map((one) => [one.fileName, one.state, one.checked])).toEqual([
      ['文件 名.bin', 'kept', true],
      ['文件 名.bin', 'replaced', true],
      ['文件 名.bin', 'replaced', true],
    ])
  }, 60_000)

  test('a line that breaks again and again: it goes on where it was, and sends nothing twice that was kept', async () => {
    const content = randomBytes(3 * FRAME_BYTES)
    let passed = 0
    // Cuts every connection after 5 MB.
    const proxy = createServer((client) => {
      const server = connect(Number(new URL(origin).port), '127.0.0.1')
      let bytes = 0
      client.on('data', (piece) => {
        bytes += piece.length
        if (bytes > 5_000_000) {
          // What has passed arrives; the rest of the request does not.
          server.end()
          client.destroy()
        } else {
          passed += piece.length
          server.write(piece)
        }
      })
      server.on('data', (piece) => client.write(piece))
      for (const [one, other] of [
        [client, server],
        [server, client],
      ] as const) {
        one.on('error', () => other.destroy())
        if (one === server) one.on('close', () => other.destroy())
      }
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${TUS_PATH}`
    const one = await upload(content, { endpoint, retryDelays: Array.from({ length: 30 }, () => 600) })
    proxy.close()
    expect((await openedBy(made.node, idOf(one), content.length)).equals(content)).toBe(true)
    expect(passed).toBeLessThan(content.length * 2.2)
  }, 60_000)

  test('after a restart of the browser it goes on by its address alone', async () => {
    const content = randomBytes(FRAME_BYTES + 5)
    const { cookie } = await platform.as('civil-officer')
    const first: Upload = new Upload(content, {
      endpoint: `${origin}${TUS_PATH}`,
      headers: { cookie },
      chunkSize: FRAME_BYTES,
      metadata: { sourceId: made.sourceId, filename: 'later.bin' },
    })
    await new Promise<void>((resolve) => {
      first.options.onChunkComplete = () => void first.abort().then(resolve)
      first.start()
    })
    let sent = 0
    const onChunkComplete = (size: number) => (sent += size)
    const second = await upload(content, { uploadUrl: first.url!, onChunkComplete })
    expect(sent).toBe(5)
    expect((await openedBy(made.node, idOf(second), content.length)).equals(content)).toBe(true)
  }, 60_000)

  test('is refused for another content than was announced, hostile names, others’ sources, and without a session', async () => {
    const content = Buffer.from('a,b\n1,2\n')
    const metadata = (over: object) => ({ metadata: { sourceId: made.sourceId, filename: 'x.csv', ...over } })
    const none = { retryDelays: [] }
    expect(await statusOf(upload(content, { ...none, ...metadata({ digest: '0'.repeat(64) }) }))).toBe(422)
    for (const filename of ['../x.csv', '.x', 'a/b', ''])
      expect(await statusOf(upload(content, { ...none, ...metadata({ filename }) }))).toBe(400)
    expect(await statusOf(upload(content, { ...none, ...metadata({ sourceId: 'x' }) }))).toBe(400)
    expect(await statusOf(upload(content, none, 'works-officer'))).toBe(404)
    expect(await statusOf(upload(content, none, 'centre'))).toBe(403)
    expect(await statusOf(upload(content, { ...none, headers: {} }))).toBe(401)
    const { cookie } = await platform.as('civil-officer')
    const foreign = { cookie, origin: 'https://elsewhere.example' }
    expect(await statusOf(upload(content, { ...none, headers: foreign }))).toBe(403)
  })

  test('can be ended by its sender, and is gone then', async () => {
    const one = await upload(Buffer.from('x'))
    await one.abort(true)
    const { cookie } = await platform.as('civil-officer')
    const head = await fetch(`${origin}${TUS_PATH}/${idOf(one)}`, {
      method: 'HEAD',
      headers: { cookie, 'tus-resumable': '1.0.0' },
    })
    expect(head.status).toBe(404)
  })
})
