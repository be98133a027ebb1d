import { readHealth } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { isEngineUp } from '../../engine-worker/is-up.ts'
import { query } from '../../kernel/verb.ts'

type State = 'up' | 'down' | 'degraded'
interface Part {
  name: string
  words: { zh: string; en: string }
  state: State
  detail: { zh: string; en: string } | null
  since: string | null
}

/** The parts of the platform as this process sees them now. Why an event failed is for the log: messages may hold data. */
export const readHealthVerb = query<typeof readHealth>({
  endpoint: readHealth,
  audit: null,
  async run({ db, services, now }) {
    const engine = await isEngineUp(services.settings.engineSocket)
    const stuck = await db.many<{ subscriber: string; failures: number }>(
      sql`select subscriber, failures from event_cursor where failures > 3`,
    )
    const parts: Part[] = [
      { name: 'server', words: { zh: '平台服务', en: 'Server' }, state: 'up', detail: null, since: null },
      { name: 'database', words: { zh: '平台数据库', en: 'Database' }, state: 'up', detail: null, since: null },
      {
        name: 'engine',
        words: { zh: '计算引擎', en: 'Engine' },
        state: engine ? 'up' : 'down',
        detail: null,
        since: null,
      },
      ...stuck.map((one) => ({
        name: `event:${one.subscriber}`,
        words: { zh: '事件处理', en: 'Event delivery' },
        state: 'degraded' as const,
        detail: {
          zh: `${one.subscriber} 已失败 ${one.failures} 次`,
          en: `${one.subscriber} failed ${one.failures} times`,
        },
        since: null,
      })),
    ]
    return { at: now.toISOString(), parts }
  },
})
