import { matchRoutes } from 'react-router'
import { expect, test } from 'vitest'
import { localLink, paths } from './paths.ts'
import { routes } from './routes.tsx'

const ID = '0190a0a0-0000-7000-8000-000000000001'
/** One example per builder; a builder without an example fails below. */
const EXAMPLES: Record<keyof typeof paths, string> = {
  home: paths.home(),
  login: paths.login('/requests?box=todo'),
  setup: paths.setup(),
  password: paths.password(),
  search: paths.search({ q: '低保 社区', department: ID }),
  datasets: paths.datasets({ q: '人口', departmentId: ID, shareAttribute: 'conditional', state: undefined }),
  datasetNew: paths.datasetNew(ID),
  dataset: paths.dataset(ID, 'items'),
  datasetEdit: paths.datasetEdit(ID),
  requests: paths.requests('overdue'),
  requestNew: paths.requestNew(ID),
  request: paths.request(ID),
  requestEdit: paths.requestEdit(ID),
  obligations: paths.obligations('open'),
  qualitySuites: paths.qualitySuites(),
  qualitySuite: paths.qualitySuite(ID),
  qualityRuns: paths.qualityRuns(ID),
  qualityRun: paths.qualityRun(ID),
  workOrders: paths.workOrders('unclosed'),
  workOrder: paths.workOrder(ID),
  corrections: paths.corrections(ID),
  violations: paths.violations(),
  coverage: paths.coverage(ID),
  bindings: paths.bindings(ID),
  lineage: paths.lineage(ID, { item: 'name' }),
  recipes: paths.recipes(),
  recipe: paths.recipe(ID),
  ruleDesign: paths.ruleDesign(ID),
  dataElements: paths.dataElements(),
  dataElement: paths.dataElement(ID),
  codeSets: paths.codeSets(),
  codeSet: paths.codeSet(ID, '2003'),
  grants: paths.grants(),
  grant: paths.grant(ID),
  services: paths.services(),
  service: paths.service(ID),
  applications: paths.applications(),
  calls: paths.calls(),
  assets: paths.assets(),
  library: paths.library(),
  workbench: paths.workbench(ID),
  fusion: paths.fusion('firm'),
  fusionRun: paths.fusionRun(ID),
  fusedMaster: paths.fusedMaster(ID, 'a'.repeat(32)),
  channels: paths.channels('running'),
  channelNew: paths.channelNew(ID),
  channel: paths.channel(ID),
  statement: paths.statement(ID),
  evidence: paths.evidence({ objectKind: 'dataset', objectId: ID }),
  evidenceEntry: paths.evidenceEntry('12'),
  verification: paths.verification(),
  nodes: paths.nodes(),
  node: paths.node(ID),
  work: paths.work({ state: 'failed' }),
  alerts: paths.alerts(),
  incidents: paths.incidents(),
  incident: paths.incident(ID),
  report: paths.report(),
  sources: paths.sources(ID),
  sourceTables: paths.sourceTables(ID),
  sourceUploads: paths.sourceUploads(ID),
  departments: paths.departments(),
  people: paths.people(ID),
  roles: paths.roles(),
  templates: paths.templates(),
  health: paths.health(),
  clock: paths.clock(),
}

test('addresses stay what they are: people keep them as bookmarks', () => {
  expect(EXAMPLES).toMatchInlineSnapshot(`
    {
      "alerts": "/alerts",
      "applications": "/applications",
      "assets": "/assets",
      "bindings": "/quality/datasets/0190a0a0-0000-7000-8000-000000000001/standards",
      "calls": "/service-calls",
      "channel": "/channels/0190a0a0-0000-7000-8000-000000000001",
      "channelNew": "/channels/new?grant=0190a0a0-0000-7000-8000-000000000001",
      "channels": "/channels?state=running",
      "clock": "/legal-clock",
      "codeSet": "/standards/code-sets/0190a0a0-0000-7000-8000-000000000001?label=2003",
      "codeSets": "/standards/code-sets",
      "corrections": "/quality/corrections?datasetId=0190a0a0-0000-7000-8000-000000000001",
      "coverage": "/quality/coverage?departmentId=0190a0a0-0000-7000-8000-000000000001",
      "dataElement": "/standards/elements/0190a0a0-0000-7000-8000-000000000001",
      "dataElements": "/standards/elements",
      "dataset": "/datasets/0190a0a0-0000-7000-8000-000000000001?tab=items",
      "datasetEdit": "/datasets/0190a0a0-0000-7000-8000-000000000001/edit",
      "datasetNew": "/datasets/new?table=0190a0a0-0000-7000-8000-000000000001",
      "datasets": "/datasets?q=%E4%BA%BA%E5%8F%A3&departmentId=0190a0a0-0000-7000-8000-000000000001&shareAttribute=conditional",
      "departments": "/departments",
      "evidence": "/evidence?objectKind=dataset&objectId=0190a0a0-0000-7000-8000-000000000001",
      "evidenceEntry": "/evidence/12",
      "fusedMaster": "/fusion-runs/0190a0a0-0000-7000-8000-000000000001/masters/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "fusion": "/fusion?library=firm",
      "fusionRun": "/fusion-runs/0190a0a0-0000-7000-8000-000000000001",
      "grant": "/grants/0190a0a0-0000-7000-8000-000000000001",
      "grants": "/grants",
      "health": "/health",
      "home": "/",
      "incident": "/incidents/0190a0a0-0000-7000-8000-000000000001",
      "incidents": "/incidents",
      "library": "/library",
      "lineage": "/datasets/0190a0a0-0000-7000-8000-000000000001/lineage?item=name",
      "login": "/login?next=%2Frequests%3Fbox%3Dtodo",
      "node": "/nodes/0190a0a0-0000-7000-8000-000000000001",
      "nodes": "/nodes",
      "obligations": "/obligations?state=open",
      "password": "/account/password",
      "people": "/people?departmentId=0190a0a0-0000-7000-8000-000000000001",
      "qualityRun": "/quality/runs/0190a0a0-0000-7000-8000-000000000001",
      "qualityRuns": "/quality/runs?datasetId=0190a0a0-0000-7000-8000-000000000001",
      "qualitySuite": "/quality/suites/0190a0a0-0000-7000-8000-000000000001",
      "qualitySuites": "/quality/suites",
      "recipe": "/quality/datasets/0190a0a0-0000-7000-8000-000000000001/recipe",
      "recipes": "/quality/recipes",
      "report": "/report",
      "request": "/requests/0190a0a0-0000-7000-8000-000000000001",
      "requestEdit": "/requests/0190a0a0-0000-7000-8000-000000000001/edit",
      "requestNew": "/requests/new?dataset=0190a0a0-0000-7000-8000-000000000001",
      "requests": "/requests?box=overdue",
      "roles": "/roles",
      "ruleDesign": "/quality/datasets/0190a0a0-0000-7000-8000-000000000001/rules",
      "search": "/search?q=%E4%BD%8E%E4%BF%9D+%E7%A4%BE%E5%8C%BA&department=0190a0a0-0000-7000-8000-000000000001",
      "service": "/services/0190a0a0-0000-7000-8000-000000000001",
      "services": "/services",
      "setup": "/setup",
      "sourceTables": "/data-sources/0190a0a0-0000-7000-8000-000000000001/tables",
      "sourceUploads": "/data-sources/0190a0a0-0000-7000-8000-000000000001/uploads",
      "sources": "/data-sources?departmentId=0190a0a0-0000-7000-8000-000000000001",
      "statement": "/statements/0190a0a0-0000-7000-8000-000000000001",
      "templates": "/request-templates",
      "verification": "/verification",
      "violations": "/quality/violations",
      "work": "/work?state=failed",
      "workOrder": "/quality/work-orders/0190a0a0-0000-7000-8000-000000000001",
      "workOrders": "/quality/work-orders?state=unclosed",
      "workbench": "/workbench?question=0190a0a0-0000-7000-8000-000000000001",
    }
  `)
})

test('every address leads to a page of its own, none to the page for unknown addresses', () => {
  for (const [name, address] of Object.entries(EXAMPLES)) {
    const matches = matchRoutes(routes, new URL(address, 'http://h').pathname)
    expect(matches, name).not.toBeNull()
    expect(
      matches!.some((match) => match.route.path === '*'),
      name,
    ).toBe(false)
  }
  expect(matchRoutes(routes, '/no/such/page')!.some((match) => match.route.path === '*')).toBe(true)
})

test('empty parameters leave no trace and odd ones are escaped', () => {
  expect(paths.datasets({ q: '', state: undefined })).toBe('/datasets')
  expect(paths.datasets({ q: 'a&b=c' })).toBe('/datasets?q=a%26b%3Dc')
  expect(paths.login('/')).toBe('/login')
})

test('links never lead off the platform', () => {
  expect(localLink('/requests/1')).toBe('/requests/1')
  expect(localLink('//evil.example')).toBe('/')
  expect(localLink('/\\evil.example')).toBe('/')
  expect(localLink('https://evil.example')).toBe('/')
  expect(localLink('javascript:alert(1)')).toBe('/')
})
