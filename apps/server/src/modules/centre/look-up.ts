import { createHmac } from 'node:crypto'
import { lookUp } from '@huitong/contract/centre'
import type { ReplyOf } from '@huitong/contract'
import {
  compileGrant,
  emitPostgres,
  fieldsOf,
  maskPostgres,
  momentOf,
  quoteIdentifier,
  viewMask,
  type GrantDocument,
  type Plan,
} from '@huitong/policy'
import { place, refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { query } from '../../kernel/verb.ts'
import { isMissingTable, itemOf, tableOf } from '../exchange/index.ts'
import { partsOf, type PartRow } from './library.ts'

const ROWS_MAX = 100

type Reply = ReplyOf<typeof lookUp>
type Part = Reply['parts'][number]
type Allowed = Extract<Plan, { allowed: true }>

/**
 * One person or one firm, across the landed tables of a library, as far as the grants to the asker's department reach.
 * Masked unless a purpose is stated; every reading is audited with a keyed digest of the number.
 */
export const lookUpVerb = query<typeof lookUp>({
  endpoint: lookUp,
  audit: ({ params, body }, reply) => ({
    objectKind: 'library',
    objectId: params.library,
    detail: {
      subject: reply.subject,
      full: body.full === true,
      purpose: body.purpose ?? null,
      parts: reply.parts.filter((one) => one.refused === null && one.rows.length > 0).map((one) => one.channelId),
    },
  }),
  async run({ db, actor, now, legalNow, services }, { params, body }) {
    const full = body.full === true
    if (full && (body.purpose ?? '').trim() === '')
      refuse('centre.purpose_required', { places: [place('/purpose', '请说明用途', 'state the purpose')] })
    const number = body.number.toUpperCase()
    const rows = await partsOf(db, services.centre.database, params.library)
    const parts: Part[] = []
    for (const row of rows) {
      const use = {
        departmentId: actor.departmentId,
        ...momentOf({ now, legalNow }),
        items: null,
        revoked: row.revoked_at !== null,
      }
      const plan = compileGrant(JSON.parse(row.document) as GrantDocument, use)
      parts.push(plan.allowed ? await readPart(services, row, plan, { number, full }) : refused(row, plan.reason))
    }
    return { library: params.library, subject: subjectOf(services, number), masked: !full, parts }
  },
})

/** The number itself stays out of the audit: whoever knows one can find its readings, nobody can read it back. */
const subjectOf = (services: Services, number: string) =>
  createHmac('sha256', services.secrets.derive('library-subject')).update(number).digest('hex').slice(0, 32)

const headOf = (row: PartRow) => ({
  channelId: row.id,
  datasetId: row.dataset_id,
  datasetName: row.dataset_name,
  providerDepartmentName: row.provider_name,
  landedAt: row.landed_at?.toISOString() ?? null,
})

const refused = (row: PartRow, reason: Part['refused']): Part => ({
  ...headOf(row),
  items: [],
  rows: [],
  more: false,
  refused: reason,
})

async function readPart(
  services: Services,
  row: PartRow,
  plan: Allowed,
  { number, full }: { number: string; full: boolean },
): Promise<Part> {
  const landed = new Map(row.columns.map((column) => [column.item, column.as]))
  const columns = plan.columns.filter((one) => landed.has(one.item))
  const shown = columns.map(({ item, mask }) => {
    const described = itemOf(row, item)
    const hides = full ? null : viewMask({ code: item, name: described.name.zh, personal: described.personal })
    const expression = quoteIdentifier(landed.get(item)!)
    // What the grant masks was masked before it landed.
    return {
      described,
      masked: mask !== null || hides !== null,
      sql: hides ? maskPostgres(hides, expression) : expression,
    }
  })
  const fieldOf = (item: string) => quoteIdentifier(landed.get(item) ?? refuse('platform.internal', { detail: item }))
  // The rows were cut at the source; the filter is held again wherever its items landed too.
  const filter = [...fieldsOf(plan.rows)].every((item) => landed.has(item)) ? emitPostgres(plan.rows, fieldOf) : 'true'
  const text = `select ${shown.map((one) => one.sql).join(', ')} from ${tableOf(row)}
    where ${fieldOf(row.key_item)}::text in ($1, $2) and ${filter} limit ${ROWS_MAX + 1}`
  try {
    const rows = await services.centre.rows(text, [number, number.toLowerCase()])
    return {
      ...headOf(row),
      items: shown.map(({ described, masked }) => ({ code: described.code, name: described.name, masked })),
      rows: rows.slice(0, ROWS_MAX).map((one) => [...one]),
      more: rows.length > ROWS_MAX,
      refused: null,
    }
  } catch (error) {
    if (isMissingTable(error)) return refused(row, 'not_landed')
    throw error
  }
}
