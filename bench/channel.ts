import { setTimeout as sleep } from 'node:timers/promises'
import {
  createDataset,
  createRequest,
  decideRequest,
  readDataset,
  readRequest,
  reviewDataset,
  signDataset,
  submitDataset,
  updateDataset,
  type DatasetContent,
} from '@huitong/contract/catalogue'
import { draftFromTable, mountDataset } from '@huitong/contract/curation'
import { createChannel, readChannel, startChannel } from '@huitong/contract/exchange'
import { discoverSource, listSources, listTables } from '@huitong/contract/nodes'
import type { BodyOf } from '@huitong/contract'
import type { BenchPlatform } from './platform.ts'

/** 事项 under which everything here is asked for. */
export const BENCH_MATTER = 'BENCH-1'
const WAIT_MS_MAX = 600_000
const LOOK_AGAIN_MS = 100

/** Brings a table of the civil affairs front database all the way to a channel that is ready to run; answers its id. */
export async function readyChannel(
  platform: BenchPlatform,
  table: string,
  targetTable: string,
  mode: 'full' | 'log' = 'full',
): Promise<string> {
  return (await channelTo(platform, 'zhujian', table, targetTable, mode)).channelId
}

/** The same for a department that receives, by its key: the housing bureau, or the data centre itself. */
export async function channelTo(
  platform: BenchPlatform,
  consumer: string,
  table: string,
  targetTable: string,
  mode: 'full' | 'log' = 'full',
): Promise<{ datasetId: string; channelId: string }> {
  const datasetId = await publish(platform, await discovered(platform, table), table)
  const { requestId, grantId } = await granted(platform, datasetId, { applicant: consumer, method: 'table' })
  const centre = await platform.as('centre')
  const officer = await platform.as(`${consumer}-officer`)
  const sources = await officer.call(listSources, { query: { limit: '200' } })
  const target = sources.items.find((one) => one.usage === 'receive')!
  const channel = await centre.call(createChannel, { body: { grantId, targetSourceId: target.id, targetTable, mode } })
  await decide(platform, requestId, 'applicant_confirm', `${consumer}-officer`)
  const ready = async () => (await centre.call(readChannel, { params: { id: channel.id } })).state === 'ready'
  await until(ready, 'the channel is ready')
  return { datasetId, channelId: channel.id }
}

/** Runs a channel once; seconds from the command to the moment at which the platform says that it is complete. */
export async function runChannel(platform: BenchPlatform, id: string): Promise<number> {
  const centre = await platform.as('centre')
  const before = await centre.call(readChannel, { params: { id } })
  const begun = performance.now()
  await centre.call(startChannel, { params: { id } }, { match: before.version })
  for (;;) {
    const channel = await centre.call(readChannel, { params: { id } })
    if (channel.state === 'completed') return (performance.now() - begun) / 1000
    if (channel.state !== 'running')
      throw new Error(`the channel is ${channel.state}: ${JSON.stringify(channel.problem)}`)
    if (performance.now() - begun > WAIT_MS_MAX) throw new Error('the channel did not end')
    await sleep(LOOK_AGAIN_MS)
  }
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 60_000
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`)
    await sleep(100)
  }
}

async function discovered(platform: BenchPlatform, table: string): Promise<string> {
  const officer = await platform.as('minzheng-officer')
  const { items } = await officer.call(listSources, { query: { limit: '200' } })
  const source = items.find((one) => one.usage === 'provide')!
  await officer.call(discoverSource, { params: { id: source.id } })
  let id: string | undefined
  await until(async () => {
    const tables = await officer.call(listTables, { params: { id: source.id }, query: { limit: '200' } })
    id = tables.items.find((one) => one.name === table)?.id
    return id !== undefined
  }, `table ${table} is discovered`)
  return id!
}

async function publish(platform: BenchPlatform, tableId: string, name: string): Promise<string> {
  const officer = await platform.as('minzheng-officer')
  const { content, mapping } = await officer.call(draftFromTable, { body: { tableId } })
  const complete: DatasetContent = {
    ...content,
    name: { zh: `${content.name.zh}（${name}）` },
    summary: { zh: '速度测量用表' },
    classification: '306001',
    format: { class: 'database', type: 'postgresql' },
    updateCycle: 'yearly',
    shareAttribute: 'unconditional',
    shareMethods: ['table', 'service'],
    useConditions: '政府部门履职使用',
    level: 'general_1',
    open: 'closed',
    secrecyAssessment: { number: 'BM-1', on: '2026-01-05', conclusion: '不涉密' },
    privacyAssessment: { number: 'GR-1', on: '2026-01-05', conclusion: '不含个人信息' },
    items: (content.items ?? []).map((item) => ({ ...item, shareAttribute: 'unconditional', level: 'general_1' })),
  }
  const draft = await officer.call(createDataset, { body: complete })
  const params = { id: draft.id }
  const saved = await officer.call(updateDataset, { params, body: complete }, { match: draft.version })
  const submitted = await officer.call(submitDataset, { params }, { match: saved.version })
  const signed = await (
    await platform.as('minzheng-head')
  ).call(signDataset, { params, body: { decision: 'agree' } }, { match: submitted.version })
  await (
    await platform.as('bureau-authority')
  ).call(reviewDataset, { params, body: { decision: 'publish' } }, { match: signed.version })
  await officer.call(mountDataset, { params, body: { tableId, mapping } })
  return draft.id
}

type Answer = Pick<BodyOf<typeof decideRequest>, 'masks'>

/** A department asks for all items and everybody agrees, up to the step of the centre. */
export async function granted(
  platform: BenchPlatform,
  datasetId: string,
  given: { applicant: string; method: 'table' | 'service' } & Answer,
): Promise<{ requestId: string; grantId: string }> {
  const { applicant: key, method, ...answer } = given
  const applicant = await platform.as(`${key}-officer`)
  const dataset = await applicant.call(readDataset, { params: { id: datasetId } })
  const request = await applicant.call(createRequest, {
    body: {
      datasetId,
      items: (dataset.content.items ?? []).map((item) => item.code),
      matter: { code: BENCH_MATTER, name: '速度测量' },
      purpose: '测量交换速度',
      legalBasis: '测试',
      scenario: '测试',
      scope: '本部门',
      method,
      from: '2026-01-01',
      until: '2030-12-31',
      declared: true,
    },
  })
  await decide(platform, request.id, 'head_sign', `${key}-head`)
  await decide(platform, request.id, 'form_check', 'centre')
  await decide(platform, request.id, 'provider_answer', 'minzheng-officer', answer)
  const answered = await decide(platform, request.id, 'provider_sign', 'minzheng-head')
  return { requestId: request.id, grantId: answered.grantId! }
}

type Step = 'head_sign' | 'form_check' | 'provider_answer' | 'provider_sign' | 'applicant_confirm'

async function decide(platform: BenchPlatform, id: string, step: Step, account: string, more: Answer = {}) {
  const client = await platform.as(account)
  let version = 0
  await until(async () => {
    const now = await client.call(readRequest, { params: { id } })
    version = now.version
    return now.step === step
  }, `the request is at ${step}`)
  return client.call(decideRequest, { params: { id }, body: { step, decision: 'agree', ...more } }, { match: version })
}
