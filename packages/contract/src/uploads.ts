import { Type, type Static } from 'typebox'
import { BigInteger, Digest, exact, IdParams, Instant, nullable, oneOf, text, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** A file is sealed and kept in frames of this many bytes; the last one is shorter. */
export const FRAME_BYTES = 8 * 1024 * 1024
/** Where clients of the tus protocol (version 1.0.0) upload. */
export const TUS_PATH = '/api/v1/tus'

/** A name as a file may have it in any file system: no folders, nothing hidden, nothing that turns the line around. */
const FileName = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern:
    '^(?![.~ ])[^\\u0000-\\u001f\\u007f-\\u009f/\\\\:*?"<>|#\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff\\ud800-\\udfff]+(?<![. ])$',
})

/** A file that a department puts into one of its sources by the portal. */
export const UploadView = exact({
  id: Uuid,
  sourceId: Uuid,
  fileName: Type.String(),
  bytes: BigInteger,
  /** Bytes that are kept; an interrupted upload goes on here. */
  received: BigInteger,
  /** SHA-256 over the SHA-256 of each frame, hexadecimal; null until all is there. */
  digest: nullable(Digest),
  /** Whether the sender said this digest beforehand. */
  checked: Type.Boolean(),
  /** `replaced`: a newer file of this name is there. `refused`: what came is not what was announced. */
  state: oneOf('receiving', 'kept', 'replaced', 'removed', 'refused', 'abandoned'),
  uploadedBy: Type.String(),
  createdAt: Instant,
  endedAt: nullable(Instant),
})
export type UploadView = Static<typeof UploadView>

export const createUpload = endpoint({
  id: 'nodes.upload.create',
  method: 'POST',
  path: '/api/v1/data-sources/:id/uploads',
  access: 'source.upload',
  words: words('开始上传文件', 'Begin to upload a file'),
  params: IdParams,
  body: exact({
    fileName: FileName,
    bytes: Type.String({ pattern: '^\\d{1,15}$' }),
    /** SHA-256 over the SHA-256 of each frame; the upload is refused at its end when it is another. */
    digest: Type.Optional(Digest),
  }),
  reply: UploadView,
  status: 201,
  errors: ['object.not_found', 'object.state', 'upload.quota', 'storage.full'],
})
export const listUploads = endpoint({
  id: 'nodes.upload.list',
  method: 'GET',
  path: '/api/v1/data-sources/:id/uploads',
  access: 'source.discover',
  words: words('已上传的文件', 'List uploaded files'),
  params: IdParams,
  reply: exact({ items: Type.Array(UploadView), usedBytes: BigInteger, bytesMax: BigInteger }),
  errors: ['object.not_found'],
})
export const readUpload = endpoint({
  id: 'nodes.upload.read',
  method: 'GET',
  path: '/api/v1/uploads/:id',
  access: 'source.upload',
  words: words('查看上传进度', 'Read how far an upload has come'),
  params: IdParams,
  reply: UploadView,
  errors: ['object.not_found'],
})
export const appendUpload = endpoint({
  id: 'nodes.upload.append',
  method: 'PATCH',
  path: '/api/v1/uploads/:id/content',
  access: 'source.upload',
  kind: 'upload',
  words: words('上传文件内容', 'Upload bytes of a file'),
  params: IdParams,
  query: exact({ offset: Type.String({ pattern: '^\\d{1,15}$' }) }),
  reply: UploadView,
  bodyBytesMax: FRAME_BYTES,
  errors: ['object.not_found', 'object.state', 'upload.offset', 'storage.full'],
})
export const removeUpload = endpoint({
  id: 'nodes.upload.remove',
  method: 'DELETE',
  path: '/api/v1/uploads/:id',
  access: 'source.upload',
  words: words('删除上传的文件', 'Remove an uploaded file'),
  params: IdParams,
  reply: UploadView,
  errors: ['object.not_found', 'object.state'],
})

export const listNodeUploads = endpoint({
  id: 'nodes.upload.node_list',
  method: 'GET',
  path: '/api/v1/node/data-sources/:id/uploads',
  access: 'node',
  words: words('节点查询上传文件', 'A node asks for uploaded files'),
  params: IdParams,
  reply: exact({
    items: Type.Array(exact({ id: Uuid, fileName: text(200, 1), bytes: BigInteger, digest: Digest })),
  }),
  errors: ['signature.invalid', 'object.not_found'],
})
export const fetchUpload = endpoint({
  id: 'nodes.upload.fetch',
  method: 'GET',
  path: '/api/v1/node/uploads/:id/frames/:frame',
  access: 'node',
  kind: 'stream',
  words: words('节点领取上传文件', 'A node fetches a frame of an uploaded file'),
  params: exact({ id: Uuid, frame: Type.String({ pattern: '^(0|[1-9]\\d{0,6})$' }) }),
  reply: Type.Unknown(),
  errors: ['signature.invalid', 'object.not_found'],
})

/** Where in which file a frame stands: a sealed one opens nowhere else. */
export const framePlace = (id: string, frame: number): string => `upload/${id}/${frame}`

export const uploadEndpoints = [
  createUpload,
  listUploads,
  readUpload,
  appendUpload,
  removeUpload,
  listNodeUploads,
  fetchUpload,
] as const
