import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { issueStatement } from '@huitong/contract/exchange'
import { reviewDataset } from '@huitong/contract/catalogue'
import { openWorkOrder, readSuite, updateSuite } from '@huitong/contract/governance'
import { listCodeSets, listDataElements } from '@huitong/contract/data-standards'
import { tryRules } from '@huitong/contract/rule-design'
import { listNodes } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { apply, notice, setLegalTime } from '../../apps/server/src/modules/governance/testing/late.ts'
import { SYSTEM_ROWS } from '../../apps/server/src/kernel/db.ts'
import { DIRTY, useQuality } from '../../apps/server/src/modules/governance/testing/quality.ts'
import { plantIncident } from '../../apps/server/src/modules/operations/testing/incidents.ts'
import { UPLOADS } from '../../apps/web/src/pages/nodes/uploads-words.ts'
import type { WordKey } from '../../apps/web/src/words/dictionary.ts'
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
import {
  buildPages,
  expectAccessible,
  expectTranslated,
  hasChromium,
  openBrowser,
  shows,
  watch,
  words,
  type Language,
  type Watched,
} from './browser.ts'

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
/** What the heading says: a word of the dictionary, or the name of the thing. */
type Heading = WordKey | 'name' | { zh: string; en: string } | readonly [WordKey, { zh: string; en: string }]

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
  ['works-officer', (made) => `/datasets/${made.published}`, 'name'],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=items`, 'name'],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=mounting`, 'name'],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=preview`, 'name'],
  ['works-officer', (made) => `/datasets/${made.published}?tab=preview`, 'name'],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=quality`, 'name'],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=versions`, 'name'],
  ['civil-officer', (made) => `/datasets/${made.published}?tab=use`, 'name'],
  ['civil-officer', (made) => `/datasets/${made.draft}/edit`, ['dataset.editTitle', DRAFT]],
  ['works-officer', '/requests', 'rail.requests'],
  ['works-officer', '/requests/new', 'request.new'],
  ['works-officer', (made) => `/requests/new?dataset=${made.published}`, ['request.newFor', NAME]],
  ['works-head', (made) => `/requests/${made.request}`, 'name'],
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

function headingOf(heading: Heading, language: Language): string {
  if (heading === 'name') return NAME[language]
  if (typeof heading === 'string') return words(language, heading)
  return 'zh' in heading ? heading[language] : words(language, heading[0], { name: heading[1][language] })
}

/** Keeps what the page looks like, for people, where `HUITONG_SHOTS` names a folder. */
async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env['HUITONG_SHOTS']
  if (folder) await page.screenshot({ path: join(folder, `${name.replaceAll(/[^\w-]+/g, '_')}.png`) })
}

/** Looks at a page as one account, in Chinese and light, then in English and dark: whole, translated, accessible, without a fault. */
function useEyes(platform: TestPlatform, browser: () => Browser) {
  const open = new Map<string, Watched>()

  /** One page per person, so that what is fetched once is fetched once. */
  async function pageOf(account: Account | null): Promise<Watched> {
    const key = account ?? ''
    const known = open.get(key)
    if (known) return known
    const made = await watch(browser(), platform, account ? { account } : {})
    // Every page begins in Chinese and in light, whatever became of the one before.
    await made.context.addInitScript(() => {
      localStorage.setItem('huitong.language', 'zh')
      localStorage.setItem('huitong.mode', 'light')
    })
    open.set(key, made)
    return made
  }

  return async (account: Account | null, address: string, heading: Heading) => {
    const { page, faults } = await pageOf(account)
    faults()
    await page.goto(address)
    await shows(page, headingOf(heading, 'zh'))
    await expectTranslated(page)
    await expectAccessible(page)
    if (account !== null)
      expect(await page.evaluate('document.documentElement.scrollHeight - innerHeight'), 'only the page scrolls').toBe(
        0,
      )
    await shoot(page, `${account}${address}-zh`)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('button', { name: words('en', 'shell.dark') }).click()
    await page.getByRole('heading', { level: 1, name: headingOf(heading, 'en'), exact: true }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await expectTranslated(page)
    await expectAccessible(page, 'colours')
    await shoot(page, `${account}${address}-en`)
    expect(faults()).toEqual([])
  }
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

/** What a check of quality led to. */
interface Checked {
  suite: string
  run: string
  order: string
  dataset: string
  /** The dataset's. */
  name: { zh: string; en: string }
}
const QUALITY_PAGES: readonly (readonly [Account, string | ((made: Checked) => string), WordKey])[] = [
  ['civil-officer', '/', 'home.title'],
  ['civil-head', '/', 'home.title'],
  ['centre', '/quality/suites', 'rail.suites'],
  ['centre', (made) => `/quality/suites/${made.suite}`, 'suite.title'],
  ['centre', (made) => `/quality/datasets/${made.dataset}/rules`, 'suite.title'],
  ['civil-officer', '/quality/runs', 'rail.runs'],
  ['civil-officer', (made) => `/quality/runs/${made.run}`, 'run.title'],
  ['centre', (made) => `/quality/runs/${made.run}`, 'run.title'],
  ['civil-officer', '/quality/work-orders', 'rail.workOrders'],
  ['civil-officer', (made) => `/quality/work-orders/${made.order}`, 'order.title'],
  ['civil-officer', '/quality/corrections', 'rail.corrections'],
  ['civil-head', '/quality/violations', 'rail.violations'],
]

describe.skipIf(!canRun)('pages of quality with something on them', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const quality = useQuality({ portal: true })
  const { platform } = quality
  const look = useEyes(platform, () => browser)
  let browser: Browser
  let made: Checked

  beforeAll(async () => {
    browser = await openBrowser()
    await quality.send(DIRTY)
    const suite = await quality.suite()
    const run = await quality.checked(suite)
    const order = await (await platform.as('centre')).call(openWorkOrder, { params: { id: run.id } })
    await apply(platform)
    await setLegalTime(platform, new Date(Date.now() + 40 * 86_400_000).toISOString())
    await notice(platform)
    const { zh } = run.datasetName
    made = { suite, run: run.id, order: order.id, dataset: run.datasetId, name: { zh, en: run.datasetName.en ?? zh } }
  }, 120_000)
  afterAll(async () => void (await browser?.close()))

  test.each(QUALITY_PAGES)('%s %s %s', (account, address, heading) =>
    look(account, typeof address === 'string' ? address : address(made), [heading, made.name]),
  )

  test('rules are designed: a proposal is taken over, a wrong parameter is named beside its field, rows are tried, and it is kept', async () => {
    const { page, context } = await watch(browser, platform, { account: 'centre' })
    await page.goto(`/quality/datasets/${made.dataset}/rules`)
    const rules = page.getByRole('region', { name: words('zh', 'rail.suites') })
    await rules.getByText('id_unique').waitFor()
    await page
      .getByRole('button', { name: /^采用 / })
      .first()
      .click()
    await page.getByRole('button', { name: '添加规则' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('规则类型').fill('格式')
    await page.locator('.ant-select-item-option', { hasText: /^格式 · / }).click()
    await form.getByLabel('规则名称', { exact: true }).fill('电话格式')
    await form.getByLabel('规则编码').fill('phone_form')
    await form.getByLabel('信息项').fill('phone')
    await page.locator('.ant-select-item-option', { hasText: 'phone' }).last().click()
    await form.getByLabel('正则表达式（匹配全值）').fill('1(?=3)')
    await form.getByRole('button', { name: words('zh', 'action.confirm') }).click()
    await form.locator('.ant-form-item-explain-error').first().waitFor()
    await shoot(page, 'design-fault')
    await form.getByLabel('正则表达式（匹配全值）').fill('1[3-9]\\d{9}')
    await form.getByRole('button', { name: words('zh', 'action.confirm') }).click()
    await rules.getByText('phone_form').waitFor()
    const onCollected = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select from audit where action = ${tryRules.id} and content like '%"collected":true%'`),
    )
    expect(onCollected).toEqual([])
    await page.getByRole('button', { name: '试运行归集数据前 20 行' }).click()
    await page.getByRole('region', { name: '试运行结果' }).getByText('公民身份号码').first().waitFor()
    await shoot(page, 'design-trial')
    await page.getByRole('button', { name: '保存规则' }).click()
    await page.getByRole('region', { name: '规则版本' }).getByText('phone_form').waitFor()
    await shoot(page, 'design-saved')
    await rules.getByRole('button', { name: `${words('zh', 'action.remove')} 电话格式` }).click()
    const centre = await platform.as('centre')
    const { rules: kept, version } = await centre.call(readSuite, { params: { id: made.suite } })
    const body = { rules: kept.map(({ asks: _asks, ...rule }) => rule), repairWorkingDays: 11 }
    await centre.call(updateSuite, { params: { id: made.suite }, body }, { match: version })
    await page.getByRole('button', { name: '试运行归集数据前 20 行' }).click()
    await page.getByRole('button', { name: '载入新版本' }).waitFor()
    expect(await rules.getByText('phone_form').count()).toBe(0)
    await shoot(page, 'design-newer')
    await page.getByRole('button', { name: '载入新版本' }).click()
    await rules.getByText('phone_form').waitFor()
    await context.close()
  })
})
