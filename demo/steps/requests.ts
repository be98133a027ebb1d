import {
  createRequest,
  decideRequest,
  readRequest,
  type RequestContent,
  type RequestStep,
} from '@huitong/contract/catalogue'
import type { BodyOf } from '@huitong/contract'
import { chinaDay } from '../run/working-days.ts'
import { needed, tally, type PlantedRequest, type World } from '../run/world.ts'

/** Who acts in each step of the chain. */
export const ACTORS: Readonly<Record<RequestStep, string>> = {
  head_sign: 'zhujian-head',
  form_check: 'centre',
  authority_accept: 'bureau-authority',
  provider_answer: 'minzheng-officer',
  provider_sign: 'minzheng-head',
  centre_configure: 'centre',
  applicant_confirm: 'zhujian-officer',
}

type Decision = Omit<BodyOf<typeof decideRequest>, 'step'>

export type Actors = Readonly<Record<RequestStep, string>>

/** The same chain for another applicant or another provider, by the keys of their departments. */
export const actorsOf = (applicant: string, provider: string): Actors => ({
  ...ACTORS,
  head_sign: `${applicant}-head`,
  applicant_confirm: `${applicant}-officer`,
  provider_answer: `${provider}-officer`,
  provider_sign: `${provider}-head`,
})

/** Decides one step as the person whose turn it is; answers the request as that person sees it then. */
export async function decide(world: World, id: string, step: RequestStep, decision: Decision, actors: Actors = ACTORS) {
  const person = await world.as(actors[step])
  const seen = await person.call(readRequest, { params: { id } })
  return person.call(decideRequest, { params: { id }, body: { step, ...decision } }, { match: seen.version })
}

/** The housing bureau asks for items of the dataset, for a province or the whole country, for a year from today. */
export async function ask(
  world: World,
  wanted: Pick<PlantedRequest, 'items' | 'province' | 'masks' | 'table'>,
): Promise<PlantedRequest> {
  const from = chinaDay(new Date())
  const until = chinaDay(new Date(), 364)
  const purpose = '住房保障资格核查中的地址标准化'
  const body: RequestContent = {
    datasetId: needed(world.made.datasetId, 'the dataset'),
    items: [...wanted.items],
    matter: { code: '11330000002482090H4330117002000', name: '公共租赁住房保障资格确认' },
    purpose,
    legalBasis: '《公共租赁住房管理办法》第七条',
    scenario: '申请人地址与村级区划代码比对',
    scope: '住房保障科，不向其他单位提供',
    method: 'table',
    ...(wanted.province === null ? {} : { rowFilter: provinceFilter(wanted.province) }),
    frequency: 'yearly',
    from,
    until,
    declared: true,
  }
  const officer = await world.as('zhujian-officer')
  const made = await officer.call(createRequest, { body })
  tally(world, 'zhujian', 'requests_made', 1)
  return { id: made.id, ...wanted, from, until, purpose }
}

/** A request of a department's officer from today on, for a year by default; answers its id. */
export async function askFor(
  world: World,
  applicant: string,
  wanted: Omit<RequestContent, 'from' | 'until' | 'declared'>,
  until = chinaDay(new Date(), 364),
): Promise<string> {
  const officer = await world.as(`${applicant}-officer`)
  const from = chinaDay(new Date())
  const made = await officer.call(createRequest, { body: { ...wanted, from, until, declared: true } })
  tally(world, applicant, 'requests_made', 1)
  return made.id
}

/** Everybody whose turn it is agrees, up to the step of the centre; answers the grant. */
export async function agreeAll(
  world: World,
  id: string,
  actors: Actors,
  answer: Omit<Decision, 'decision'> = {},
): Promise<string> {
  const officer = await world.as(actors.applicant_confirm)
  let request = await officer.call(readRequest, { params: { id } })
  while (request.step !== null && request.step !== 'centre_configure') {
    const more = request.step === 'provider_answer' ? answer : {}
    await decide(world, id, request.step, { decision: 'agree', ...more }, actors)
    request = await officer.call(readRequest, { params: { id } })
  }
  return needed(request.grantId ?? undefined, 'the grant')
}

/** Rows of one province only, by the two digits of its code. */
export const provinceFilter = (province: string) => ({
  op: 'eq' as const,
  field: 'province_code',
  value: { type: 'text' as const, value: province },
})
