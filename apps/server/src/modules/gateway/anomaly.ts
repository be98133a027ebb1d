import type { Words } from '@huitong/contract'

/** What suspends an opening by itself: keys that are tried out, or calls that grow beyond all that was before. */
export type Anomaly = 'misses' | 'growth'

/** What was seen, kept with the suspension. */
export interface Figures {
  /** Calls that were answered, or asked for a row that is not there, within the span. */
  readonly calls: number
  /** Of these the ones that asked for a row that is not there. */
  readonly misses: number
  readonly minutes: number
  /** Calls in the busiest hour of the week before; null where it does not matter. */
  readonly before: number | null
}

/** Trying keys out: within so many minutes at least so many misses, and nearly nothing but misses. */
export const MISSES = { minutes: 10, misses: 300, share: 0.8 } as const
/** Sudden growth: within the hour at least so many calls, and so many times the busiest hour of the week before. */
export const GROWTH = { minutes: 60, calls: 5_000, times: 10, days: 7 } as const

export const isEnumeration = ({ calls, misses }: Pick<Figures, 'calls' | 'misses'>): boolean =>
  misses >= MISSES.misses && misses >= MISSES.share * calls

/** An opening that was never called before has nothing that it could outgrow. */
export const isGrowth = (calls: number, before: number): boolean =>
  before > 0 && calls >= GROWTH.calls && calls >= GROWTH.times * before

/** What was seen, in the words of those who have to decide. */
export function seenWords(cause: Anomaly, { calls, misses, minutes, before }: Figures): Words {
  if (cause === 'misses')
    return {
      zh: `${minutes} 分钟内 ${calls} 次调用中有 ${misses} 次查无此行，疑似逐个试探主键`,
      en: `${misses} of ${calls} calls within ${minutes} minutes asked for rows that are not there: keys may be being tried out`,
    }
  return {
    zh: `${minutes} 分钟内调用 ${calls} 次，是此前一周最忙一小时（${before ?? 0} 次）的 ${GROWTH.times} 倍以上`,
    en: `${calls} calls within ${minutes} minutes, over ${GROWTH.times} times the busiest hour of the week before (${before ?? 0})`,
  }
}
