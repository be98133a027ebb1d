import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openClient, type DemoClient } from '@huitong/demo/client'
import {
  createDataset,
  createRequest,
  decideRequest,
  listDatasets,
  readDataset,
  readRequest,
  reviewDataset,
  signDataset,
  submitDataset,
  type DatasetContent,
  type RequestStep,
} from '@huitong/contract/catalogue'
import { draftFromTable, mountDataset } from '@huitong/contract/curation'
import {
  createChannel,
  readChannel,
  readReconciliation,
  startChannel,
  startReconciliation,
} from '@huitong/contract/exchange'
import { discoverSource, listSources, listTables } from '@huitong/contract/nodes'
import type { Browser } from 'playwright-core'
import { completed } from '../../demo/steps/content.ts'
import { openBrowser } from './open-browser.ts'

/**
 * Takes the pictures of docs/screenshots on a running demonstration city, after doing the main job there once through
 * the API: `node tests/e2e/screenshots.ts <base url> <data folder>`.
 */

const FOLDER = join(import.meta.dirname, '../../docs/screenshots')
const BYTES_MAX = 250 * 1024
const WAIT_MS_MAX = 300_000
const ITEMS = ['code', 'name', 'province_code', 'province', 'city', 'area', 'street']

const [baseUrl, dataDir] = process.argv.slice(2)
if (!baseUrl || !dataDir) throw new Error('usage: node tests/e2e/screenshots.ts <base url> <data folder>')
const { password } = JSON.parse(readFileSync(join(dataDir, 'demo/accounts.json'), 'utf8')) as { password: string }

const people = new Map<string, Promise<DemoClient>>()
function as(account: string): Promise<DemoClient> {
  const known =
    people.get(account) ??
    (async () => {
      const client = openClient(baseUrl!)
      await client.signIn(account, password)
      return client
    })()
  people.set(account, known)
  return known
}

async function until<T>(what: string, read: () => Promise<T | undefined | false>): Promise<T> {
  const end = performance.now() + WAIT_MS_MAX
  for (;;) {
    const value = await read()
    if (value !== undefined && value !== false) return value
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`)
    await sleep(250)
  }
}

const ACTORS: Record<Exclude<RequestStep, 'centre_configure'>, string> = {
  head_sign: 'zhujian-head',
  form_check: 'centre',
  authority_accept: 'bureau-authority',
  provider_answer: 'minzheng-officer',
  provider_sign: 'minzheng-head',
  applicant_confirm: 'zhujian-officer',
}

/** Everybody whose turn it is agrees, until the request stands at this step (null: it is done). */
async function agreeUpTo(id: string, last: RequestStep | null) {
  const params = { id }
  const applicant = await as('zhujian-officer')
  let request = await applicant.call(readRequest, { params })
  while (request.step !== last && request.step !== null) {
    const step = request.step as keyof typeof ACTORS
    const person = await as(ACTORS[step])
    const seen = await person.call(readRequest, { params })
    await person.call(decideRequest, { params, body: { step, decision: 'agree' } }, { match: seen.version })
    request = await applicant.call(readRequest, { params })
  }
  return request
}

/** A table of the provider is discovered, compiled, signed, published and mounted. */
async function publish(name: string): Promise<{ id: string; content: DatasetContent }> {
  const officer = await as('minzheng-officer')
  const before = await officer.call(listDatasets, { query: { q: name } })
  const found = before.items.find((one) => one.name.zh === name)
  if (found) return officer.call(readDataset, { params: { id: found.id } })
  const { items } = await officer.call(listSources, { query: { limit: '200' } })
  const params = { id: items.find((one) => one.usage === 'provide')!.id }
  await officer.call(discoverSource, { params })
  const tableId = await until('the discovery', async () => {
    const tables = await officer.call(listTables, { params, query: { limit: '200' } })
    return tables.items.find((one) => one.name === 'villages')?.id
  })
  const { content: suggested, mapping } = await officer.call(draftFromTable, { body: { tableId } })
  const content = completed(suggested, name)
  const draft = await officer.call(createDataset, { body: content })
  const of = { params: { id: draft.id } }
  const mounted = await officer.call(mountDataset, { ...of, body: { tableId, mapping } })
  const version = Math.max(draft.version, mounted.version)
  const submitted = await officer.call(submitDataset, of, { match: version })
  const signing = { ...of, body: { decision: 'agree' as const } }
  const signed = await (await as('minzheng-head')).call(signDataset, signing, { match: submitted.version })
  const review = { ...of, body: { decision: 'publish' as const } }
  await (await as('bureau-authority')).call(reviewDataset, review, { match: signed.version })
  return { id: draft.id, content }
}

async function ask(dataset: { id: string; content: DatasetContent }, matter: string, purpose: string) {
  const known = (dataset.content.items ?? []).map((item) => item.code)
  const wanted = ITEMS.filter((code) => known.includes(code))
  const body = {
    datasetId: dataset.id,
    items: wanted.length > 0 ? wanted : known,
    matter: { code: '11330000002482090H4330117002000', name: matter },
    purpose,
    legalBasis: '《公共租赁住房管理办法》第七条',
    scenario: '申请人地址与村级区划代码比对',
    scope: '住房保障科，不向其他单位提供',
    method: 'table' as const,
    frequency: 'yearly' as const,
    from: new Date().toISOString().slice(0, 10),
    until: `${new Date().getUTCFullYear() + 1}-12-31`,
    declared: true as const,
  }
  return (await as('zhujian-officer')).call(createRequest, { body })
}

/** A granted request becomes a channel; it copies once, and both ends are compared. */
async function exchange(requestId: string, grantId: string): Promise<string> {
  const centre = await as('centre')
  const sources = await centre.call(listSources, { query: { limit: '200' } })
  const targetSourceId = sources.items.find((one) => one.usage === 'receive')!.id
  const targetTable = `villages_${Date.now().toString(36)}`
  const channel = await centre.call(createChannel, { body: { grantId, targetSourceId, targetTable } })
  await until('the confirmation step', async () => {
    const request = await (await as('zhujian-officer')).call(readRequest, { params: { id: requestId } })
    return request.step === 'applicant_confirm'
  })
  await agreeUpTo(requestId, null)
  const params = { id: channel.id }
  const read = () => centre.call(readChannel, { params })
  const ready = await until('the channel', async () => {
    const now = await read()
    return now.state === 'ready' && now
  })
  await centre.call(startChannel, { params }, { match: ready.version })
  await until('the end of the copy', async () => (await read()).state === 'completed')
  const officer = await as('zhujian-officer')
  const { id } = await officer.call(startReconciliation, { params })
  await until('the comparison', async () => {
    const { state } = await officer.call(readReconciliation, { params: { id } })
    return state !== 'running'
  })
  return channel.id
}

/** The main job once, and three more requests at different steps: duties of the provider and of others. */
async function work() {
  const dataset = await publish('全国村级行政区划')
  const request = await ask(dataset, '公共租赁住房保障资格确认', '住房保障资格核查中的地址标准化')
  const { grantId } = await agreeUpTo(request.id, 'centre_configure')
  const channel = await exchange(request.id, grantId!)
  const waiting = [
    ['农村危房改造资格确认', '核对申请人所在村', 'provider_answer'],
    ['房屋租赁登记备案', '核验房屋坐落所属村（居）', 'provider_answer'],
    ['城镇住房保障家庭年度复核', '复核家庭住址', 'form_check'],
  ] as const
  for (const [matter, purpose, step] of waiting) await agreeUpTo((await ask(dataset, matter, purpose)).id, step)
  return { dataset: dataset.id, channel }
}

async function picture(browser: Browser, account: string, path: string, name: string): Promise<void> {
  for (const language of ['zh', 'en'] as const) {
    const context = await browser.newContext({ baseURL: baseUrl!, viewport: { width: 1280, height: 800 } })
    await context.addInitScript((chosen) => localStorage.setItem('huitong.language', chosen), language)
    const page = await context.newPage()
    await page.goto('/login')
    await page.locator('#account').fill(account)
    await page.locator('#password').fill(password)
    await page.keyboard.press('Enter')
    await page.locator('nav').waitFor()
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    const file = join(FOLDER, `${name}.${language}.png`)
    await page.screenshot({ path: file })
    const bytes = statSync(file).size
    if (bytes > BYTES_MAX) throw new Error(`${file} has ${bytes} bytes`)
    console.log(`${file} ${bytes} bytes`)
    await context.close()
  }
}

mkdirSync(FOLDER, { recursive: true })
const made = process.argv[4] ? (JSON.parse(process.argv[4]) as Awaited<ReturnType<typeof work>>) : await work()
console.log(JSON.stringify(made))
const browser = await openBrowser()
await picture(browser, 'minzheng-officer', '/', 'home')
await picture(browser, 'minzheng-officer', `/datasets/${made.dataset}`, 'dataset')
await picture(browser, 'zhujian-officer', `/search?q=${encodeURIComponent('村 区划')}`, 'search')
await picture(browser, 'centre', `/channels/${made.channel}`, 'channel')
await browser.close()
