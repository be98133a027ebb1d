import { listObligations, listRequests, readRequest, readTemplate, setTemplate } from '@huitong/contract/catalogue'
import { listHolidays, shiftLegalClock } from '@huitong/contract/standards'
import { deadlineAfter, holidaysOf, makeUpDaysOf } from '../run/working-days.ts'
import { faultsOf, needed, type Outcome, type Step, type World } from '../run/world.ts'
import { ask, decide } from './requests.ts'

export interface RequestFigures {
  chain: string[]
  refused_without_reason: string
  refused_state: string
  refusal_reason: string
  items_asked: string[]
  items_agreed: string[]
  legal_receipt: string
  deadline_expected: string
  deadline: string
  overdue_just_before: boolean
  overdue_just_after: boolean
  overdue_after_moving_back: boolean
  template_refusal: string
  steps_named_undeletable: number
  holidays_2026: number
  make_up_days_2026: number
  calendar_differences: string[]
}

/** 条例 21: ten working days for conditional sharing. */
const ANSWER_WORKING_DAYS = 10
/** The chain of DESIGN 5.2 for conditional sharing, as the demonstration knows it. */
const CHAIN = [
  'head_sign',
  'form_check',
  'authority_accept',
  'provider_answer',
  'provider_sign',
  'centre_configure',
  'applicant_confirm',
] as const
/** Those that the regulation itself asks for: the applicant's head (条例 20), the answer (21), the provider's head (20). */
const LEGAL_STEPS = 3
const REASON = '所附依据未列明使用本数据的条款'
const ITEMS = ['code', 'name', 'street', 'area', 'city', 'province_code', 'province', 'street_code'] as const
const AGREED = ITEMS.filter((one) => one !== 'street_code')
const ALL_ITEMS = [
  'code',
  'name',
  'street_code',
  'street',
  'area_code',
  'area',
  'city_code',
  'city',
  'province_code',
  'province',
] as const

/** One request is refused, one agreed in part, one as a whole; the legal clock is read on the way. */
async function run(world: World): Promise<Outcome<RequestFigures>> {
  const chain = await chainOf(world)
  const refused = await refuseOne(world)
  const clock = await watchClock(world, refused.id)
  await finishRefusal(world, refused.id)
  const ended = await (await world.as('zhujian-officer')).call(readRequest, { params: { id: refused.id } })
  const agreed = await agreeInPart(world)
  await agreeWhole(world)
  const calendar = await compareCalendar(world)
  const figures: RequestFigures = {
    ...chain,
    refused_without_reason: refused.code,
    refused_state: ended.state,
    refusal_reason: ended.steps.find((one) => one.step === 'provider_answer')?.reason ?? '',
    items_asked: [...ITEMS],
    items_agreed: agreed,
    ...clock,
    ...calendar,
  }
  const faults = faultsOf({
    'the chain has the seven steps in their order': figures.chain.join() === CHAIN.join(),
    'the steps of the regulation cannot be removed':
      figures.template_refusal === 'request.step_required' && figures.steps_named_undeletable === LEGAL_STEPS,
    'a refusal without a reason is refused': refused.code === 'request.reason_required',
    'a refusal with its reason ends the request':
      figures.refused_state === 'refused' && figures.refusal_reason === REASON,
    'exactly the items agreed to are answered': [...agreed].sort().join() === [...AGREED].sort().join(),
    'the deadline is the end of the tenth working day': figures.deadline === figures.deadline_expected,
    'it is not overdue a minute before': !figures.overdue_just_before,
    'it is overdue a minute after': figures.overdue_just_after,
    'it is not overdue when legal time is moved back': !figures.overdue_after_moving_back,
    'the calendar of 2026 is the State Council’s': figures.calendar_differences.length === 0,
  })
  return { figures, faults }
}

async function chainOf(world: World) {
  const authority = await world.as('bureau-authority')
  const params = { attribute: 'conditional' as const }
  const template = await authority.call(readTemplate, { params })
  const steps: ('form_check' | 'authority_accept' | 'centre_configure' | 'applicant_confirm')[] = ['form_check']
  const refusal = await authority.refusal(setTemplate, { params, body: { steps } }, { match: template.version })
  return {
    chain: template.steps.map((one) => one.step),
    template_refusal: refusal.code,
    steps_named_undeletable: refusal.places.length,
  }
}

/** Up to the provider, who tries to refuse without saying why. */
async function refuseOne(world: World): Promise<{ id: string; code: string }> {
  const { id } = await ask(world, { items: ['code', 'name'], province: null, masks: [], table: '' })
  world.made.refusedRequestId = id
  await decide(world, id, 'head_sign', { decision: 'agree' })
  await decide(world, id, 'form_check', { decision: 'agree' })
  const refusal = await decide(world, id, 'authority_accept', { decision: 'agree' })
    .then(() => decide(world, id, 'provider_answer', { decision: 'refuse' }))
    .then(
      () => null,
      (error: Error & { code?: string }) => error,
    )
  return { id, code: refusal?.code ?? 'accepted' }
}

async function finishRefusal(world: World, id: string): Promise<void> {
  await decide(world, id, 'provider_answer', { decision: 'refuse', reason: REASON })
  await decide(world, id, 'provider_sign', { decision: 'agree' })
}

/** Moves legal time to both sides of the deadline and back. */
async function watchClock(world: World, id: string) {
  const centre = await world.as('centre')
  const officer = await world.as('minzheng-officer')
  if (world.sabotage === 'request')
    await world.platformSql.rows(`update obligation set due_at = due_at + interval '1 day' where subject_id = $1`, [id])
  const request = await officer.call(readRequest, { params: { id } })
  const duty = needed(request.deadline ?? undefined, 'the deadline of the answer')
  const receipt = new Date(duty.startedAt)
  const expected = deadlineAfter(receipt, ANSWER_WORKING_DAYS)
  const lookAt = async (moment: Date | null): Promise<boolean> => {
    const now = new Date()
    const offsetSeconds = moment === null ? 0 : Math.round((moment.getTime() - now.getTime()) / 1000)
    await centre.call(shiftLegalClock, { body: { offsetSeconds } })
    const seen = await officer.call(readRequest, { params: { id } })
    const listed = await officer.call(listRequests, { query: { box: 'overdue' } })
    const owed = await officer.call(listObligations, { query: { state: 'overdue' } })
    const everywhere = [
      seen.deadline?.overdue === true,
      listed.items.some((one) => one.id === id),
      owed.items.some((one) => one.subjectId === id),
    ]
    if (new Set(everywhere).size > 1) throw new Error(`overdue here, not there: ${everywhere.join(', ')}`)
    return everywhere[0]!
  }
  try {
    return {
      legal_receipt: receipt.toISOString(),
      deadline_expected: expected.toISOString(),
      deadline: duty.dueAt,
      overdue_just_before: await lookAt(new Date(expected.getTime() - 60_000)),
      overdue_just_after: await lookAt(new Date(expected.getTime() + 60_000)),
      overdue_after_moving_back: await lookAt(null),
    }
  } finally {
    await centre.call(shiftLegalClock, { body: { offsetSeconds: 0 } })
  }
}

/** Only the rows of one province, without one of the items, one of them masked. */
async function agreeInPart(world: World): Promise<string[]> {
  const province = world.platform.city.province.code.slice(0, 2)
  const masks = [{ item: 'street', mask: 'name' as const }]
  const table = world.round === 1 ? 'village_province' : `village_province_${world.round}`
  const request = await ask(world, { items: ITEMS, province, masks, table })
  const answered = await answer(world, request.id, { items: [...AGREED], masks })
  world.made.provinceRequest = { ...request, items: AGREED }
  return answered
}

async function agreeWhole(world: World): Promise<void> {
  const table = world.round === 1 ? 'village' : `village_${world.round}`
  const request = await ask(world, { items: ALL_ITEMS, province: null, masks: [], table })
  await answer(world, request.id, {})
  world.made.wholeRequest = request
}

async function answer(
  world: World,
  id: string,
  given: { items?: string[]; masks?: { item: string; mask: 'name' }[] },
): Promise<string[]> {
  await decide(world, id, 'head_sign', { decision: 'agree' })
  await decide(world, id, 'form_check', { decision: 'agree' })
  await decide(world, id, 'authority_accept', { decision: 'agree' })
  await decide(world, id, 'provider_answer', { decision: 'agree', ...given })
  const signed = await decide(world, id, 'provider_sign', { decision: 'agree' })
  return signed.answeredItems ?? []
}

async function compareCalendar(world: World) {
  const officer = await world.as('zhujian-officer')
  const calendar = await officer.call(listHolidays, { params: { year: '2026' } })
  const own = { holidays: holidaysOf(2026), makeUp: makeUpDaysOf(2026) }
  const differences = (mine: readonly string[], theirs: readonly string[]) =>
    [...mine.filter((day) => !theirs.includes(day)), ...theirs.filter((day) => !mine.includes(day))].sort()
  return {
    holidays_2026: own.holidays.length,
    make_up_days_2026: own.makeUp.length,
    calendar_differences: [
      ...differences(
        own.holidays,
        calendar.holidays.map((one) => one.day),
      ),
      ...differences(
        own.makeUp,
        calendar.makeUpDays.map((one) => one.day),
      ),
    ],
  }
}

export const request: Step<RequestFigures> = { number: 4, name: 'request', run }
