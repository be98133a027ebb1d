import { sql } from 'kysely'
import { alertRule } from '../alert-rule.ts'

interface Row {
  id: string
  number: string
  jurisdiction: string
  provider_department_id: string
  rows: string
}

/** Rows of a source that cannot be followed, because their operation or update time is missing or wrong. */
export const rowsHeld = alertRule({
  name: 'rows_held',
  words: { zh: '有行无法增量同步', en: 'Rows that cannot be followed' },
  level: 3,
  advice: {
    zh: '请提供部门补齐前置库中这些行的操作标识和更新时间',
    en: 'The provider sets the operation and the update time of these rows in its front database',
  },
  openAfterMs: 0,
  incidentAfterMs: 60 * 60_000,
  async find({ db }) {
    const rows = await db.many<Row>(sql`select id, number, jurisdiction, provider_department_id, held->>'rows' as rows
      from channel where state = 'following' and (held->>'rows')::numeric > 0`)
    return rows.map((row) => ({
      subjectKind: 'channel',
      subjectId: row.id,
      subjectName: { zh: row.number },
      jurisdiction: row.jurisdiction,
      departmentId: row.provider_department_id,
      detail: { zh: `${row.rows} 行被搁置`, en: `${row.rows} rows are held` },
    }))
  },
})
