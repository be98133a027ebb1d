import { sql } from 'kysely'
import { alertRule } from '../alert-rule.ts'

/** What a gate brings late or in another order comes by itself within this time. */
const MISSING_MINUTES = 10

interface Row {
  id: string
  name: { zh: string; en?: string }
  jurisdiction: string
  department_id: string
  problem: { message: { zh: string; en: string } }
}

/** A ferried node whose files do not come through: one is missing, cut, or was put aside because it is not what it should be. */
export const crossingHeld = alertRule({
  name: 'crossing_held',
  words: { zh: '摆渡受阻', en: 'Crossing held up' },
  level: 2,
  advice: {
    zh: '在节点页看缺第几号文件或哪个文件未被接收及原因；检查网闸，把该文件再携带一次；来历不明的文件交安全管理员处理',
    en: 'See on the page of nodes which file is missing or was put aside, and why; check the gate and carry the file once more; a file of unknown origin is the security administrator’s',
  },
  openAfterMs: 0,
  incidentAfterMs: 1_800_000,
  async find({ db, now }) {
    const before = new Date(now.getTime() - MISSING_MINUTES * 60_000).toISOString()
    const rows =
      await db.many<Row>(sql`select n.id, n.name, n.jurisdiction, n.department_id, x.state->'problem' as problem
      from node n join node_crossing x on x.node_id = n.id
      where n.link <> 'line' and (x.state->'problem'->>'code' = 'refused' or x.state->'problem'->>'since' < ${before})`)
    return rows.map((row) => ({
      subjectKind: 'node',
      subjectId: row.id,
      subjectName: row.name,
      jurisdiction: row.jurisdiction,
      departmentId: row.department_id,
      detail: row.problem.message,
    }))
  },
})
