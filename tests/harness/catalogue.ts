import type { ReplyOf } from '@huitong/contract'
import {
  createDataset,
  createRequest,
  decideRequest,
  readDataset,
  readRequest,
  reviewDataset,
  signDataset,
  submitDataset,
  type DatasetContent,
  type RequestContent,
  type RequestStep,
} from '@huitong/contract/catalogue'
import type { Account, TestPlatform } from './platform.ts'

export type Dataset = ReplyOf<typeof readDataset>
export type Request = ReplyOf<typeof readRequest>

let made = 0

/** An item of text that may be shared on conditions. */
export const textItem = (code: string, zh = code) =>
  ({ code, name: { zh }, type: 'text', shareAttribute: 'conditional', level: 'general_2', nullable: true }) as const

/** A complete entry with a name of its own: four items, conditional sharing. */
export function completeContent(over: Partial<DatasetContent> = {}): DatasetContent {
  return {
    name: { zh: `村（居）委会名录 ${++made}` },
    summary: { zh: '全市村（居）委会名称和代码' },
    classification: '306001',
    format: { class: 'database', type: 'postgresql' },
    updateCycle: 'monthly',
    shareAttribute: 'conditional',
    shareMethods: ['table'],
    useConditions: '仅用于申请时说明的事项',
    shareScope: '市级部门',
    shareUse: '业务办理核验',
    open: 'closed',
    level: 'general_2',
    secrecyAssessment: { number: 'BM-2026-001', on: '2026-03-02', conclusion: '不涉密' },
    privacyAssessment: { number: 'PIA-2026-001', on: '2026-03-02', conclusion: '不含敏感个人信息' },
    items: [
      { ...textItem('code', '代码'), key: true, nullable: false },
      textItem('name', '名称'),
      textItem('province_code', '省级代码'),
      textItem('phone', '联系电话'),
    ],
    ...over,
  }
}

export async function createDraft(
  platform: TestPlatform,
  content: DatasetContent = completeContent(),
  by: Account = 'civil-officer',
): Promise<Dataset> {
  return (await platform.as(by)).call(createDataset, { body: content })
}

/** Submits and signs what is pending; it then waits for the authority. */
export async function sign(
  platform: TestPlatform,
  id: string,
  officer: Account = 'civil-officer',
  head: Account = 'civil-head',
): Promise<Dataset> {
  const params = { id }
  const byOfficer = await platform.as(officer)
  const before = await byOfficer.call(readDataset, { params })
  const submitted = await byOfficer.call(submitDataset, { params }, { match: before.version })
  const byHead = await platform.as(head)
  return byHead.call(signDataset, { params, body: { decision: 'agree' } }, { match: submitted.version })
}

/** An entry on its whole way: compiled, submitted, signed, published. */
export async function publish(platform: TestPlatform, content = completeContent()): Promise<Dataset> {
  const draft = await createDraft(platform, content)
  return review(platform, draft.id)
}

/** Signs what is pending of an entry and publishes it. */
export async function review(platform: TestPlatform, id: string): Promise<Dataset> {
  const signed = await sign(platform, id)
  const authority = await platform.as('authority')
  return authority.call(reviewDataset, { params: { id }, body: { decision: 'publish' } }, { match: signed.version })
}

export function requestContent(dataset: { id: string }, over: Partial<RequestContent> = {}): RequestContent {
  return {
    datasetId: dataset.id,
    items: ['code', 'name', 'province_code'],
    matter: { code: '330117001000', name: '房屋租赁备案' },
    purpose: '核验房屋坐落所属村（居）',
    legalBasis: '《浙江省房屋租赁管理办法》第九条',
    scenario: '窗口受理时核验',
    scope: '住建局租赁管理处',
    method: 'table',
    from: '2020-01-01',
    until: '2099-12-31',
    declared: true,
    ...over,
  }
}

export async function makeRequest(
  platform: TestPlatform,
  dataset: { id: string },
  over: Partial<RequestContent> = {},
): Promise<Request> {
  return (await platform.as('works-officer')).call(createRequest, { body: requestContent(dataset, over) })
}

/** Who decides which step in the test city. */
export const DECIDER: Record<RequestStep, Account> = {
  head_sign: 'works-head',
  form_check: 'centre',
  authority_accept: 'authority',
  provider_answer: 'civil-officer',
  provider_sign: 'civil-head',
  centre_configure: 'centre',
  applicant_confirm: 'works-officer',
}

export async function readAs(platform: TestPlatform, account: Account, id: string): Promise<Request> {
  return (await platform.as(account)).call(readRequest, { params: { id } })
}

/** Decides the step at hand as the one whose turn it is. */
export async function decide(
  platform: TestPlatform,
  id: string,
  step: RequestStep,
  over: {
    decision?: 'agree' | 'refuse' | 'return'
    reason?: string
    items?: string[]
    rowFilter?: RequestContent['rowFilter']
    masks?: { item: string; mask: 'name' | 'id_number' | 'phone' | 'last4' | 'year' | 'null' }[]
    rowsPerDayMax?: number
    by?: Account
  } = {},
): Promise<Request> {
  const { by = DECIDER[step], rowFilter, ...rest } = over
  const client = await platform.as(by)
  const { version } = await client.call(readRequest, { params: { id } })
  const body = { step, decision: 'agree' as const, ...rest, ...(rowFilter ? { rowFilter } : {}) }
  return client.call(decideRequest, { params: { id }, body }, { match: version })
}

/** Agrees to every step before `until`. */
export async function walkTo(platform: TestPlatform, request: Request, until: RequestStep): Promise<Request> {
  let current = request
  while (current.step !== until) {
    if (current.step === null || current.step === 'centre_configure')
      throw new Error(`cannot walk on at ${current.step}`)
    current = await decide(platform, request.id, current.step)
  }
  return current
}
