import { setTimeout as sleep } from 'node:timers/promises'
import { makeCentreNode, makeCentreSource } from './centre-node.ts'
import { cityOf } from './city.ts'
import { databasesFile, ensureDatabases, fillVillages, VILLAGES_TOTAL } from './databases.ts'
import { makeDrafts } from './drafts.ts'
import { demoFile, readJson, writeAccounts, writePrivate } from './files.ts'
import { fillFolder, makeFolderSource } from './folder.ts'
import { makeNodes, makeSources } from './nodes.ts'
import { makeDepartments, makePeople, openSite, setUp } from './populate.ts'
import { openProgress } from './progress.ts'
import { fillRegisters } from './registers.ts'
import { FIRMS_MIN, firmsFor, PERSONS_MIN, personsFor, type CitySize } from './size.ts'

/**
 * Builds the demonstration city once. Every step looks at what is there, so that it can be killed anywhere and run again;
 * everything but the progress goes through the public API, as people would do it.
 */
async function build(): Promise<void> {
  const dataDir = required('HUITONG_DATA')
  const platformUrl = required('HUITONG_PLATFORM_URL')
  const departmentsUrl = required('HUITONG_DEPARTMENTS_URL')
  const { seed, ...size } = choices(dataDir)
  const city = cityOf(seed)
  writeAccounts(dataDir, city)
  await platformReady(platformUrl)
  const progress = openProgress(required('DATABASE_URL'))
  const site = openSite(city, platformUrl, dataDir)

  await progress.say(2, `正在建立${city.division.name}的部门和人员`, 'Making departments and people')
  await setUp(site)
  const departments = await makeDepartments(site)
  await makePeople(site, departments)

  await progress.say(30, '正在建立部门数据库和前置节点', 'Making the departments’ databases and nodes')
  const databases = databasesFile(dataDir, departmentsUrl)
  await ensureDatabases(departmentsUrl, databases)
  await makeNodes(site, departments)
  await makeCentreNode(site, departments)

  await progress.say(
    40,
    '正在向民政局前置库推送全国村级区划数据',
    'Pushing the table of villages into the front database',
  )
  const rows = await fillVillages(departmentsUrl, databases, size.villages)

  await progress.say(
    60,
    `已推送 ${rows} 行村级区划，正在推送人口、低保、企业和许可数据`,
    `${rows} villages pushed; pushing people, benefits, enterprises and licences`,
  )
  await fillRegisters(departmentsUrl, { city, size, dataDir, databases })
  fillFolder(dataDir, seed)

  await progress.say(85, '正在登记数据源和目录草稿', 'Registering data sources and drafts')
  await makeDrafts(site)
  await makeSources(site, departments, databases)
  await makeFolderSource(site, departments)
  await makeCentreSource(site, departments)
  await progress.say(100, '演示城市已就绪', 'The demonstration city is ready')
  await progress.end()
}

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`${name} is not set: the supervisor starts this program`)
  return value
}

interface Choices extends CitySize {
  readonly seed: number
}

/** HUITONG_DEMO_SEED and the sizes count at the first start only: a city does not change under its people. */
function choices(dataDir: string): Choices {
  const path = demoFile(dataDir, 'city.json')
  const kept = readJson<Partial<Choices>>(path)
  const seed = kept?.seed ?? wholeNumber('HUITONG_DEMO_SEED', 1)
  const villages = Math.min(VILLAGES_TOTAL, kept?.villages ?? wholeNumber('HUITONG_DEMO_VILLAGES', VILLAGES_TOTAL))
  const persons = kept?.persons ?? Math.max(PERSONS_MIN, wholeNumber('HUITONG_DEMO_PERSONS', personsFor(villages)))
  const firms = kept?.firms ?? Math.max(FIRMS_MIN, wholeNumber('HUITONG_DEMO_FIRMS', firmsFor(persons)))
  const made = { seed, villages, persons, firms }
  if (JSON.stringify(kept) !== JSON.stringify(made)) writePrivate(path, `${JSON.stringify(made)}\n`)
  return made
}

function wholeNumber(name: string, fallback: number): number {
  const text = process.env[name]
  if (text === undefined || text === '') return fallback
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} must be a whole number, not "${text}"`)
  return Number(text)
}

async function platformReady(url: string): Promise<void> {
  for (;;) {
    const reply = await fetch(`${url}/readyz`).catch(() => null)
    await reply?.body?.cancel()
    if (reply?.status === 200) return
    await sleep(100)
  }
}

const begun = performance.now()
await build()
console.log(`the city was ready after ${((performance.now() - begun) / 1000).toFixed(1)} s`)
process.exit(0)
