import { sql } from 'kysely'
import { alertRule } from '../alert-rule.ts'

interface Row {
  id: string
  number: string
  jurisdiction: string
  provider_department_id: string
  name: { zh: string; en?: string }
  problem: { code?: string; message?: { zh: string; en: string } } | null
}

/** An exchange task that stopped with an error; it ends when the task runs again. */
export const channelFailed = alertRule({
  name: 'channel_failed',
  words: { zh: '交换任务失败', en: 'Exchange task failed' },
  level: 2,
  advice: {
    zh: '打开交换任务，按错误提示处理数据源或接收库，然后重新启动',
    en: 'Open the task, mend the source or the target as the error says, and start it again',
  },
  openAfterMs: 0,
  incidentAfterMs: 0,
  async find({ db }) {
    const rows = await db.many<Row>(sql`select c.id, c.number, c.jurisdiction, c.provider_department_id,
        v.content->'name' as name, c.problem
      from channel c join dataset s on s.id = c.dataset_id
        join dataset_version v on v.dataset_id = s.id and v.number = coalesce(s.live_version, s.pending_version)
      where c.state = 'failed'`)
    return rows.map((row) => ({
      subjectKind: 'channel',
      subjectId: row.id,
      subjectName: named(row),
      jurisdiction: row.jurisdiction,
      departmentId: row.provider_department_id,
      detail: row.problem?.message ?? { zh: '没有错误说明', en: 'The error has no words' },
    }))
  },
})

const named = ({ number, name }: Row) => ({
  zh: `${number} ${name.zh}`,
  ...(name.en === undefined ? {} : { en: `${number} ${name.en}` }),
})
