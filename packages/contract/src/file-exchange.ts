import { Type } from 'typebox'
import { BigInteger, Digest, exact, IdParams, Instant, nullable, oneOf, page, PageQuery, text } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** Most files that a node asks about at once. */
export const WANTED_MAX = 500

/** A file as it was sent: path from the folder, size in bytes, SHA-256 of the whole. */
const SentFile = { path: text(4000, 1), bytes: BigInteger, digest: Digest }

/** A file that a task has carried, with the batch in which it came to its end. */
export const FileView = exact({
  ...SentFile,
  generation: Type.Integer(),
  sequence: Type.Integer(),
  state: oneOf('sent', 'received', 'delivered', 'refused'),
  sentAt: Instant,
  deliveredAt: nullable(Instant),
})

export const listFiles = endpoint({
  id: 'exchange.file.list',
  method: 'GET',
  path: '/api/v1/channels/:id/files',
  access: 'channel.read',
  words: words('已交换文件列表', 'List exchanged files'),
  params: IdParams,
  query: exact({ ...PageQuery }),
  reply: page(FileView),
  errors: ['object.not_found'],
})
export const wantedFiles = endpoint({
  id: 'exchange.file.wanted',
  method: 'POST',
  path: '/api/v1/node/streams/:id/files',
  access: 'node',
  words: words('节点查询需传送的文件', 'A node asks which files are to travel'),
  params: IdParams,
  body: exact({ files: Type.Array(exact(SentFile), { minItems: 1, maxItems: WANTED_MAX }) }),
  bodyBytesMax: 8 * 1024 * 1024,
  /** Places in the list: whose latest delivery since the task was started is not just this content. */
  reply: exact({ wanted: Type.Array(Type.Integer(), { maxItems: WANTED_MAX }) }),
  errors: ['signature.invalid', 'object.not_found', 'grant.inactive', 'node.fenced'],
})
