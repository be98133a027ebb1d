import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { issueStatement } from '@huitong/contract/exchange'
import { reviewDataset } from '@huitong/contract/catalogue'
import { listCodeSets, listDataElements } from '@huitong/contract/data-standards'
import { listNodes } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, test, vi } from 'vitest'
import { SYSTEM_ROWS } from '../../apps/server/src/kernel/db.ts'
import { plantIncident } from '../../apps/server/src/modules/operations/testing/incidents.ts'
import { UPLOADS } from '../../apps/web/src/pages/nodes/uploads-words.ts'
import { completeContent, createDraft, decide, makeRequest } from '../harness/catalogue.ts'
import { newestEntry } from '../harness/evidence.ts'
import { callService, credential, serve } from '../harness/gateway.ts'
import { added, findChanged, without } from '../harness/drift.ts'
import {
  channelIn,
  grantTo,
  type Ground,
  prepareGround,
  publishMounted,
  readyChannel,
  startRun,
} from '../harness/exchange.ts'
import { addUploadSource, uploadWhole } from '../harness/uploads.ts'
import { eventually } from '../harness/guards.ts'
import { usePlatform, type Account, type TestPlatform } from '../harness/platform.ts'
import { buildPages, hasChromium, openBrowser } from './browser.ts'
import { useEyes, type Heading } from './eyes.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })
const canRun = hasChromium()
const DRAFT = { zh: '社区服务设施', en: 'Community facilities' }
const NAME = { zh: '村（居）委会名录', en: 'Villages and communities' }

const CHANNEL = { zh: `${NAME.zh} → 住房和城乡建设局`, en: `${NAME.en} → 住房和城乡建设局` }

const SERVICE = { zh: '人口基本信息查询', en: '人口基本信息查询' }

const INCIDENT = { zh: '节点失联 · 民政局', en: 'Node silent · 民政局' }

const BINDINGS = { zh: `信息项落标：${NAME.zh}`, en: `Bound items: ${NAME.en}` }
const ELEMENT = { zh: '公民身份号码', en: 'Citizen identification number' }
const CODE_SET = { zh: '个人基本信息分类与代码 第1部分：人的性别代码', en: 'Human sexes' }

/** An address with the thing in it that the city has. */
type Address = (made: Made) => string
interface Made {
  published: string
  draft: string
  request: string
  returned: string
  grant: string
  channel: string
  /** A channel that holds because its table has changed. */
  changed: string
  statement: string
  source: string
  uploads: string
  entry: string
  incident: string
  service: string
  element: string
  codeSet: string
}
const PAGES: readonly (readonly [Account | null, string | Address, Heading])[] = [
  [null, '/login', 'login.title'],
  [null, '/setup', 'setup.title'],
  ['civil-officer', '/', 'home.title'],
  ['civil-officer', '/account/password', 'shell.password'],
  ['authority', '/search', 'search.title'],
  ['works-officer', '/search?q=没有这样的目录', 'search.title'],
  ['civil-officer', '/search?q=社区&share=conditional', 'search.title'],
  ['authority', '/datasets', 'datasets.title'],
  ['civil-officer', '/datasets?mine=true', 'datasets.mine'],
  ['civil-officer', '/datasets/new', 'datasets.new'],
  ['works-officer', (made) => `/datasets/${made.published}`, NAME],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=items`, NAME],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=mounting`, NAME],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=preview`, NAME],
  ['works-officer', (made) => `/datasets/${made.published}?tab=preview`, NAME],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=quality`, NAME],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=versions`, NAME],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=use`, NAME],
  ['civil-officer', (made) => `/datasets/${made.draft}/edit`, ['dataset.editTitle', DRAFT]],
  ['works-officer', '/requests', 'rail.requests'],
  ['works-officer', '/requests/new', 'request.new'],
  ['works-officer', (made) => `/requests/new?dataset=${made.published}`, ['request.newFor', NAME]],
  ['works-head', (made) => `/requests/${made.request}`, NAME],
  ['works-officer', (made) => `/requests/${made.returned}/edit`, ['request.supplementFor', NAME]],
  ['authority', '/request-templates', 'rail.templates'],
  ['civil-officer', '/obligations', 'rail.deadlines'],
  ['works-officer', '/grants', 'rail.grants'],
  ['civil-head', (made) => `/grants/${made.grant}`, ['grant.title', NAME]],
  ['centre', '/channels', 'rail.channels'],
  ['centre', '/channels/new', 'channel.configure'],
  ['centre', (made) => `/channels/${made.channel}`, CHANNEL],
  ['works-officer', (made) => `/channels/${made.channel}?tab=statements`, CHANNEL],
  ['civil-officer', (made) => `/channels/${made.changed}?tab=settings`, CHANNEL],
  ['civil-officer', (made) => `/statements/${made.statement}`, ['statement.title', NAME]],
  ['centre', '/services', 'rail.services'],
  ['works-developer', (made) => `/services/${made.service}`, SERVICE],
  ['centre', (made) => `/services/${made.service}`, SERVICE],
  ['works-developer', '/applications', 'rail.applications'],
  ['civil-officer', '/applications', 'rail.applications'],
  ['works-developer', '/service-calls?by=matter,application,service,outcome,day', 'rail.calls'],
  ['police-officer', '/service-calls', 'rail.calls'],
  ['centre', '/assets', 'rail.assets'],
  ['centre', '/library', 'rail.library'],
  ['centre', '/library?library=firm', 'rail.library'],
  ['centre', '/standards/elements', 'rail.elements'],
  ['centre', (made) => `/standards/elements/${made.element}`, ELEMENT],
  ['civil-officer', '/standards/code-sets?q=GB/T', 'rail.codeSets'],
  ['centre', (made) => `/standards/code-sets/${made.codeSet}`, CODE_SET],
  ['centre', '/quality/coverage', 'rail.coverage'],
  ['civil-officer', '/quality/coverage?by=department', 'rail.coverage'],
  ['centre', (made) => `/quality/datasets/${made.published}/standards`, BINDINGS],
  ['centre', '/quality/suites', 'rail.suites'],
  ['civil-officer', '/quality/runs', 'rail.runs'],
  ['civil-officer', '/quality/work-orders', 'rail.workOrders'],
  ['works-officer', (made) => `/quality/corrections?datasetId=${made.published}`, 'rail.corrections'],
  ['authority', '/quality/violations', 'rail.violations'],
  ['auditor', '/evidence', 'rail.entries'],
  ['auditor', (made) => `/evidence/${made.entry}`, reviewDataset.words],
  ['auditor', '/verification', 'rail.verify'],
  ['operator', '/nodes', 'rail.nodes'],
  ['centre', '/data-sources', 'rail.sources'],
  ['civil-officer', (made) => `/data-sources/${made.source}/tables`, 'table.title'],
  ['civil-officer', (made) => `/data-sources/${made.uploads}/uploads`, UPLOADS.title],
  ['sysadmin', '/departments', 'rail.departments'],
  ['sysadmin', '/people', 'rail.people'],
  ['secadmin', '/roles', 'rail.roles'],
  ['operator', '/work', 'rail.work'],
  ['operator', '/alerts', 'rail.alerts'],
  ['civil-officer', '/alerts?state=closed', 'rail.alerts'],
  ['operator', '/incidents', 'rail.incidents'],
  ['operator', (made) => `/incidents/${made.incident}`, INCIDENT],
  ['authority', '/report', 'rail.report'],
  ['operator', '/health', 'rail.health'],
  ['centre', '/legal-clock', 'rail.clock'],
  ['civil-officer', '/no/such/page', 'unknown.title'],
  ['works-officer', '/health', 'gate.title'],
]

/** A service that an application of the housing department has called, once in vain. */
async function calledService(platform: TestPlatform): Promise<string> {
  const { service } = await serve(platform)
  const app = await credential(platform)
  for (const items of ['name', 'phone'])
    await callService(platform, app, '/api/v1/services/people/row', { query: { id: '2', items } })
  return service.id
}

/** A channel whose table has lost a field and has another instead. */
async function changedChannel(platform: TestPlatform, ground: Ground, dataset: { id: string }): Promise<string> {
  const { read, channel } = await startRun(
    platform,
    ground,
    await readyChannel(platform, ground, await grantTo(platform, dataset)),
  )
  await findChanged(ground.provider, read, [...without('phone'), ...added('remark').slice(-1)])
  return (await channelIn(platform, channel.id, 'failed')).id
}

/** A source that takes uploads, with a file in it. */
async function uploadsOf(platform: TestPlatform, ground: Ground): Promise<string> {
  const id = await addUploadSource(platform, ground.provider.id)
  await uploadWhole(platform, id, '人员名单.csv', Buffer.from('code,name\n007,张三\n'))
  return id
}

/** The receiving node is one behind a one-way gate, and a file of somebody else has come over. */
async function ferry(platform: TestPlatform, { consumer }: Ground): Promise<void> {
  const { services } = platform.server
  await services.db.write(SYSTEM_ROWS, (db) =>
    db.run(sql`update node set link = 'ferry_out' where id = ${consumer.id}`),
  )
  const folder = join(platform.dataDir, 'ferry', consumer.id, 'in')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '0badf00d-in-0badf00d-0000000001.ferry'), 'not ours')
  const list = async () => (await platform.as('centre')).call(listNodes, { query: { limit: '200' } })
  await eventually(list, ({ items }) => items.some(({ crossing }) => crossing?.problem?.code === 'refused'), 20_000)
}

/** A data element and a code set that every jurisdiction has. */
async function standardsOf(platform: TestPlatform): Promise<{ element: string; codeSet: string }> {
  const client = await platform.as('centre')
  const [element] = (await client.call(listDataElements, { query: { q: 'HT0001' } })).items
  const [codeSet] = (await client.call(listCodeSets, { query: { q: 'GB/T 2261.1' } })).items
  return { element: element!.id, codeSet: codeSet!.id }
}

describe.skipIf(!canRun)('every page, in both languages, in light and in dark', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const platform = usePlatform({ portal: true, centre: true })
  const look = useEyes(platform, () => browser)
  let browser: Browser
  let made: Made

  beforeAll(async () => {
    browser = await openBrowser()
    const ground = await prepareGround(platform)
    const dataset = await publishMounted(platform, ground.table, completeContent({ name: NAME }))
    const agreed = await grantTo(platform, dataset)
    const channel = await readyChannel(platform, ground, agreed)
    const statement = await (
      await platform.as('works-officer')
    ).call(issueStatement, {
      params: { id: channel.id },
      body: { from: '2026-01-01', to: '2026-12-31' },
    })
    const request = await makeRequest(platform, dataset)
    const half = await makeRequest(platform, dataset)
    await decide(platform, half.id, 'head_sign', { decision: 'return', reason: '请补充法律依据' })
    const draft = await createDraft(platform, { name: DRAFT })
    const entry = await newestEntry(platform, reviewDataset.id)
    made = {
      published: dataset.id,
      draft: draft.id,
      request: request.id,
      returned: half.id,
      grant: agreed.grantId!,
      channel: channel.id,
      changed: await changedChannel(platform, ground, dataset),
      statement: statement.id,
      source: ground.sourceId,
      uploads: await uploadsOf(platform, ground),
      entry: String(entry.index),
      incident: (await plantIncident(platform)).incidentId,
      service: await calledService(platform),
      ...(await standardsOf(platform)),
    }
    await ferry(platform, ground)
  }, 120_000)
  afterAll(async () => void (await browser?.close()))

  test.each(PAGES)('%s %s %s', (account, address, heading) =>
    look(account, typeof address === 'string' ? address : address(made), heading),
  )
})
