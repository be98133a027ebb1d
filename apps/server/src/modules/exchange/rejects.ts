import { createHash } from 'node:crypto'
import { ReadResult, Reject, REJECTS_INFO } from '@huitong/contract/work'
import { decodeBox, openBox } from '@huitong/segment'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { Check } from 'typebox/value'
import type { Reader, Writer } from '../../kernel/db.ts'
import type { Services } from '../../kernel/services.ts'

/** Runs whose records are kept: later ones take the place of what was mended meanwhile. */
const RUNS_KEPT = 3

export interface RejectBox {
  readonly stream_id: string
  readonly generation: number
  readonly first: number
  readonly rows: number
  readonly box: string
}

/** The records of a box; null when it does not open, or holds others than it says. */
export async function openRejects(services: Services, of: RejectBox): Promise<Static<typeof Reject>[] | null> {
  const key = services.keys.sealing.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
  const aad = `${of.stream_id}/${of.generation}/${of.first}`
  try {
    const plain = await openBox(key, decodeBox(of.box), { info: REJECTS_INFO, aad })
    const lines = plain.toString('utf8').trimEnd().split('\n')
    const records = lines.map((line) => JSON.parse(line) as unknown)
    return records.length === of.rows && records.every((one) => Check(Reject, one)) ? records : null
  } catch (error) {
    services.log.warn({ err: error, stream: of.stream_id, first: of.first }, 'a box of rejected records does not open')
    return null
  }
}

/**
 * Keeps the records that a reading has set aside, sealed as they came, and counts them with their run. False when they are
 * not as many as the node says, or not to be opened.
 */
export async function keepRejects(
  { db, now, services }: { db: Writer; now: Date; services: Services },
  channel: { readonly id: string },
  generation: number,
  result: unknown,
): Promise<boolean> {
  if (!Check(ReadResult, result) || result.rejected === undefined) return true
  const { rows, boxes } = result.rejected
  // Each that is counted is there, in its place.
  const places = boxes.map(({ first }, i) => first === boxes.slice(0, i).reduce((sum, box) => sum + box.rows, 0))
  const kept = boxes.reduce((sum, box) => sum + BigInt(box.rows), 0n)
  if (kept !== BigInt(rows) || places.includes(false)) return false
  for (const box of boxes)
    if ((await openRejects(services, { ...box, stream_id: channel.id, generation })) === null) return false
  await db.run(
    sql`update stream set rejected = ${rows}::numeric where id = ${channel.id} and generation = ${generation}`,
  )
  for (const box of boxes)
    await db.run(sql`insert into reject_box (stream_id, generation, first, rows, channel_id, box, kept_at)
      values (${channel.id}, ${generation}, ${box.first}, ${box.rows}, ${channel.id}, ${box.box}, ${now})
      on conflict do nothing`)
  await db.run(sql`delete from reject_box where channel_id = ${channel.id} and generation <= ${generation - RUNS_KEPT}`)
  return true
}

/** How many records a run has set aside; 0 for none. */
const rejectedOf = async (db: Reader, channelId: string, generation: number): Promise<string> => {
  const run = await db.maybe<{ rejected: string }>(
    sql`select rejected::text as rejected from stream where id = ${channelId} and generation = ${generation}`,
  )
  return run?.rejected ?? '0'
}

/** A run that set records aside is incomplete, and says so until a later one has none; null where it has none. */
export async function rejectsProblem(
  db: Reader,
  channelId: string,
  generation: number,
  now: Date,
): Promise<string | null> {
  const rows = await rejectedOf(db, channelId, generation)
  if (rows === '0') return null
  const message = {
    zh: `有 ${rows} 条错误记录被拒收，其余已交换；请由提供部门更正文件后重新全量`,
    en: `${rows} bad records were set aside, the others were exchanged: the provider mends the file, and it is copied anew`,
  }
  return JSON.stringify({ code: 'records.rejected', message, at: now.toISOString() })
}

/** What the audit, and with it the ledger, says of records that were set aside: how many, and a digest of what is kept. */
export async function rejectsDetail(
  db: Reader,
  channelId: string,
  generation: number,
): Promise<Record<string, string>> {
  const rejected = await rejectedOf(db, channelId, generation)
  if (rejected === '0') return {}
  const boxes = await db.many<{ box: string }>(
    sql`select box from reject_box where stream_id = ${channelId} and generation = ${generation} order by first`,
  )
  const digest = createHash('sha256')
  for (const { box } of boxes) digest.update(box)
  return { rejected, rejects: digest.digest('hex') }
}
