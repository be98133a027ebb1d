import { randomUUID } from 'node:crypto'
import { checkCreditCode } from '@huitong/codes'
import { createDepartment } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { readDepartmentView } from './views.ts'

/** Founds a department. The credit code must have the form of GB 32100; a wrong check character is allowed, because real codes fail it. */
export const createDepartmentVerb = command<typeof createDepartment>({
  endpoint: createDepartment,
  audit: (_input, reply) => ({
    objectKind: 'department',
    objectId: reply.id,
    detail: { creditCode: reply.creditCode },
  }),
  async run({ db, actor }, { body }) {
    if (checkCreditCode(body.creditCode).status === 'invalid')
      refuse('request.invalid', {
        places: [place('/creditCode', '统一社会信用代码不正确', 'not a valid unified social credit code')],
      })
    const region = await db.maybe(sql`select 1 from region where code = ${body.division} and valid_to is null`)
    if (!region)
      refuse('request.invalid', {
        places: [place('/division', '行政区划代码不存在或已撤销', 'no such division in force')],
      })
    const taken = await db.maybe(
      sql`select 1 from department where credit_code = ${body.creditCode} and valid_to is null`,
    )
    if (taken)
      refuse('object.exists', { places: [place('/creditCode', '该统一社会信用代码已登记', 'already registered')] })
    if (body.parentId) await db.one(sql`select 1 from department where id = ${body.parentId} and valid_to is null`)
    const id = randomUUID()
    await db.run(sql`insert into department (id, jurisdiction, division, name, credit_code, parent_id, kind, valid_from)
      values (${id}, ${actor.jurisdiction}, ${body.division}, ${JSON.stringify(body.name)}, ${body.creditCode},
        ${body.parentId ?? null}, ${body.kind}, ${body.validFrom})`)
    return readDepartmentView(db, id)
  },
})
