import { sql } from 'kysely'
import { alertRule, platformFinding } from '../alert-rule.ts'

const BEHIND_MS = 60_000
/** Rows become leaves in the order of their commits, nearly that of their numbers. */
const WINDOW_ROWS = 10_000

/** Acts that are not in the evidence ledger yet although it had time. */
export const ledgerBehind = alertRule({
  name: 'ledger_behind',
  words: { zh: '存证滞后', en: 'Ledger behind' },
  level: 1,
  advice: {
    zh: '查看平台日志中存证任务的错误；数据目录不可写是常见原因',
    en: 'See the errors of the ledger’s job in the log; a data folder that cannot be written is the usual cause',
  },
  openAfterMs: 0,
  incidentAfterMs: 0,
  async find(look) {
    const before = new Date(look.now.getTime() - BEHIND_MS)
    const { waiting } = await look.db.one<{ waiting: number }>(sql`select count(*)::int as waiting from (
      select from audit a where a.id > coalesce((select max(audit_id) from audit_leaf), 0) - ${WINDOW_ROWS} and a.at < ${before} and not exists (select from audit_leaf l where l.audit_id = a.id) limit ${WINDOW_ROWS}) w`)
    if (waiting === 0) return []
    return [
      platformFinding(
        look,
        { id: 'ledger', zh: '存证账本', en: 'Evidence ledger' },
        { zh: `${waiting} 条记录超过 1 分钟未入账`, en: `${waiting} entries wait for over a minute` },
      ),
    ]
  },
})
