import { sql } from 'kysely'
import { shanghaiDate } from '@huitong/codes'
import type { Writer } from '../../kernel/db.ts'

/** The next number of a kind on this day, such as `SQ20261122-0001`; numbers are never used twice. */
export async function nextNumber(
  db: Writer,
  kind: 'SQ' | 'SJ' | 'JH' | 'GZ' | 'HY' | 'ZG' | 'XH' | 'WG' | 'DZ' | 'RH' | 'QX',
  now: Date,
): Promise<string> {
  const prefix = `${kind}${shanghaiDate(now).replaceAll('-', '')}`
  const last = await nextOf(db, prefix)
  return `${prefix}-${String(last).padStart(4, '0')}`
}

/** The next running number under a prefix, for the whole platform; the counter itself is out of everybody's reach. */
export async function nextOf(db: Writer, prefix: string): Promise<number> {
  return (await db.one<{ last: number }>(sql`select huitong_next_number(${prefix}) as last`)).last
}
