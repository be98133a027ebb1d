import { openWorkOrder, readSuite, updateSuite } from '@huitong/contract/governance'
import { tryRules } from '@huitong/contract/rule-design'
import { sql } from 'kysely'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { apply, notice, setLegalTime } from '../../apps/server/src/modules/governance/testing/late.ts'
import { SYSTEM_ROWS } from '../../apps/server/src/kernel/db.ts'
import { DIRTY, useQuality } from '../../apps/server/src/modules/governance/testing/quality.ts'
import type { WordKey } from '../../apps/web/src/words/dictionary.ts'
import { type Account } from '../harness/platform.ts'
import { buildPages, expectAccessible, expectTranslated, hasChromium, openBrowser, watch, words } from './browser.ts'
import { CHECKS } from '../../apps/web/src/pages/governance/check-words.ts'
import { WORKBENCH } from '../../apps/web/src/pages/centre/workbench/workbench-words.ts'
import { createRecipe } from '@huitong/contract/recipes'
import { RECIPE, RUN_STATES } from '../../apps/web/src/pages/governance/recipe/recipe-words.ts'
import { shoot, useEyes, type Heading } from './eyes.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })
const canRun = hasChromium()
/** Villages that are one, and one with a part behind it. */
const VARIANTS = [
  ['5', '王芳', null, null, null, '３３０１０２００１００１'],
  ['6', '赵强', null, null, null, '330102-9 '],
]
const titled = (heading: WordKey | typeof RECIPE.title, name: { zh: string; en: string }): Heading =>
  typeof heading === 'string'
    ? [heading, name]
    : { zh: heading.zh.replace('{name}', name.zh), en: heading.en.replace('{name}', name.en) }

/** What a check of quality led to. */
interface Checked {
  suite: string
  run: string
  order: string
  dataset: string
  /** The dataset's. */
  name: { zh: string; en: string }
}
const PAGES: readonly (readonly [Account, string | ((made: Checked) => string), WordKey | typeof RECIPE.title])[] = [
  ['civil-officer', '/', 'home.title'],
  ['civil-head', '/', 'home.title'],
  ['centre', '/quality/suites', 'rail.suites'],
  ['centre', (made) => `/quality/suites/${made.suite}`, 'suite.title'],
  ['centre', (made) => `/quality/datasets/${made.dataset}/rules`, 'suite.title'],
  ['centre', (made) => `/quality/datasets/${made.dataset}/recipe`, RECIPE.title],
  ['civil-officer', (made) => `/quality/datasets/${made.dataset}/recipe`, RECIPE.title],
  ['civil-officer', '/quality/recipes', 'rail.recipes'],
  ['civil-officer', '/quality/runs', 'rail.runs'],
  ['civil-officer', (made) => `/quality/runs/${made.run}`, 'run.title'],
  ['centre', (made) => `/quality/runs/${made.run}`, 'run.title'],
  ['civil-officer', '/quality/work-orders', 'rail.workOrders'],
  ['civil-officer', (made) => `/quality/work-orders/${made.order}`, 'order.title'],
  ['civil-officer', '/quality/corrections', 'rail.corrections'],
  ['civil-head', '/quality/violations', 'rail.violations'],
  // Nothing has landed for them.
  ['works-officer', '/workbench', WORKBENCH.title],
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
    await quality.send([...DIRTY.map((row) => [...row.slice(0, 5), '330102001001']), ...VARIANTS])
    const suite = await quality.suite()
    const run = await quality.checked(suite)
    const order = await (await platform.as('centre')).call(openWorkOrder, { params: { id: run.id } })
    await apply(platform)
    await setLegalTime(platform, new Date(Date.now() + 40 * 86_400_000).toISOString())
    await notice(platform)
    const steps = [
      { kind: 'trim', parameters: { column: 'village_code', inside: 'none' } },
      { kind: 'id_to_18', parameters: { column: 'id_number' } },
    ]
    await (await platform.as('centre')).call(createRecipe, { body: { datasetId: run.datasetId, steps, examples: [] } })
    const { zh } = run.datasetName
    made = { suite, run: run.id, order: order.id, dataset: run.datasetId, name: { zh, en: run.datasetName.en ?? zh } }
  }, 120_000)
  afterAll(async () => void (await browser?.close()))

  test.each(PAGES)('%s %s %s', (account, address, heading) =>
    look(account, typeof address === 'string' ? address : address(made), titled(heading, made.name)),
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

  test('a recipe is designed: a fault beside its field, a preview, values brought together, kept, run, and undone', async () => {
    const { page, context } = await watch(browser, platform, { account: 'centre' })
    await page.goto(`/quality/datasets/${made.dataset}/recipe`)
    const steps = page.getByRole('region', { name: RECIPE.steps.zh, exact: true })
    await steps.getByText('15 位身份证号升为 18 位').waitFor()
    await page.getByText(RECIPE.hidden.zh).waitFor()
    await steps.getByRole('button', { name: `${words('zh', 'action.remove')} 2` }).click()
    await page.getByRole('button', { name: RECIPE.add.zh }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel(RECIPE.kind.zh).fill('拆分')
    await page.locator('.ant-select-item-option', { hasText: '拆分' }).click()
    await form.getByLabel('字段', { exact: true }).fill('village')
    await page.locator('.ant-select-item-option', { hasText: 'village_code' }).last().click()
    await form.getByLabel('分隔符').fill('-')
    await form.getByLabel(/^新字段/).fill('name,part,')
    await form.getByRole('button', { name: words('zh', 'action.confirm') }).click()
    await form.getByText('已经存在').first().waitFor()
    await shoot(page, 'recipe-fault')
    await form.getByLabel(/^新字段/).fill('area,')
    await form.locator('.ant-select-selection-item-remove').first().click()
    await form.getByRole('button', { name: words('zh', 'action.confirm') }).click()
    await steps.getByText('按“-”拆分').waitFor()
    await page.getByRole('combobox', { name: RECIPE.column.zh }).click()
    await page.locator('.ant-select-item-option', { hasText: '村级代码' }).last().click()
    await page.getByRole('button', { name: RECIPE.look.zh }).click()
    await page.getByRole('button', { name: /^合并为/ }).click()
    await steps.getByText('组对照替换').waitFor()
    await page.getByRole('region', { name: RECIPE.preview.zh }).locator('ins').first().waitFor()
    await shoot(page, 'recipe-preview')
    await page.getByRole('button', { name: RECIPE.save.zh }).click()
    await page.getByRole('button', { name: RECIPE.run.zh }).click()
    const runs = page.getByRole('region', { name: RECIPE.runs.zh })
    await runs.getByText(RECIPE.current.zh).waitFor({ timeout: 60_000 })
    await shoot(page, 'recipe-run')
    await page.getByRole('button', { name: 'English' }).click()
    await shoot(page, 'recipe-run-en')
    await runs
      .or(page.getByRole('region', { name: RECIPE.runs.en }))
      .getByRole('button', { name: RECIPE.undo.en })
      .click()
    await page.getByRole('region', { name: RECIPE.runs.en }).getByText(RUN_STATES.undone.en).waitFor()
    await context.close()
  })

  test('the workbench: a wrong question says where, a right one is answered masked, drawn, saved and opened again', async () => {
    const { page, context, faults } = await watch(browser, platform, { account: 'centre' })
    await page.goto('/workbench')
    await page.getByRole('heading', { level: 1, name: WORKBENCH.title.zh }).waitFor()
    const editor = page.getByRole('textbox', { name: WORKBENCH.editor.zh })
    const answer = page.getByRole('region', { name: WORKBENCH.answer.zh, exact: true })
    await page.locator('.ht-table-entry summary').first().click()
    const names = page.locator('.ht-table-entry').first().getByRole('button')
    const table = (await names.first().textContent())!.trim()
    await editor.fill(`select name, nothing_such\nfrom ${table}x`)
    await page.getByRole('button', { name: WORKBENCH.ask.zh, exact: true }).click()
    await page.getByRole('button', { name: /第 2 行第 \d+ 列/ }).waitFor()
    await expectAccessible(page)
    await shoot(page, 'workbench-fault')
    // As a person does: all of it chosen, and typed over.
    await editor.press('Control+a')
    await page.keyboard.type(
      `select village_code as village, name, count(*) as people from ${table} group by all order by people desc`,
    )
    await editor.press('Control+Enter')
    await answer.getByText('王**').first().waitFor()
    await expectTranslated(page)
    await expectAccessible(page)
    await shoot(page, 'workbench-answer')
    await page.getByText(WORKBENCH.asChart.zh, { exact: true }).click()
    await page.locator('.ht-chart svg').waitFor()
    await shoot(page, 'workbench-chart')
    await page.getByRole('button', { name: WORKBENCH.save.zh }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel(WORKBENCH.name.zh).fill('各村人数')
    await form.getByRole('button', { name: WORKBENCH.save.zh }).click()
    await page.getByRole('button', { name: '各村人数' }).waitFor()
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { level: 1, name: WORKBENCH.title.en }).waitFor()
    await expectTranslated(page)
    await expectAccessible(page, 'colours')
    await page.getByRole('button', { name: words('en', 'shell.dark') }).click()
    await shoot(page, 'workbench-en')
    await page.route('**/workbench/tables', (route) => route.abort())
    await page.goto('/workbench')
    await page.getByRole('button', { name: /重\s*试|Try again|Retry/ }).waitFor({ timeout: 15_000 })
    await shoot(page, 'workbench-failing')
    await page.unroute('**/workbench/tables')
    // What was asked for in the browser, and refused there, is no fault of the page.
    faults()
    await page.goto('/workbench')
    await page.getByRole('button', { name: '各村人数' }).click()
    await page.getByText('group by all').first().waitFor()
    expect(faults()).toEqual([])
    await context.close()
  })

  test('two checks are compared: what appeared, what is gone, and the rows of each', async () => {
    await quality.send([
      [...DIRTY[0]!.slice(0, 5), '330102001001'],
      ['2', '李梅', '11010519491231002X', null, null, '330102001001'],
      ['3', '张三', '340524198001010010', null, null, '330102001001'],
    ])
    const { id } = await quality.checked(made.suite)
    const { page, context, faults } = await watch(browser, platform, { account: 'civil-officer' })
    await page.goto(`/quality/runs/${id}`)
    const compared = page.getByRole('region', { name: CHECKS['compare.title'].zh })
    await compared.getByText(CHECKS['compare.rule_changed'].zh).or(compared.getByText('姓名必填')).first().waitFor()
    await page.waitForLoadState('networkidle')
    await expectTranslated(page)
    await expectAccessible(page)
    await shoot(page, 'compare-zh')
    await compared
      .getByRole('button', { name: new RegExp(CHECKS['compare.gone'].zh) })
      .first()
      .click()
    const rows = page.getByRole('dialog')
    await rows.getByRole('row').nth(1).waitFor()
    await expectAccessible(page)
    await shoot(page, 'compare-rows-zh')
    await page.keyboard.press('Escape')
    await rows.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('button', { name: words('en', 'shell.dark') }).click()
    await page.getByText(CHECKS['compare.title'].en).waitFor()
    await expectTranslated(page)
    await expectAccessible(page, 'colours')
    await shoot(page, 'compare-en')
    expect(faults()).toEqual([])
    await context.close()
  })
})
