import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignatureV4 } from '@smithy/signature-v4'
import type { S3Settings } from '../files/remote/settings.ts'

const PAGE = 1000
const ACCOUNT = { accessKeyId: 'handover', secretAccessKey: 'for-tests-only' }
const REGION = 'cn-test-1'

/** A store in memory that answers as Amazon's API reference says. Signatures are judged by Amazon's own library. */
export interface TestS3 {
  readonly settings: S3Settings
  put(key: string, content: string | Uint8Array): void
  remove(key: string): void
  stop(): Promise<void>
}

interface Kept {
  readonly content: Buffer
  readonly etag: string
  readonly modified: Date
}

/** A store with one bucket. */
export async function startS3(): Promise<TestS3> {
  const objects = new Map<string, Kept>()
  const server = createServer((request, reply) => {
    answer(request, reply, objects).catch((error: unknown) => refuse(reply, 500, String(error)))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    settings: {
      endpoint: `http://127.0.0.1:${port}`,
      region: REGION,
      addressing: 'path',
      bucket: 'handover',
      ...ACCOUNT,
      encoding: 'auto',
      delimiter: 'auto',
    },
    put(key, data) {
      const content = Buffer.from(data)
      const etag = `"${createHash('md5').update(content).digest('hex')}"`
      objects.set(key, { content, etag, modified: new Date() })
    },
    remove: (key) => void objects.delete(key),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(request: IncomingMessage, reply: ServerResponse, objects: Map<string, Kept>): Promise<void> {
  const url = new URL(request.url!, `http://${request.headers.host}`)
  const fault = await signatureFault(request, url)
  if (fault !== null) return refuse(reply, 403, fault)
  const [bucket, ...path] = url.pathname.slice(1).split('/')
  if (bucket !== 'handover') return refuse(reply, 404, 'NoSuchBucket')
  if (url.searchParams.get('list-type') === '2') return list(url.searchParams, reply, objects)
  const object = objects.get(decodeURIComponent(path.join('/')))
  if (object === undefined) return refuse(reply, 404, 'NoSuchKey')
  if (request.headers['if-match'] !== object.etag) return refuse(reply, 412, 'PreconditionFailed')
  const [from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!.slice(1).map(Number) as [number, number]
  const part = object.content.subarray(from, to + 1)
  reply.writeHead(206, { etag: object.etag, 'content-length': part.length })
  reply.end(part)
}

function list(query: URLSearchParams, reply: ServerResponse, objects: Map<string, Kept>): void {
  const after = query.get('continuation-token') ?? ''
  const isEncoded = query.get('encoding-type') === 'url'
  const textOf = (key: string) => (isEncoded ? encodeURIComponent(key).replaceAll('%2F', '/') : escaped(key))
  const keys = [...objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after).sort()
  const page = keys.slice(0, PAGE)
  const contents = page.map((key) => {
    const { content, etag, modified } = objects.get(key)!
    return `<Contents><Key>${textOf(key)}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>${escaped(etag)}</ETag>
      <Size>${content.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`
  })
  const more = keys.length > PAGE ? `<NextContinuationToken>${escaped(page.at(-1)!)}</NextContinuationToken>` : ''
  const encoding = isEncoded ? '<EncodingType>url</EncodingType>' : ''
  reply.writeHead(200, { 'content-type': 'application/xml' })
  reply.end(`<?xml version="1.0" encoding="UTF-8"?>
    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${encoding}${more}${contents.join('')}</ListBucketResult>`)
}

async function signatureFault(request: IncomingMessage, url: URL): Promise<string | null> {
  const given = request.headers.authorization ?? ''
  const [, key, signed] = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/.*SignedHeaders=([^,]+)/.exec(given) ?? []
  if (key !== ACCOUNT.accessKeyId) return 'InvalidAccessKeyId'
  const at = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date']))!
  const signer = new SignatureV4({
    service: 's3',
    region: REGION,
    credentials: ACCOUNT,
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  })
  const { headers } = await signer.sign(
    {
      method: request.method!,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(signed!.split(';').map((name) => [name, String(request.headers[name])])),
    },
    { signingDate: new Date(`${at.slice(1, 4).join('-')}T${at.slice(4).join(':')}Z`) },
  )
  return headers['authorization'] === given ? null : 'SignatureDoesNotMatch'
}

/** The hash function, in the shape in which the library takes it. */
class Sha256 {
  readonly #digest
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#digest = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string)
  }
  update(data: Uint8Array | string): void {
    this.#digest.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.#digest.digest()
  }
  reset(): void {}
}

function refuse(reply: ServerResponse, status: number, code: string): void {
  reply.writeHead(status, { 'content-type': 'application/xml' })
  reply.end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`)
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
