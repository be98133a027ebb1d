import { filePathFault } from '@huitong/segment'
import { AwsClient } from 'aws4fetch'
import { ConnectorError } from '../../errors.ts'
import { FOLDER_FILES_MAX, printable } from '../folder.ts'
import { UNFINISHED } from '../places.ts'
import { parseXml } from '../xml.ts'
import type { RemoteFile, RemoteLook, RemotePlace } from './place.ts'
import type { S3Settings } from './settings.ts'

/** A page of a list has 1000 keys of up to 3 KB, written with escapes. */
const LIST_BYTES_MAX = 16 * 1024 * 1024
/** Keys of a bucket that are looked at, whether they are files or not. */
const KEYS_MAX = 1_000_000
const ERROR_BYTES_MAX = 64 * 1024
const ANSWER_TIMEOUT_MS = 60_000
const RETRIES = 3

/**
 * Opens a folder of an S3-compatible store. Nothing is asked yet.
 * Source of the protocol: Amazon S3 API reference, ListObjectsV2 and GetObject; Signature Version 4.
 */
export async function openS3(settings: S3Settings, signal: AbortSignal): Promise<RemotePlace> {
  return new S3Place(settings, signal)
}

/** What a list holds of an object. */
interface Listed {
  key: string
  bytes: number
  etag: string
  modified: string
}

class S3Place implements RemotePlace {
  readonly server = 'S3'
  readonly isAtomic = true
  readonly #client: AwsClient
  readonly #base: string
  readonly #prefix: string
  readonly #bucket: string
  /** Which store an error means. */
  readonly #place: { readonly setting: string }
  readonly #signal: AbortSignal

  constructor(settings: S3Settings, signal: AbortSignal) {
    const { endpoint, region, bucket, accessKeyId, secretAccessKey } = settings
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: RETRIES })
    this.#base =
      settings.addressing === 'host' ? endpoint.replace('://', `://${bucket}.`) : `${endpoint}/${escaped(bucket)}`
    this.#prefix = settings.folder ?? ''
    this.#bucket = bucket
    this.#place = { setting: `${endpoint} ${bucket}` }
    this.#signal = signal
  }

  async list(held: Parameters<RemotePlace['list']>[0]): Promise<RemoteLook> {
    const files: RemoteFile[] = []
    const folders = new Set<string>()
    let next: string | null = null
    let keys = 0
    do {
      const page = await this.#page(next)
      keys += page.objects.length
      if (keys > KEYS_MAX || folders.size > FOLDER_FILES_MAX || (page.next !== null && page.objects.length === 0))
        throw new ConnectorError('file_refused', 'a list that is too long, or does not end', {
          place: { file: this.#bucket },
        })
      for (const one of page.objects) {
        const path = one.key.slice(this.#prefix.length)
        // A folder that was made by hand is an empty object.
        if (path === '' || path.endsWith('/')) continue
        if (path.split('/').some((name) => UNFINISHED.test(name))) continue
        if (filePathFault(path) !== null) {
          held(printable(path), 'name')
          continue
        }
        for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at))
        files.push({
          path,
          bytes: one.bytes,
          version: `${one.bytes}-${one.etag}`,
          modifiedMs: Date.parse(one.modified),
        })
        if (files.length > FOLDER_FILES_MAX)
          throw new ConnectorError('file_refused', `more than ${FOLDER_FILES_MAX} objects`, {
            place: { file: this.#bucket },
          })
      }
      next = page.next
    } while (next !== null)
    // Both are possible in a store, not in a folder.
    const isFree = ({ path }: RemoteFile) => {
      if (folders.has(path)) held(path, 'name')
      return !folders.has(path)
    }
    return { files: files.filter(isFree).sort((a, b) => (a.path < b.path ? -1 : 1)), folders: [...folders].sort() }
  }

  async #page(token: string | null): Promise<{ objects: Listed[]; next: string | null }> {
    const query = new URLSearchParams({ 'list-type': '2', 'encoding-type': 'url', prefix: this.#prefix })
    if (token !== null) query.set('continuation-token', token)
    const response = await this.#fetch(`${this.#base}${this.#base.endsWith(this.#bucket) ? '' : '/'}?${query}`, {})
    if (!response.ok) throw await this.#refused(response, this.#prefix)
    return readPage(await bodyOf(response, LIST_BYTES_MAX))
  }

  async *read(file: RemoteFile, from: number): AsyncGenerator<Uint8Array> {
    if (from >= file.bytes) return
    const key = `${this.#prefix}${file.path}`.split('/').map(escaped).join('/')
    const etag = file.version.slice(file.version.indexOf('-') + 1)
    const headers = { 'if-match': etag, range: `bytes=${from}-${file.bytes - 1}` }
    const response = await this.#fetch(`${this.#base}/${key}`, headers)
    if (!response.ok) throw await this.#refused(response, file.path)
    // A store that does not know ranges begins at the beginning.
    const isPart = response.status === 206
    if (response.headers.get('etag') !== etag || (!isPart && from > 0)) {
      await response.body?.cancel()
      throw new ConnectorError('source_changed', 'another object', { place: { file: file.path } })
    }
    try {
      for await (const chunk of response.body!) yield chunk as Uint8Array
    } catch (cause) {
      this.#signal.throwIfAborted()
      throw new ConnectorError('connection_lost', 'in the middle of an object', { place: { file: file.path }, cause })
    }
  }

  async #fetch(url: string, headers: Record<string, string>): Promise<Response> {
    const late = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const ended = new AbortController()
    const give = () => ended.abort(late.reason)
    late.addEventListener('abort', give)
    try {
      const signal = AbortSignal.any([this.#signal, ended.signal])
      return await this.#client.fetch(url, { headers, signal, redirect: 'error' })
    } catch (cause) {
      this.#signal.throwIfAborted()
      const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
      throw new ConnectorError('unreachable', why, { place: this.#place, cause })
    } finally {
      // The answer has begun; a large body may take as long as it likes.
      late.removeEventListener('abort', give)
    }
  }

  async #refused(response: Response, path: string): Promise<ConnectorError> {
    const text = await bodyOf(response, ERROR_BYTES_MAX).catch(() => '')
    const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? String(response.status)
    const place = { file: path === '' ? this.#bucket : path }
    if (response.status === 412) return new ConnectorError('source_changed', code, { place })
    if (code === 'NoSuchBucket') return new ConnectorError('table_missing', code, { place: { file: this.#bucket } })
    if (response.status === 404) return new ConnectorError('table_missing', code, { place })
    if (['InvalidAccessKeyId', 'SignatureDoesNotMatch', '401'].includes(code))
      return new ConnectorError('access_denied', code, { place: this.#place })
    if (response.status === 403) return new ConnectorError('file_denied', code, { place })
    if (response.status >= 500) return new ConnectorError('unreachable', code, { place: this.#place })
    return new ConnectorError('bad_settings', code, { place: this.#place })
  }

  async close(): Promise<void> {}
}

/** Signature Version 4 escapes more than `encodeURIComponent` does. */
const escaped = (name: string): string =>
  encodeURIComponent(name).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

async function bodyOf(response: Response, bytesMax: number): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length
    if (bytes > bytesMax) throw new ConnectorError('file_refused', 'an answer of the store over the limit')
    parts.push(chunk as Uint8Array)
  }
  return Buffer.concat(parts).toString('utf8')
}

async function readPage(text: string): Promise<{ objects: Listed[]; next: string | null }> {
  const objects: Listed[] = []
  let at: Partial<Record<string, string>> | null = null
  let value = ''
  let next: string | null = null
  // Not all stores know how to escape.
  let isEncoded = false
  let isTruncated = false
  const handler = {
    open(name: string) {
      value = ''
      if (name === 'Contents') at = {}
    },
    text: (more: string) => void (value += more),
    close(name: string) {
      if (name === 'Contents' && at !== null) {
        objects.push(listed(at))
        at = null
      } else if (at !== null) at[name] = value
      else if (name === 'NextContinuationToken') next = value
      else if (name === 'EncodingType') isEncoded = value === 'url'
      else if (name === 'IsTruncated') isTruncated = value === 'true'
    },
  }
  const pieces = (async function* () {
    yield text
  })()
  for await (const _ of parseXml(pieces, 'the list', handler)) void _
  // Whatever stands behind a part that does not say how to go on would count as gone.
  if (isTruncated && !next) throw new ConnectorError('not_supported', 'a part of a list without a token for the rest')
  const plain = (key: string) => (isEncoded ? decodeURIComponent(key.replaceAll('+', ' ')) : key)
  return { objects: objects.map((one) => ({ ...one, key: plain(one.key) })), next }
}

function listed(at: Partial<Record<string, string>>): Listed {
  const { Key, Size, ETag, LastModified } = at
  if (Key === undefined || !/^\d+$/.test(Size ?? '') || ETag === undefined || LastModified === undefined)
    throw new ConnectorError('not_supported', 'a list without key, size, tag or time')
  return {
    key: Key,
    bytes: Number(Size),
    etag: ETag,
    modified: LastModified,
  }
}
