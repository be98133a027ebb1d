import { setFrontPolicy } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { requireRule } from '../catalogue/index.ts'
import { frontMarks, markedTableOf } from './read-front-marks.ts'

/** When rows that were taken, and that their department has marked as deleted, are removed from its push table. */
export const setFrontPolicyVerb = command<typeof setFrontPolicy>({
  endpoint: setFrontPolicy,
  audit: ({ params, body }) => ({
    objectKind: 'dataset',
    objectId: params.id,
    detail: { cleanAfterDays: body.cleanAfterDays },
  }),
  async run({ db, actor, now, wake }, { params, body, match }) {
    await requireRule(db, actor, params.id, 'mount')
    const table = await markedTableOf(db, params.id)
    if (table === null)
      refuse('object.state', {
        places: [
          place(
            '',
            '挂接的库表没有交换标记字段，或不在前置库中',
            'the mounted table has no exchange mark, or is in no front database',
          ),
        ],
      })
    if (body.cleanAfterDays !== null && table.convention.operation === null)
      refuse('object.state', {
        places: [
          place(
            '/cleanAfterDays',
            '未登记操作标识字段，无法判断哪些行已删除',
            'without an operation nothing tells which rows are deleted',
          ),
        ],
      })
    const moved = await db.run(sql`insert into front_table as f
        (distribution_id, jurisdiction, department_id, table_id, clean_after_days, next_at, version)
      select ${table.id}, ${table.jurisdiction}, ${table.department_id}, ${table.table_id}, ${body.cleanAfterDays}::integer, ${now}, 2
      where ${match} = 1 or exists (select from front_table where distribution_id = ${table.id})
      on conflict (distribution_id) do update set clean_after_days = excluded.clean_after_days, cleaned_at = null, next_at = ${now},
        version = f.version + 1 where f.version = ${match}`)
    if (moved === 0) refuse('object.changed')
    await wake('job:mark-front-tables')
    return { front: await frontMarks(db, params.id) }
  },
})
