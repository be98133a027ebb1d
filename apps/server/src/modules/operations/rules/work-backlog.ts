import { sql } from 'kysely'
import { alertRule } from '../alert-rule.ts'

const WAITING_MS = 10 * 60_000

interface Row {
  id: string
  name: { zh: string; en?: string }
  jurisdiction: string
  department_id: string
  waiting: number
}

/** Work that a node does not take although it was handed out long ago. */
export const workBacklog = alertRule({
  name: 'work_backlog',
  words: { zh: '任务积压', en: 'Work is piling up' },
  level: 3,
  advice: {
    zh: '查看该节点正在执行的任务；长时间不推进的可停止后重新启动',
    en: 'Look at what the node is doing; stop and restart what does not move',
  },
  openAfterMs: 0,
  incidentAfterMs: 10 * 60_000,
  async find({ db, now }) {
    const before = new Date(now.getTime() - WAITING_MS)
    const rows = await db.many<Row>(sql`select n.id, n.name, n.jurisdiction, n.department_id, count(*)::int as waiting
      from node_work w join node n on n.id = w.node_id
      where w.state = 'queued' and w.created_at < ${before} group by n.id`)
    return rows.map((row) => ({
      subjectKind: 'node',
      subjectId: row.id,
      subjectName: row.name,
      jurisdiction: row.jurisdiction,
      departmentId: row.department_id,
      detail: {
        zh: `${row.waiting} 项任务等待超过 10 分钟`,
        en: `${row.waiting} pieces of work wait for over 10 minutes`,
      },
    }))
  },
})
