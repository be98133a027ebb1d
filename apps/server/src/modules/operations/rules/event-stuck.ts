import { sql } from 'kysely'
import { alertRule, platformFinding } from '../alert-rule.ts'

const FAILURES_MAX = 3

/** A subscriber that fails again and again; the text of the error is for the log, because it may hold data. */
export const eventStuck = alertRule({
  name: 'event_stuck',
  words: { zh: '事件处理受阻', en: 'Event delivery stuck' },
  level: 2,
  advice: {
    zh: '按订阅名在平台日志中查找错误原因',
    en: 'Find the cause in the log by the name of the subscriber',
  },
  openAfterMs: 0,
  incidentAfterMs: 30_000,
  async find(look) {
    const rows = await look.db.many<{ subscriber: string; failures: number }>(
      sql`select subscriber, failures from event_cursor where failures > ${FAILURES_MAX}`,
    )
    return rows.map(({ subscriber, failures }) =>
      platformFinding(
        look,
        { id: `event:${subscriber}`, zh: `事件订阅 ${subscriber}`, en: `Subscriber ${subscriber}` },
        { zh: `已连续失败 ${failures} 次`, en: `Failed ${failures} times in a row` },
      ),
    )
  },
})
