import { readFile } from 'node:fs/promises'
import { readDataset } from '@huitong/contract/catalogue'
import { mountDataset } from '@huitong/contract/curation'
import { readChannel, stopChannel } from '@huitong/contract/exchange'
import { listConsents, listTables } from '@huitong/contract/nodes'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { FRONT_MARKS } from '../../apps/web/src/pages/catalogue/front-marks-words.ts'
import { MAPPING } from '../../apps/web/src/pages/exchange/mapping-words.ts'
import { REJECTS } from '../../apps/web/src/pages/exchange/reject-words.ts'
import { RECEIVING_TABLE } from '../../apps/web/src/pages/exchange/receiving-table-words.ts'
import { CONSENT } from '../../apps/web/src/pages/nodes/consent-words.ts'
import { REJECTED_CONTENT, sealRejects } from '../harness/rejects.ts'
import { acknowledge, channelIn, receiptFor, seal, startRun, type Channel } from '../harness/exchange.ts'
import {
  bring,
  CONVENTION,
  copied,
  cursorAt,
  cursorChannel,
  publishFollowed,
  type Followed,
} from '../harness/follow.ts'
import { useEngine } from '../harness/engine.ts'
import { eventually } from '../harness/guards.ts'
import { businessSource } from '../harness/node.ts'
import { usePlatform } from '../harness/platform.ts'
import {
  buildPages,
  expectAccessible,
  expectTranslated,
  hasChromium,
  openBrowser,
  watch,
  words,
  type Watched,
} from './browser.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })
const canRun = hasChromium()

describe.skipIf(!canRun)('a channel that follows, on its page', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const platform = usePlatform({ portal: true })
  useEngine(platform)
  let browser: Browser
  let followed: Followed
  let channel: Channel
  let watched: Watched
  const faultsOf = () => watched.faults()

  beforeAll(async () => {
    browser = await openBrowser()
    followed = { platform, ...(await publishFollowed(platform)) }
    const held = {
      rows: '2',
      listed: [
        { key: ['330100000001'], reason: 'time' as const },
        { key: ['330100000002'], reason: 'operation' as const },
      ],
    }
    channel = await copied(followed, await cursorChannel(followed), [['1', 'a', '33']], held)
    const rows = [
      ['I', '2', 'b', '33'],
      ['I', '3', 'b', '33'],
      ['U', '1', 'c', '33'],
      ['D', '9', null, null],
    ]
    await bring(followed, channel, rows, { inserted: '2', updated: '1', deleted: '1' }, cursorAt(1))
    channel = await eventually(
      () => channelIn(platform, channel.id, 'following'),
      ({ follow }) => follow!.increments === 1,
    )
    watched = await watch(browser, platform, { account: 'centre' })
  })
  afterAll(async () => void (await browser?.close()))

  const shot = async (name: string) => {
    const folder = process.env['HUITONG_SHOTS']
    if (folder) await watched.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
  }

  test('shows position and counts of each kind, in both languages, and brings changes on demand', async () => {
    const { page } = watched
    await page.goto(`/channels/${channel.id}`)
    await page.getByText(words('zh', 'follow.position')).first().waitFor()
    const row = page.getByRole('row').filter({ hasText: words('zh', 'incrementState.done') })
    await row.waitFor()
    const cells = await row.getByRole('cell').allInnerTexts()
    expect(cells.slice(3, 8).map((one) => one.trim())).toEqual(['4', '2', '1', '1', '0'])
    await expectTranslated(page)
    await expectAccessible(page)
    await shot('follow-zh')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText(words('en', 'follow.position')).first().waitFor()
    await expectTranslated(page)
    await expectAccessible(page)
    await shot('follow-en')
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('button', { name: words('zh', 'follow.now') }).click()
    await eventually(
      () => channelIn(platform, channel.id, 'following'),
      ({ follow }) => follow!.last?.number === 2,
    )
    expect(faultsOf()).toEqual([])
  })

  test('the schedule is set in a side form', async () => {
    const { page } = watched
    await page.getByRole('button', { name: words('zh', 'follow.schedule') }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel(words('zh', 'follow.intervalSeconds')).fill('120')
    await shot('schedule-zh')
    await form.getByRole('button', { name: words('zh', 'action.confirm') }).click()
    await eventually(
      () => channelIn(platform, channel.id, 'following'),
      ({ follow }) => follow!.intervalSeconds === 120,
    )
  })

  test('stopped, it is resumed from its position', async () => {
    const { page } = watched
    const centre = await platform.as('centre')
    const { version } = await channelIn(platform, channel.id, 'following')
    const params = { id: channel.id }
    await centre.call(stopChannel, { params, body: { reason: '维护' } }, { match: version })
    await page.reload()
    const resume = page.getByRole('button', { name: words('zh', 'follow.resume') })
    await resume.waitFor()
    await expectAccessible(page)
    await shot('stopped-zh')
    await resume.click()
    expect((await channelIn(platform, channel.id, 'following')).follow!.position).toBe(cursorAt(1).since)
  })

  test('a new channel is configured to follow, with its schedule', async () => {
    const { page } = watched
    await page.goto(`/channels/new?grant=${channel.grantId}`)
    await page.getByLabel(words('zh', 'channel.modeCursor')).check()
    await page.getByLabel(words('zh', 'follow.intervalSeconds')).waitFor()
    await expectTranslated(page)
    await expectAccessible(page)
    await shot('new-zh')
  })

  test('a new channel is mapped, and shows how it will arrive before it is made', async () => {
    const { page } = watched
    await page.goto(`/channels/new?grant=${channel.grantId}`)
    await page.getByLabel(MAPPING.use.zh).check()
    const columns = page.getByLabel(words('zh', 'channel.targetColumn'))
    await columns.first().fill('XX')
    const preview = page.getByRole('region', { name: MAPPING.preview.zh })
    await preview.getByText('XX', { exact: true }).waitFor()
    await columns.first().fill('cun_dm')
    await page.getByLabel(MAPPING.codes.zh).nth(1).fill('1=甲\n2=乙')
    await preview.getByText('1 → 甲; 2 → 乙').waitFor()
    await page.getByRole('button', { name: MAPPING.addConstant.zh }).click()
    await columns.last().fill('ly')
    await page.getByLabel(MAPPING.value.zh).fill('民政局')
    await preview.getByText('民政局').waitFor()
    await expectTranslated(page)
    await expectAccessible(page)
    await shot('mapping-zh')
    await page.getByLabel(words('zh', 'channel.targetSource')).click()
    await page.locator('.ant-select-item-option').first().click()
    await page.getByLabel(words('zh', 'channel.targetTable')).fill('mapped')
    await page.getByRole('button', { name: words('zh', 'channel.configure') }).click()
    await page.waitForURL(/channels\/[0-9a-f-]{36}/)
    await page.goto(`${page.url()}?tab=settings`)
    await page.getByText('cun_dm').first().waitFor()
    await page.getByRole('cell', { name: '民政局', exact: true }).waitFor()
    await expectAccessible(page)
    await shot('mapped-zh')
    await page.getByRole('button', { name: MAPPING.change.zh }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(MAPPING.codes.zh).nth(1).fill('1=丙')
    await expectAccessible(page)
    await shot('mapping-change-zh')
    await dialog.getByRole('button', { name: words('zh', 'action.confirm') }).click()
    await page.getByText('1 → 丙').waitFor()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText(MAPPING.constant.en).first().waitFor()
    await page.goto(`/channels/new?grant=${channel.grantId}`)
    await page.getByLabel(MAPPING.use.en).check()
    await page.getByRole('region', { name: MAPPING.preview.en }).waitFor()
    await expectAccessible(page)
    await shot('mapping-en')
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByLabel(MAPPING.use.zh).waitFor()
  })

  test('the written consent of a business database is registered with its scan, and read again', async () => {
    const { page } = watched
    const business = await businessSource(platform)
    await page.goto('/data-sources')
    await page.getByRole('button', { name: `${CONSENT.title.zh} 业务库` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(CONSENT.none.zh).waitFor()
    await dialog.getByLabel(CONSENT.number.zh).fill('民函〔2026〕3号')
    await dialog.getByLabel(CONSENT.signedBy.zh).fill('李局长')
    for (const [field, day] of [
      ['validFrom', '2026-01-01'],
      ['validUntil', '2099-12-31'],
    ] as const) {
      await dialog.getByLabel(CONSENT[field].zh).fill(day)
      await dialog.getByLabel(CONSENT[field].zh).press('Enter')
    }
    const scan = { name: '同意函.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') }
    await dialog.getByLabel(CONSENT.file.zh).setInputFiles(scan)
    await expectTranslated(page)
    await expectAccessible(page)
    await shot('consent-zh')
    await dialog.getByRole('button', { name: CONSENT.register.zh }).click()
    await dialog.waitFor({ state: 'hidden' })
    const { items } = await (await platform.as('centre')).call(listConsents, { params: { id: business } })
    expect(items).toMatchObject([{ validFrom: '2026-01-01', validUntil: '2099-12-31', fileName: '同意函.pdf' }])
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('button', { name: `${CONSENT.title.en} 业务库` }).click()
    await dialog.getByText(CONSENT.inForce.en, { exact: true }).waitFor()
    await expectAccessible(page)
    await shot('consent-en')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: '中文' }).click()
  })

  test('a channel that follows stands in the list', async () => {
    const { page } = watched
    await page.goto('/channels')
    await page.getByText(words('zh', 'channelState.following'), { exact: true }).waitFor()
    await shot('list-zh')
  })

  test('records that were set aside are listed and saved by the department whose they are', async () => {
    const full = await cursorChannel(followed, { mode: 'full' })
    const { ground } = followed
    const run = await startRun(platform, ground, full)
    const segment = await seal(run.read.input, ground.provider.signing, [['1', 'a', '33']])
    await ground.provider.upload(segment)
    await eventually(
      async () => (await platform.as('centre')).call(readChannel, { params: { id: full.id } }),
      ({ progress }) => progress.segmentsVerified === 1,
    )
    await acknowledge(ground.consumer, receiptFor(segment, ground.consumer.signing))
    const { generation } = run.read.input
    const finalDigest = segment.signed.manifest.sealedDigest
    const rejected = await sealRejects(platform, full.id, generation)
    await ground.provider.finish(run.read, { rows: '1', segments: 1, finalDigest, rejected })
    await ground.consumer.finish(run.apply, { generation, sequence: 1, rows: '1' })
    await channelIn(platform, full.id, 'completed')
    const { page, context } = await watch(browser, platform, { account: 'civil-officer' })
    await page.goto(`/channels/${full.id}?tab=rejects`)
    await page.getByText(`9,${REJECTED_CONTENT}`).waitFor()
    await expectAccessible(page)
    await expectTranslated(page)
    const folder = process.env['HUITONG_SHOTS']
    if (folder) await page.screenshot({ path: `${folder}/rejects-zh.png`, fullPage: true })
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: REJECTS.download.zh }).click()
    expect((await readFile(await (await saved).path(), 'utf8')).split('\r\n')).toHaveLength(5)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText(REJECTS.help.en).waitFor()
    if (folder) await page.screenshot({ path: `${folder}/rejects-en.png`, fullPage: true })
    await context.close()
    const { page: other } = watched
    await other.goto(`/channels/${full.id}?tab=rejects`)
    await other.getByText(REJECTS.hidden.zh).waitFor()
    expect(await other.getByText(REJECTED_CONTENT).count()).toBe(0)
  })

  test('the script of the receiving table is read where its columns are', async () => {
    const { page } = watched
    await page.goto(`/channels/${channel.id}?tab=settings`)
    await page.getByRole('button', { name: RECEIVING_TABLE.title.zh }).click()
    await page.getByText('PARTITION BY LIST').waitFor()
    await expectAccessible(page)
    await expectTranslated(page)
    await shot('receiving-table-zh')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('button', { name: RECEIVING_TABLE.title.en }).click()
    await page.getByText('PARTITION BY LIST').waitFor()
    await shot('receiving-table-en')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: '中文' }).click()
  })

  test('the fields of change are shown where the table is mounted, to its own department', async () => {
    const officer = await watch(browser, platform, { account: 'civil-officer' })
    await officer.page.goto(`/datasets/${channel.datasetId}?tab=mounting`)
    await officer.page.getByText('op, updated_at, batch_no').waitFor()
    await expectAccessible(officer.page)
    await officer.page.getByRole('button', { name: words('zh', 'mounting.again') }).click()
    await officer.page.getByRole('dialog').waitFor()
    const folder = process.env['HUITONG_SHOTS']
    if (folder) await officer.page.screenshot({ path: `${folder}/mounting-zh.png`, fullPage: true })
    await officer.context.close()
  })

  test('a push table with an exchange mark says what was taken, and its clean-up is set there', async () => {
    const civil = await platform.as('civil-officer')
    const params = { id: channel.datasetId }
    const { distributions } = await civil.call(readDataset, { params, query: {} })
    const [{ mapping, sourceId }] = distributions as [(typeof distributions)[number]]
    const { items } = await civil.call(listTables, { params: { id: sourceId } })
    const body = { tableId: items[0]!.id, mapping: mapping.map(({ item, field }) => ({ item, field })) }
    await civil.call(mountDataset, { params, body: { ...body, convention: { ...CONVENTION, mark: 'exchanged_at' } } })
    const { page, context } = await watch(browser, platform, { account: 'civil-officer' })
    const folder = process.env['HUITONG_SHOTS']
    await page.goto(`/datasets/${channel.datasetId}?tab=mounting`)
    await page.getByText(FRONT_MARKS.never.zh, { exact: true }).waitFor()
    await page.getByRole('button', { name: FRONT_MARKS.set.zh }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(FRONT_MARKS.clean.zh).click()
    await expectAccessible(page)
    if (folder) await page.screenshot({ path: `${folder}/front-policy-zh.png`, fullPage: true })
    await dialog.getByRole('button', { name: words('zh', 'action.confirm') }).click()
    await page.getByText(FRONT_MARKS.after.zh.replace('{days}', '30')).waitFor()
    await expectTranslated(page)
    if (folder) await page.screenshot({ path: `${folder}/front-marks-zh.png`, fullPage: true })
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText(FRONT_MARKS.title.en, { exact: true }).waitFor()
    await expectAccessible(page)
    if (folder) await page.screenshot({ path: `${folder}/front-marks-en.png`, fullPage: true })
    await context.close()
  })
})
