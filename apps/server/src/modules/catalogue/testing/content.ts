import {
  createDataset,
  createRequest,
  decideRequest,
  reviewDataset,
  signDataset,
  submitDataset,
  updateDataset,
  type DatasetContent,
  type DatasetDetail,
  type RequestContent,
  type RequestDetail,
  type RequestStep,
} from '@huitong/contract/catalogue'
import type { BodyOf } from '@huitong/contract'
import type { Static } from 'typebox'
import type { Account, TestPlatform } from '../../../../../../tests/harness/platform.ts'

type Dataset = Static<typeof DatasetDetail>
type Request = Static<typeof RequestDetail>
type Decision = Omit<BodyOf<typeof decideRequest>, 'step'>

const assessment = (number: string, conclusion: string) => ({ number, on: '2026-03-02', conclusion })

/** A complete entry of the civil affairs department; one item is never shared. */
export const VILLAGES: DatasetContent = {
  name: { zh: '行政村和社区名录', en: 'Villages and communities' },
  summary: { zh: '村民委员会、居民委员会的代码、名称和负责人' },
  classification: '306001',
  format: { class: 'database', type: 'postgresql' },
  updateCycle: 'yearly',
  shareAttribute: 'conditional',
  shareMethods: ['table'],
  useConditions: '仅用于履行法定职责',
  shareScope: '市级各部门',
  shareUse: '基层治理、社会救助和工程建设',
  open: 'closed',
  level: 'general_3',
  secrecyAssessment: assessment('BM-2026-011', '不涉及国家秘密'),
  privacyAssessment: assessment('PIA-2026-007', '风险可控'),
  items: [
    {
      code: 'code',
      name: { zh: '统计用区划代码' },
      type: 'text',
      key: true,
      shareAttribute: 'conditional',
      level: 'general_1',
    },
    { code: 'name', name: { zh: '名称' }, type: 'text', shareAttribute: 'conditional', level: 'general_1' },
    { code: 'province', name: { zh: '省级代码' }, type: 'text', shareAttribute: 'conditional', level: 'general_1' },
    {
      code: 'head_name',
      name: { zh: '负责人姓名' },
      type: 'text',
      shareAttribute: 'conditional',
      level: 'general_2',
      personal: true,
    },
    {
      code: 'head_id',
      name: { zh: '负责人身份证号' },
      type: 'text',
      shareAttribute: 'refused',
      level: 'general_3',
      personal: true,
    },
  ],
}

/** The same entry under another name, so that several can stand in one department. */
export const villages = (zh: string, change: Partial<DatasetContent> = {}): DatasetContent => ({
  ...VILLAGES,
  name: { zh },
  ...change,
})

/** Saves, submits and signs a new entry, or a change of a published one; the authority has it then. */
export async function signedDataset(platform: TestPlatform, content: DatasetContent, of?: Dataset): Promise<Dataset> {
  const officer = await platform.as('civil-officer')
  const head = await platform.as('civil-head')
  const draft = of
    ? await officer.call(updateDataset, { params: { id: of.id }, body: content }, { match: of.version })
    : await officer.call(createDataset, { body: content })
  const params = { id: draft.id }
  const submitted = await officer.call(submitDataset, { params }, { match: draft.version })
  return head.call(signDataset, { params, body: { decision: 'agree' } }, { match: submitted.version })
}

/** Walks the whole way of an entry: officer, head, authority. */
export async function publishDataset(platform: TestPlatform, content: DatasetContent, of?: Dataset): Promise<Dataset> {
  const signed = await signedDataset(platform, content, of)
  const authority = await platform.as('authority')
  const input = { params: { id: signed.id }, body: { decision: 'publish' as const } }
  return authority.call(reviewDataset, input, { match: signed.version })
}

/** What the housing department asks for, complete. */
export const requestFor = (datasetId: string, change: Partial<RequestContent> = {}): RequestContent => ({
  datasetId,
  items: ['code', 'name', 'province', 'head_name'],
  matter: { code: '330100-017-0042', name: '农村危房改造资格确认' },
  purpose: '核对申请人所在村（社区）',
  legalBasis: '《农村危房改造管理办法》第八条',
  scenario: '受理窗口核对',
  scope: '住建局村镇建设处',
  method: 'table',
  from: '2026-01-01',
  until: '2099-12-31',
  declared: true,
  ...change,
})

export async function askFor(platform: TestPlatform, body: RequestContent): Promise<Request> {
  return (await platform.as('works-officer')).call(createRequest, { body })
}

/** Who decides each step in the test city. The centre configures by making a channel, not by a decision. */
export const DECIDES: Readonly<Record<Exclude<RequestStep, 'centre_configure'>, Account>> = {
  head_sign: 'works-head',
  form_check: 'centre',
  authority_accept: 'authority',
  provider_answer: 'civil-officer',
  provider_sign: 'civil-head',
  applicant_confirm: 'works-officer',
}

/** Decides the step at hand, by the person whose turn it is. */
export async function decide(platform: TestPlatform, request: Request, decision: Decision): Promise<Request> {
  const step = request.step as keyof typeof DECIDES
  const person = await platform.as(DECIDES[step])
  const input = { params: { id: request.id }, body: { step, ...decision } }
  return person.call(decideRequest, input, { match: request.version })
}

/** Everybody agrees until the request stands at this step. */
export async function agreeUpTo(platform: TestPlatform, request: Request, step: RequestStep): Promise<Request> {
  let now = request
  while (now.step !== step) now = await decide(platform, now, { decision: 'agree' })
  return now
}

/** Walks a request to its grant; `answer` is what the provider's officer writes. */
export async function grantRequest(
  platform: TestPlatform,
  body: RequestContent,
  answer: Decision = { decision: 'agree' },
): Promise<Request> {
  const asked = await agreeUpTo(platform, await askFor(platform, body), 'provider_answer')
  return decide(platform, await decide(platform, asked, answer), { decision: 'agree' })
}
