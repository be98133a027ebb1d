import { sql } from 'kysely'
import { alertRule } from '../alert-rule.ts'

const SILENT_MS = 60_000

interface Row {
  id: string
  name: { zh: string; en?: string }
  jurisdiction: string
  department_id: string
}

/** An enrolled node that has not asked for work. After an outage of the platform itself, nodes have time to come back. */
export const nodeSilent = alertRule({
  name: 'node_silent',
  words: { zh: '节点失联', en: 'Node silent' },
  level: 2,
  advice: {
    zh: '检查该部门前置机是否开机、节点程序是否运行、到平台的网络是否通',
    en: 'Check that the department’s front machine is up, the node runs, and the network to the platform works',
  },
  openAfterMs: 30_000,
  incidentAfterMs: 60_000,
  async find({ db, now }) {
    const before = new Date(now.getTime() - SILENT_MS)
    const rows = await db.many<Row>(sql`select n.id, n.name, n.jurisdiction, n.department_id
      from node n join node_presence p on p.node_id = n.id where n.key_id is not null and n.link = 'line' and p.seen_at < ${before}`)
    return rows.map((row) => ({
      subjectKind: 'node',
      subjectId: row.id,
      subjectName: row.name,
      jurisdiction: row.jurisdiction,
      departmentId: row.department_id,
      detail: { zh: '超过 1 分钟没有联系平台', en: 'Not heard of for over a minute' },
    }))
  },
})
