import { sql } from 'kysely'
import { alertRule, platformFinding } from '../alert-rule.ts'

const APART_SECONDS_MAX = 5

/** The clocks of the server and of its database disagree: leases and deadlines would be counted by two times. */
export const clockApart = alertRule({
  name: 'clock_apart',
  words: { zh: '时钟偏差', en: 'Clocks apart' },
  level: 2,
  advice: {
    zh: '检查平台服务器与数据库服务器的时间同步',
    en: 'Check the time synchronisation of the server and the database machine',
  },
  openAfterMs: 15_000,
  incidentAfterMs: 60_000,
  async find(look) {
    const { at } = await look.db.one<{ at: Date }>(sql`select clock_timestamp() as at`)
    const seconds = Math.round((look.services.clock.now().getTime() - at.getTime()) / 1000)
    if (Math.abs(seconds) <= APART_SECONDS_MAX) return []
    return [
      platformFinding(
        look,
        { id: 'clock', zh: '平台与数据库时钟', en: 'Clocks of server and database' },
        { zh: `相差 ${seconds} 秒`, en: `${seconds} seconds apart` },
      ),
    ]
  },
})
