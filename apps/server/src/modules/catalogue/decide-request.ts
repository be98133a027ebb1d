import { decideRequest, type RequestStep } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command, type CommandContext, type Input } from '../../kernel/verb.ts'
import { filterPlaces, isOver } from './create-request.ts'
import { issueGrant } from './issue-grant.ts'
import { closeObligations, openObligation } from './obligations.ts'
import { STEPS } from './request-steps.ts'
import {
  findRequest,
  requestDetail,
  SAME_PERSON,
  stepVerdict,
  type RequestRow,
  type StoredAnswer,
} from './request-view.ts'

type Context = CommandContext<typeof decideRequest>
type Given = Input<typeof decideRequest>

/** Decides the step at hand of a request; what follows (next step, grant, deadlines) happens in the same transaction. */
export const decideRequestVerb = command<typeof decideRequest>({
  endpoint: decideRequest,
  audit: ({ params, body }, reply) => ({
    objectKind: 'request',
    objectId: params.id,
    detail: { step: body.step, decision: body.decision, state: reply.state, grant: reply.grantId },
  }),
  async run(context, given) {
    const { db, actor, legalNow } = context
    const row = await findRequest(db, actor, given.params.id)
    requireTurn(row, context, given)
    const moved = await db.run(sql`update access_request set version = version + 1, updated_at = ${context.now}
      where id = ${row.id} and version = ${given.match}`)
    if (moved === 0) refuse('object.changed')
    await db.run(sql`insert into request_decision (request_id, step, decision, reason, detail, person_id, department_id, at, legal_at)
      values (${row.id}, ${given.body.step}, ${given.body.decision}, ${given.body.reason ?? null},
        ${JSON.stringify({ items: given.body.items ?? null, rowFilter: given.body.rowFilter ?? null, masks: given.body.masks ?? [] })},
        ${actor.id}, ${actor.departmentId}, ${context.now}, ${legalNow})`)
    await move(context, row, given)
    return requestDetail(db, actor, row.id, legalNow)
  },
})

function requireTurn(row: RequestRow, { actor, now, legalNow }: Context, { body }: Given): void {
  if (row.step !== body.step || row.state !== 'running')
    refuse('object.state', { detail: `at ${row.step ?? row.state}` })
  const verdict = stepVerdict(row, actor)
  if (verdict === SAME_PERSON) refuse('request.same_person')
  if (verdict !== null) refuse('permission.denied')
  if (!STEPS[body.step].decisions.includes(body.decision))
    refuse('object.state', { places: [place('/decision', '此环节不能作出该决定', 'not a decision of this step')] })
  if (body.decision !== 'agree' && !body.reason)
    refuse('request.reason_required', { places: [place('/reason', '必须说明理由', 'say why')] })
  // Nobody signs for a period that is over: it is returned, or refused.
  const signs = body.step === 'head_sign' || (body.step === 'provider_sign' && row.answer?.decision === 'agree')
  if (signs && body.decision === 'agree' && isOver(row.content, { now, legalNow }))
    refuse('object.state', {
      places: [place('/decision', '申请的截止日期已过，请退回补正', 'the period asked for is over: return it')],
    })
}

async function move(context: Context, row: RequestRow, given: Given): Promise<void> {
  const { step, decision } = given.body
  if (step === 'provider_answer' && decision !== 'return') await keepAnswer(context, row, given)
  else if (step === 'provider_sign' && decision === 'return') await goTo(context, row, 'provider_answer')
  else if (step === 'provider_sign') await concludeAnswer(context, row)
  else if (decision === 'refuse') await end(context, row, 'refused')
  else if (step === 'applicant_confirm' && decision === 'return') await backToCentre(context, row)
  else if (decision === 'return') await returnToApplicant(context, row)
  else await goTo(context, row, nextStep(row, step))
}

const nextStep = (row: RequestRow, step: RequestStep): RequestStep | null =>
  row.steps[row.steps.indexOf(step) + 1] ?? null

/** Moves to a step; after the last one the request is done. Reaching the provider starts its legal clock (D3 or D4). */
export async function goTo(
  context: Pick<Context, 'db' | 'legalNow' | 'emit'>,
  row: RequestRow,
  step: RequestStep | null,
): Promise<void> {
  const { db, emit, legalNow } = context
  const state = step === null ? 'done' : 'running'
  const first = step === 'provider_answer' && !row.reached_provider
  await db.run(sql`update access_request set step = ${step}, state = ${state},
    reached_provider = reached_provider or ${step === 'provider_answer'} where id = ${row.id}`)
  if (first)
    await openObligation(db, {
      rule: row.share_attribute === 'unconditional' ? 'D3' : 'D4',
      subjectKind: 'request',
      subjectId: row.id,
      debtor: row.provider_department_id,
      jurisdiction: row.jurisdiction,
      at: legalNow,
    })
  await emit('request.stepped', { requestId: row.id, step, state })
}

/** What was delivered is not what was granted: the centre configures anew. The request itself was answered and stays. */
async function backToCentre(context: Context, row: RequestRow): Promise<void> {
  if (!row.steps.includes('centre_configure')) refuse('object.state', { detail: 'the chain has no configuration' })
  await goTo(context, row, 'centre_configure')
}

/** The applicant supplements. The provider's clock runs on: the regulation lets nothing stop it, and a return must not renew it. */
async function returnToApplicant({ db, emit }: Context, row: RequestRow): Promise<void> {
  await db.run(sql`update access_request set state = 'supplement' where id = ${row.id}`)
  await emit('request.stepped', { requestId: row.id, step: row.step, state: 'supplement' })
}

async function end({ db, emit, legalNow }: Context, row: RequestRow, state: 'refused'): Promise<void> {
  await db.run(sql`update access_request set state = ${state}, step = null where id = ${row.id}`)
  await closeObligations(db, { subjectKind: 'request', subjectId: row.id, at: legalNow, rule: ['D3', 'D4'] })
  await emit('request.stepped', { requestId: row.id, step: null, state })
}

/** The officer's answer waits for the head's signature (条例 20); agreement may be for some items only. */
async function keepAnswer(context: Context, row: RequestRow, { body }: Given): Promise<void> {
  const asked = new Set(row.content.items)
  const items = body.items ?? row.content.items
  const foreign = items.flatMap((item, index) =>
    asked.has(item) ? [] : [place(`/items/${index}`, '不在申请之内', 'not asked for')],
  )
  if (foreign.length > 0) refuse('request.item_refused', { places: foreign })
  const masks = body.masks ?? []
  const badMasks = masks.flatMap((one, index) =>
    !items.includes(one.item)
      ? [place(`/masks/${index}/item`, '不在同意之内', 'not agreed')]
      : masks.findIndex((other) => other.item === one.item) < index
        ? [place(`/masks/${index}/item`, '同一信息项只能有一种脱敏方式', 'masked twice')]
        : [],
  )
  const places = [...badMasks, ...filterPlaces(body.rowFilter, await itemsOf(context, row))]
  if (places.length > 0) refuse('request.invalid', { places })
  const answer: StoredAnswer = {
    decision: body.decision === 'agree' ? 'agree' : 'refuse',
    reason: body.reason ?? null,
    items,
    rowFilter: body.rowFilter ?? null,
    masks,
    rowsPerDayMax: body.rowsPerDayMax ?? null,
    by: context.actor.id,
  }
  await context.db.run(sql`update access_request set answer = ${JSON.stringify(answer)} where id = ${row.id}`)
  await goTo(context, row, 'provider_sign')
}

async function itemsOf({ db }: Context, row: RequestRow): Promise<Set<string>> {
  const rows = await db.many<{ code: string }>(sql`select code from data_item
    where dataset_id = ${row.dataset_id} and dataset_version = ${row.dataset_version}`)
  return new Set(rows.map((one) => one.code))
}

/** The head's signature makes the answer: a refusal ends the request, an agreement becomes a grant and starts D5. */
async function concludeAnswer(context: Context, row: RequestRow): Promise<void> {
  const { db, legalNow } = context
  const answer = row.answer ?? refuse('object.state', { detail: 'no answer to sign' })
  if (answer.decision === 'refuse') return end(context, row, 'refused')
  await closeObligations(db, { subjectKind: 'request', subjectId: row.id, at: legalNow, rule: ['D3', 'D4'] })
  await db.run(sql`update access_request set answered_items = ${[...answer.items]}::text[] where id = ${row.id}`)
  await issueGrant(context, row, answer)
  await openObligation(db, {
    rule: 'D5',
    subjectKind: 'request',
    subjectId: row.id,
    debtor: row.provider_department_id,
    jurisdiction: row.jurisdiction,
    at: legalNow,
  })
  await goTo(context, row, nextStep(row, 'provider_sign'))
}
