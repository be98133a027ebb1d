import { StorageError } from './errors.ts'

const KEY_BYTES_MAX = 512
const SEGMENT_BYTES_MAX = 200
const SEGMENT = /^[A-Za-z0-9_=-][A-Za-z0-9._=-]*$/
const UPLOAD_ID = /^[A-Za-z0-9_-]{1,64}$/

/** Throws storage.bad_key unless the key can be a path on every file system and in every S3-compatible store. */
export function checkKey(key: string): void {
  const segments = key.split('/')
  const isGood =
    key.length <= KEY_BYTES_MAX && segments.every((part) => part.length <= SEGMENT_BYTES_MAX && SEGMENT.test(part))
  if (!isGood) throw new StorageError('storage.bad_key', { key: key.slice(0, KEY_BYTES_MAX) })
}

/** Throws storage.bad_key unless the id can name an upload. */
export function checkUploadId(id: string): void {
  if (!UPLOAD_ID.test(id)) throw new StorageError('storage.bad_key', { upload: id.slice(0, 64) })
}
