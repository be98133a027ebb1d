import { randomUUID } from 'node:crypto'
import { answerCorrection, createCorrection, listCorrections, type CorrectionView } from '@huitong/contract/governance'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { command, query } from '../../kernel/verb.ts'
import { closeObligations, nextNumber, openObligation } from '../catalogue/index.ts'
import { allowedMinutes, remainingMinutes } from '../standards/index.ts'
import { correctionSees, DATASET_NAME, type Names } from './sees.ts'

interface CorrectionRow {
  id: string
  number: string
  dataset_id: string
  dataset_name: Names
  provider_department_id: string
  provider_name: Names
  applicant_department_id: string
  applicant_name: Names
  item: string
  record: string
  reason: string
  state: Static<typeof CorrectionView>['state']
  answer: string | null
  submitted_at: Date
  due_at: Date
  answered_at: Date | null
  version: number
}

const SELECT = sql.raw(`select k.*, ${DATASET_NAME} as dataset_name, p.name as provider_name, a.name as applicant_name
  from correction k join dataset x on x.id = k.dataset_id join department p on p.id = k.provider_department_id
    join department a on a.id = k.applicant_department_id`)

function viewOf(row: CorrectionRow, actor: Person, legalNow: Date): Static<typeof CorrectionView> {
  const at = row.answered_at ?? legalNow
  const isParty = [row.provider_department_id, row.applicant_department_id].includes(actor.departmentId)
  return {
    id: row.id,
    number: row.number,
    datasetId: row.dataset_id,
    datasetName: row.dataset_name,
    providerDepartmentId: row.provider_department_id,
    providerDepartmentName: row.provider_name,
    applicantDepartmentId: row.applicant_department_id,
    applicantDepartmentName: row.applicant_name,
    item: row.item,
    record: isParty ? row.record : null,
    reason: row.reason,
    state: row.state,
    answer: row.answer,
    submittedAt: row.submitted_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    answeredAt: row.answered_at?.toISOString() ?? null,
    overdue: at >= row.due_at,
    remainingMinutes: remainingMinutes(at, row.due_at),
    allowedMinutes: allowedMinutes(row.submitted_at, row.due_at),
    version: row.version,
    mine:
      row.state === 'submitted' &&
      actor.departmentId === row.provider_department_id &&
      actor.permissions.has('correction.answer'),
  }
}

const find = (db: Reader, actor: Person, id: string): Promise<CorrectionRow> =>
  db.one<CorrectionRow>(sql`${SELECT} where k.id = ${id} and ${correctionSees(actor)}`)

/** A user doubts a value: the provider has the legal limit D6 (ten working days) to look and answer. */
export const createCorrectionVerb = command<typeof createCorrection>({
  endpoint: createCorrection,
  audit: ({ body }, reply) => ({
    objectKind: 'correction',
    objectId: reply.id,
    detail: { dataset: body.datasetId, item: body.item },
  }),
  async run({ db, actor, now, legalNow }, { body }) {
    const dataset = await db.one<{ jurisdiction: string; department_id: string; state: string; items: string[] }>(
      sql`select x.jurisdiction, x.department_id, x.state, array(select i->>'code' from dataset_version v,
          jsonb_array_elements(v.content->'items') i where v.dataset_id = x.id and v.number = x.live_version) as items
        from dataset x where x.id = ${body.datasetId}`,
    )
    if (dataset.state !== 'published') refuse('dataset.not_published')
    if (!dataset.items.includes(body.item))
      refuse('request.invalid', { places: [place('/item', '没有这个信息项', 'there is no such item')] })
    const id = randomUUID()
    const due = await openObligation(db, {
      rule: 'D6',
      subjectKind: 'correction',
      subjectId: id,
      debtor: dataset.department_id,
      jurisdiction: dataset.jurisdiction,
      at: legalNow,
    })
    await db.run(sql`insert into correction (id, number, jurisdiction, dataset_id, provider_department_id, applicant_department_id, item,
        record, reason, state, submitted_by, submitted_at, due_at)
      values (${id}, ${await nextNumber(db, 'XH', now)}, ${dataset.jurisdiction}, ${body.datasetId}, ${dataset.department_id},
        ${actor.departmentId}, ${body.item}, ${body.record}, ${body.reason}, 'submitted', ${actor.id}, ${legalNow}, ${due})`)
    return viewOf(await find(db, actor, id), actor, legalNow)
  },
})

/** Applications that the viewer may see, newest first; which record is meant only the two departments see. */
export const listCorrectionsVerb = query<typeof listCorrections>({
  endpoint: listCorrections,
  audit: (_input, reply) => ({
    objectKind: 'correction',
    objectId: 'list',
    detail: { shown: reply.items.filter((one) => one.record !== null).map((one) => one.number) },
  }),
  async run({ db, actor, legalNow }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { state, datasetId } = input.query
    const rows = await db.many<CorrectionRow>(sql`${SELECT} where ${correctionSees(actor)}
      ${datasetId ? sql`and k.dataset_id = ${datasetId}` : sql``}
      ${state === 'submitted' ? sql`and k.state = 'submitted'` : sql``} ${state === 'answered' ? sql`and k.state <> 'submitted'` : sql``}
      ${at.after ? sql`and (date_trunc('milliseconds', k.submitted_at), k.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', k.submitted_at) desc, k.id desc limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [row.submitted_at.toISOString(), row.id],
      (row) => viewOf(row, actor, legalNow),
    )
  },
})

/** Applications that the viewer may answer now. */
export async function correctionsToAnswer(
  db: Reader,
  actor: Person,
  legalNow: Date,
  max: number,
): Promise<Static<typeof CorrectionView>[]> {
  if (!actor.permissions.has('correction.answer')) return []
  const rows = await db.many<CorrectionRow>(sql`${SELECT} where ${correctionSees(actor)}
    and k.provider_department_id = ${actor.departmentId} and k.state = 'submitted' order by k.due_at, k.id limit ${max}`)
  return rows.map((row) => viewOf(row, actor, legalNow))
}

/** The provider answers: corrected at the source, or why not. The legal clock stops. */
export const answerCorrectionVerb = command<typeof answerCorrection>({
  endpoint: answerCorrection,
  audit: ({ params, body }) => ({ objectKind: 'correction', objectId: params.id, detail: { outcome: body.outcome } }),
  async run({ db, actor, legalNow }, { params, body, match }) {
    const row = await find(db, actor, params.id)
    if (row.provider_department_id !== actor.departmentId) refuse('permission.denied')
    if (row.state !== 'submitted') refuse('object.state')
    const moved =
      await db.run(sql`update correction set state = ${body.outcome}, answer = ${body.answer}, answered_by = ${actor.id},
      answered_at = ${legalNow}, version = version + 1 where id = ${row.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    await closeObligations(db, { subjectKind: 'correction', subjectId: row.id, at: legalNow })
    return viewOf(await find(db, actor, row.id), actor, legalNow)
  },
})
