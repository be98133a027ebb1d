/** The only way to spell the address of a page. Addresses mirror the nouns of the API. */

type Search = Readonly<Record<string, string | undefined>>

const withSearch = (path: string, search: Search = {}): string => {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(search)) if (value !== undefined && value !== '') query.set(key, value)
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}
const part = encodeURIComponent

export type DatasetTab = 'overview' | 'items' | 'mounting' | 'preview' | 'quality' | 'versions' | 'use'

export const paths = {
  home: () => '/',
  login: (next?: string) => withSearch('/login', { next: next === '/' ? undefined : next }),
  setup: () => '/setup',
  password: () => '/account/password',

  datasets: (search?: {
    q?: string | undefined
    departmentId?: string | undefined
    shareAttribute?: string | undefined
    state?: string | undefined
    mine?: 'true' | undefined
  }) => withSearch('/datasets', search),
  search: (search?: { q?: string | undefined; department?: string | undefined }) => withSearch('/search', search),
  datasetNew: (tableId?: string) => withSearch('/datasets/new', { table: tableId }),
  dataset: (id: string, tab?: DatasetTab) => withSearch(`/datasets/${part(id)}`, { tab }),
  lineage: (id: string, search?: { item?: string; change?: string }) =>
    withSearch(`/datasets/${part(id)}/lineage`, search),
  datasetEdit: (id: string) => `/datasets/${part(id)}/edit`,

  requests: (box?: 'todo' | 'done' | 'sent' | 'overdue') => withSearch('/requests', { box }),
  requestNew: (datasetId: string) => withSearch('/requests/new', { dataset: datasetId }),
  request: (id: string) => `/requests/${part(id)}`,
  requestEdit: (id: string) => `/requests/${part(id)}/edit`,
  obligations: (state?: 'open' | 'overdue' | 'fulfilled') => withSearch('/obligations', { state }),

  qualitySuites: () => '/quality/suites',
  qualitySuite: (id: string) => `/quality/suites/${part(id)}`,
  qualityRuns: (datasetId?: string) => withSearch('/quality/runs', { datasetId }),
  qualityRun: (id: string) => `/quality/runs/${part(id)}`,
  workOrders: (state?: 'unclosed' | 'closed') => withSearch('/quality/work-orders', { state }),
  workOrder: (id: string) => `/quality/work-orders/${part(id)}`,
  corrections: (datasetId?: string) => withSearch('/quality/corrections', { datasetId }),
  violations: () => '/quality/violations',

  coverage: (departmentId?: string) => withSearch('/quality/coverage', { departmentId }),
  bindings: (datasetId: string) => `/quality/datasets/${part(datasetId)}/standards`,
  recipes: () => '/quality/recipes',
  recipe: (datasetId: string) => `/quality/datasets/${part(datasetId)}/recipe`,
  ruleDesign: (datasetId: string) => `/quality/datasets/${part(datasetId)}/rules`,
  dataElements: () => '/standards/elements',
  dataElement: (id: string) => `/standards/elements/${part(id)}`,
  codeSets: () => '/standards/code-sets',
  codeSet: (id: string, label?: string) => withSearch(`/standards/code-sets/${part(id)}`, { label }),

  grants: () => '/grants',
  grant: (id: string) => `/grants/${part(id)}`,

  channels: (state?: string) => withSearch('/channels', { state }),
  channelNew: (grantId?: string) => withSearch('/channels/new', { grant: grantId }),
  channel: (id: string) => `/channels/${part(id)}`,
  statement: (id: string) => `/statements/${part(id)}`,

  services: () => '/services',
  service: (id: string) => `/services/${part(id)}`,
  applications: () => '/applications',
  calls: () => '/service-calls',
  assets: () => '/assets',
  workbench: (questionId?: string) => withSearch('/workbench', { question: questionId }),
  library: () => '/library',
  fusion: (library?: 'person' | 'firm') => withSearch('/fusion', { library }),
  fusionRun: (id: string) => `/fusion-runs/${part(id)}`,
  fusedMaster: (runId: string, master: string) => `/fusion-runs/${part(runId)}/masters/${part(master)}`,

  evidence: (search?: { objectKind?: string; objectId?: string; action?: string }) => withSearch('/evidence', search),
  evidenceEntry: (index: string) => `/evidence/${part(index)}`,
  verification: () => '/verification',

  nodes: () => '/nodes',
  node: (id: string) => `/nodes/${part(id)}`,
  work: (search?: { state?: string; nodeId?: string }) => withSearch('/work', search),
  alerts: () => '/alerts',
  incidents: () => '/incidents',
  incident: (id: string) => `/incidents/${part(id)}`,
  report: () => '/report',
  sources: (departmentId?: string) => withSearch('/data-sources', { departmentId }),
  sourceUploads: (id: string) => `/data-sources/${part(id)}/uploads`,
  sourceTables: (id: string) => `/data-sources/${part(id)}/tables`,
  departments: () => '/departments',
  people: (departmentId?: string) => withSearch('/people', { departmentId }),
  roles: () => '/roles',
  templates: () => '/request-templates',
  health: () => '/health',
  clock: () => '/legal-clock',
} as const

/** A link that the server gave: followed only when it stays on this platform. */
export function localLink(link: string): string {
  return /^\/(?![/\\])/.test(link) ? link : paths.home()
}
