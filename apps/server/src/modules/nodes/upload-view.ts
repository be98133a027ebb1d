import { createHash } from 'node:crypto'
import { FRAME_BYTES, type UploadView } from '@huitong/contract/nodes'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { type RawBuilder, sql } from 'kysely'
import { type Person, viewerOf } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'

/** The kind of source whose files are uploaded by the portal. */
export const UPLOADS = 'uploads'

export interface UploadRow {
  id: string
  source_id: string
  department_id: string
  file_name: string
  bytes: string
  announced: string | null
  received: string
  frames: Buffer
  state: UploadView['state']
  uploaded_by_name: string
  created_at: Date
  ended_at: Date | null
}

/** Where a whole frame lies, sealed to the node. */
export const frameKey = (id: string, frame: number): string => `uploads/${id}/${frame}`
/** Where the beginning of a frame waits for the rest, sealed to the platform. */
export const tailKey = (id: string, received: string): string => `uploads/${id}/tail-${received}`

/** The digest of the whole, of the digests of its frames. */
export const digestOf = (frames: Buffer): string => createHash('sha256').update(frames).digest('hex')

export const framesOf = (bytes: number): number => Math.ceil(bytes / FRAME_BYTES)

const SELECT = sql`select u.id, u.source_id, u.department_id, u.file_name, u.bytes, u.announced, u.received, u.frames, u.state,
  p.name as uploaded_by_name, u.created_at, u.ended_at from upload u join person p on p.id = u.uploaded_by`

/** Uploads of departments that the actor may see. */
export function uploadsFor(db: Reader, actor: Person, where: RawBuilder<unknown>): Promise<UploadRow[]> {
  const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 'u.department_id'))
  return db.many<UploadRow>(sql`${SELECT} where ${visible} and ${where}`)
}

/** One of them. @throws Refusal `object.not_found`. */
export function findUpload(db: Reader, actor: Person, id: string, lock = false): Promise<UploadRow> {
  const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 'u.department_id'))
  return db.one<UploadRow>(sql`${SELECT} where ${visible} and u.id = ${id} ${lock ? sql`for update of u` : sql``}`)
}

export function uploadView(row: UploadRow): UploadView {
  const isWhole = row.received === row.bytes && row.state !== 'receiving'
  return {
    id: row.id,
    sourceId: row.source_id,
    fileName: row.file_name,
    bytes: row.bytes,
    received: row.received,
    digest: isWhole ? digestOf(row.frames) : null,
    checked: isWhole && row.announced !== null && row.state !== 'refused',
    state: row.state,
    uploadedBy: row.uploaded_by_name,
    createdAt: row.created_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  }
}
