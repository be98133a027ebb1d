import { randomUUID } from 'node:crypto'
import {
  createNode,
  keepNodeLog,
  LOG_KINDS,
  type LogField,
  type LogKind,
  type NodeLogLine,
  pollWork,
  reportProgress,
} from '@huitong/contract/nodes'
import { sql } from 'kysely'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { SYSTEM_ROWS } from '../../apps/server/src/kernel/db.ts'
import { NODE_DETAIL } from '../../apps/web/src/pages/nodes/node-detail-words.ts'
import { LOG_WORDS, NODE_LOG } from '../../apps/web/src/pages/nodes/node-log-words.ts'
import { completeContent } from '../harness/catalogue.ts'
import { grantTo, type Ground, prepareGround, publishMounted, readyChannel, startRun } from '../harness/exchange.ts'
import { enrol, type TestNode } from '../harness/node.ts'
import { type Account, type TestPlatform, usePlatform } from '../harness/platform.ts'
import { buildPages, hasChromium, openBrowser, shows, watch } from './browser.ts'
import { shoot, useEyes } from './eyes.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })
const canRun = hasChromium()
const HOUR_MS = 3_600_000

/** A line of every kind, with every field that it may have, a minute apart. */
function everyKind(stream: string, source: string): NodeLogLine[] {
  const values: Record<LogField, string | number> = {
    version: '0.1.0',
    work: randomUUID(),
    workKind: 'read',
    stream,
    source,
    upload: randomUUID(),
    generation: 2,
    sequence: 1_234,
    attempt: 3,
    files: 45,
    rows: '1234567',
    bytes: '73400320',
    left: 2,
    milliseconds: 83_000,
    code: 'connector.bad_value',
  }
  const begun = Date.now() - HOUR_MS
  return (Object.keys(LOG_KINDS) as LogKind[]).map((kind, n) => {
    const fields = LOG_KINDS[kind].map((name) => [name, values[name]] as const)
    const level = kind.startsWith('agent.f')
      ? 'error'
      : LOG_KINDS[kind].some((name) => name === 'code')
        ? 'warn'
        : 'info'
    return { at: new Date(begun + n * 60_000).toISOString(), level, kind, ...Object.fromEntries(fields) }
  })
}

interface Made {
  busy: string
  away: string
  idle: string
  awaiting: string
  ferried: string
}

const PAGES: readonly (readonly [string, Account, keyof Made])[] = [
  ['at work, to the operator', 'operator', 'busy'],
  ['at work, to its own department', 'civil-officer', 'busy'],
  ['away, and too new', 'operator', 'away'],
  ['online with nothing to do', 'centre', 'idle'],
  ['not installed yet', 'operator', 'awaiting'],
  ['ferried', 'operator', 'ferried'],
]
const NAMES: Record<keyof Made, string> = {
  busy: '民政前置节点',
  away: '救助站前置节点',
  idle: '备用节点',
  awaiting: '新登记的节点',
  ferried: '住建前置节点',
}

describe.skipIf(!canRun)('the page of a node', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const platform = usePlatform({ portal: true })
  const look = useEyes(platform, () => browser)
  let browser: Browser
  let made: Made
  let lines: NodeLogLine[]

  beforeAll(async () => {
    browser = await openBrowser()
    const ground = await prepareGround(platform)
    lines = await work(platform, ground)
    const away = await enrol(platform, platform.departments.civil, NAMES.away)
    await poll(away, '0.4.0')
    await away.call(keepNodeLog, { body: { lines: lines.slice(0, 8) } })
    const idle = await enrol(platform, platform.departments.civil, NAMES.idle)
    await poll(idle, '0.0.9')
    const body = { name: { zh: NAMES.awaiting }, departmentId: platform.departments.civil }
    const { node } = await (await platform.as('centre')).call(createNode, { body })
    made = { busy: ground.provider.id, away: away.id, idle: idle.id, awaiting: node.id, ferried: ground.consumer.id }
    const { db } = platform.server.services
    await db.write(SYSTEM_ROWS, (tx) => tx.run(sql`update node set link = 'ferry_out' where id = ${made.ferried}`))
    // The nodes of a test do not poll on; the one that is away has not for two hours.
    await db.tick(async (tx) => {
      await tx.run(sql`update node_presence set seen_at = now() + interval '1 hour'`)
      await tx.run(sql`update node_presence set seen_at = now() - interval '2 hours' where node_id = ${away.id}`)
    })
  }, 120_000)
  afterAll(async () => void (await browser?.close()))

  test.each(PAGES)('%s', async (_what, account, name) => {
    await look(account, `/nodes/${made[name]}`, { zh: NAMES[name], en: NAMES[name] })
  })

  test.each(['zh', 'en'] as const)(
    '%s: it is reached from the list, tells each kind of line in words, and is narrowed by level',
    async (language) => {
      const { page, context, faults } = await watch(browser, platform, { account: 'operator', language })
      await page.goto('/nodes')
      await page.getByRole('link', { name: NAMES.busy, exact: true }).click()
      await shows(page, NAMES.busy)
      const log = page.getByRole('region', { name: NODE_LOG.title[language], exact: true })
      const rows = () => log.locator('tbody tr').allInnerTexts()
      await log
        .locator('tbody tr')
        .nth(lines.length - 1)
        .waitFor()
      const all = await rows()
      expect(all).toHaveLength(lines.length)
      // Newest first.
      for (const [n, { kind }] of lines.toReversed().entries()) expect(all[n]).toContain(LOG_WORDS[kind][language])
      expect(all.join('\n')).toContain('1,234,567')
      const errors = lines.filter(({ level }) => level === 'error').length
      await page.getByRole('combobox', { name: NODE_LOG.level[language] }).click()
      await page.getByTitle(NODE_LOG.filters.error[language]).last().click()
      await page.waitForURL(/level=error/)
      await vi.waitFor(async () => expect((await rows()).length).toBe(errors))
      await page.reload()
      await shows(page, NAMES.busy)
      await log.getByText(LOG_WORDS['agent.fatal'][language]).waitFor()
      await shoot(page, `node-errors-${language}`)
      expect((await rows()).length).toBe(errors)
      expect(faults()).toEqual([])
      await context.close()
    },
  )

  test('what is away says since when and what to do; a version that is too far says whose is to be upgraded', async () => {
    const { page, context } = await watch(browser, platform, { account: 'operator' })
    await page.goto(`/nodes/${made.away}`)
    await page.getByText(NODE_DETAIL.awayHelp.zh).waitFor()
    await page.getByText(/自 .+ 起失联/).waitFor()
    await page.getByText(NODE_DETAIL.standing.too_new.zh).waitFor()
    await page.goto(`/nodes/${made.idle}`)
    await page.getByText(NODE_DETAIL.standing.older.zh).waitFor()
    await page.goto(`/nodes/${made.ferried}`)
    await page.getByText(NODE_LOG.noneFerried.zh).waitFor()
    await page.goto(`/nodes/${made.awaiting}`)
    await page.getByText(NODE_LOG.noneAwaiting.zh).waitFor()
    await context.close()
  })
})

const poll = (node: TestNode, version: string) =>
  node.call(pollWork, { body: { boot: node.boot, version, running: [], waitSeconds: 0 } })

/** The provider's node is in the middle of a run and has told a line of every kind. */
async function work(platform: TestPlatform, ground: Ground): Promise<NodeLogLine[]> {
  const dataset = await publishMounted(platform, ground.table, completeContent())
  const channel = await readyChannel(platform, ground, await grantTo(platform, dataset))
  const { read } = await startRun(platform, ground, channel)
  const progress = { rowsSealed: '1234567', segmentsSealed: 31, segmentsUploaded: 30, complete: false }
  await ground.provider.call(reportProgress, { params: { id: read.id }, body: { fence: read.fence, progress } })
  const lines = everyKind(channel.id, ground.sourceId)
  await ground.provider.call(keepNodeLog, { body: { lines } })
  return lines
}
