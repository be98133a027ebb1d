import { sql } from 'kysely'
import { shanghaiDate } from '@huitong/codes'
import type { Writer } from '../../kernel/db.ts'

/** The next number of a kind on this day, such as `SQ20261122-0001`; numbers are never used twice. */
export async function nextNumber(
  db: Writer,
  kind: 'SQ' | 'SJ' | 'JH' | 'GZ' | 'HY' | 'ZG' | 'XH' | 'WG',
  now: Date,
): Promise<string> {
  const prefix = `${kind}${shanghaiDate(now).replaceAll('-', '')}`
  const { last } = await db.one<{
    last: number
  }>(sql`insert into number_sequence as s (prefix, last) values (${prefix}, 1)
    on conflict (prefix) do update set last = s.last + 1 returning last`)
  return `${prefix}-${String(last).padStart(4, '0')}`
}
