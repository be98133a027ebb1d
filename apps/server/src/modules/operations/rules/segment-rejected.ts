import { sql } from 'kysely'
import { alertRule } from '../alert-rule.ts'

interface Row {
  id: string
  number: string
  jurisdiction: string
  provider_department_id: string
  rejected: number
  sequence: number
}

/** Segments of the generation in force that did not pass verification; a new generation ends it. */
export const segmentRejected = alertRule({
  name: 'segment_rejected',
  words: { zh: '批次核验不通过', en: 'Segment rejected' },
  level: 2,
  advice: {
    zh: '打开交换任务查看被拒批次的原因；源端数据或节点有误时先排除，再重新启动全量',
    en: 'See in the task why the segment was rejected; mend the source or the node, then start a full copy',
  },
  openAfterMs: 0,
  incidentAfterMs: 0,
  async find({ db }) {
    const rows = await db.many<Row>(sql`select c.id, c.number, c.jurisdiction, c.provider_department_id,
        count(*)::int as rejected, min(g.sequence) as sequence
      from channel c join stream s on s.channel_id = c.id and not s.abandoned
        join segment g on g.stream_id = s.id and g.generation = s.generation
      where g.state = 'rejected'
        and s.generation = (select max(generation) from stream n where n.id = s.id and not n.abandoned)
      group by c.id`)
    return rows.map((row) => ({
      subjectKind: 'channel',
      subjectId: row.id,
      subjectName: { zh: row.number },
      jurisdiction: row.jurisdiction,
      departmentId: row.provider_department_id,
      detail: {
        zh: `${row.rejected} 个批次未通过核验，最早的是第 ${row.sequence} 批`,
        en: `${row.rejected} segments did not pass, the first is number ${row.sequence}`,
      },
    }))
  },
})
