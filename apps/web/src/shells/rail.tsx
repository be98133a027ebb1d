import {
  AlertOutlined,
  ApartmentOutlined,
  ApiOutlined,
  AuditOutlined,
  BarChartOutlined,
  CalendarOutlined,
  CloudServerOutlined,
  CodeOutlined,
  ClusterOutlined,
  ClearOutlined,
  DatabaseOutlined,
  ExperimentOutlined,
  FieldTimeOutlined,
  FileDoneOutlined,
  FileProtectOutlined,
  FileTextOutlined,
  FormOutlined,
  HeartOutlined,
  HighlightOutlined,
  IdcardOutlined,
  InboxOutlined,
  KeyOutlined,
  LineChartOutlined,
  NodeIndexOutlined,
  PartitionOutlined,
  SafetyCertificateOutlined,
  ScheduleOutlined,
  WarningOutlined,
  SearchOutlined,
  SolutionOutlined,
  TableOutlined,
  TeamOutlined,
  ToolOutlined,
} from '@ant-design/icons'
import type { Permission } from '@huitong/contract'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'react-router'
import { paths } from '../paths.ts'
import { useCan } from '../session.tsx'
import { useWords, type WordKey } from '../words/index.ts'

interface Entry {
  readonly word: WordKey
  readonly to: string
  readonly icon: ReactNode
  readonly need?: Permission
}

/** What people do, in their order; not our modules. */
const GROUPS: readonly { readonly word: WordKey; readonly entries: readonly Entry[] }[] = [
  {
    word: 'rail.desk',
    entries: [
      { word: 'rail.todo', to: paths.home(), icon: <InboxOutlined /> },
      { word: 'rail.deadlines', to: paths.obligations(), icon: <FieldTimeOutlined />, need: 'obligation.read' },
    ],
  },
  {
    word: 'rail.find',
    entries: [{ word: 'rail.catalogue', to: paths.search(), icon: <SearchOutlined />, need: 'catalogue.read' }],
  },
  {
    word: 'rail.ask',
    entries: [
      { word: 'rail.requests', to: paths.requests(), icon: <FileTextOutlined />, need: 'request.read' },
      { word: 'rail.grants', to: paths.grants(), icon: <FileDoneOutlined />, need: 'grant.read' },
      { word: 'rail.services', to: paths.services(), icon: <ApiOutlined />, need: 'service.read' },
      { word: 'rail.applications', to: paths.applications(), icon: <KeyOutlined />, need: 'service.read' },
      { word: 'rail.calls', to: paths.calls(), icon: <LineChartOutlined />, need: 'service.call.read' },
    ],
  },
  {
    word: 'rail.supply',
    entries: [
      {
        word: 'rail.compile',
        to: paths.datasets({ mine: 'true' }),
        icon: <DatabaseOutlined />,
        need: 'dataset.compile',
      },
      { word: 'rail.sources', to: paths.sources(), icon: <CloudServerOutlined />, need: 'node.read' },
      { word: 'rail.channels', to: paths.channels(), icon: <NodeIndexOutlined />, need: 'channel.read' },
    ],
  },
  {
    word: 'rail.centre',
    entries: [
      { word: 'rail.assets', to: paths.assets(), icon: <TableOutlined />, need: 'asset.read' },
      { word: 'rail.workbench', to: paths.workbench(), icon: <CodeOutlined />, need: 'workbench.use' },
      { word: 'rail.library', to: paths.library(), icon: <SolutionOutlined />, need: 'library.read' },
    ],
  },
  {
    word: 'rail.quality',
    entries: [
      { word: 'rail.elements', to: paths.dataElements(), icon: <PartitionOutlined /> },
      { word: 'rail.codeSets', to: paths.codeSets(), icon: <TableOutlined /> },
      { word: 'rail.coverage', to: paths.coverage(), icon: <FileDoneOutlined />, need: 'quality.read' },
      { word: 'rail.suites', to: paths.qualitySuites(), icon: <SafetyCertificateOutlined />, need: 'quality.read' },
      { word: 'rail.runs', to: paths.qualityRuns(), icon: <ExperimentOutlined />, need: 'quality.read' },
      { word: 'rail.recipes', to: paths.recipes(), icon: <ClearOutlined />, need: 'quality.read' },
      { word: 'rail.workOrders', to: paths.workOrders(), icon: <FormOutlined />, need: 'quality.read' },
      { word: 'rail.corrections', to: paths.corrections(), icon: <HighlightOutlined />, need: 'quality.read' },
      { word: 'rail.violations', to: paths.violations(), icon: <WarningOutlined />, need: 'quality.read' },
    ],
  },
  {
    word: 'rail.evidence',
    entries: [
      { word: 'rail.entries', to: paths.evidence(), icon: <FileProtectOutlined />, need: 'evidence.read' },
      { word: 'rail.verify', to: paths.verification(), icon: <AuditOutlined />, need: 'audit.verify' },
    ],
  },
  {
    word: 'rail.manage',
    entries: [
      { word: 'rail.report', to: paths.report(), icon: <BarChartOutlined />, need: 'report.read' },
      { word: 'rail.incidents', to: paths.incidents(), icon: <ToolOutlined />, need: 'alert.read' },
      { word: 'rail.alerts', to: paths.alerts(), icon: <AlertOutlined />, need: 'alert.read' },
      { word: 'rail.nodes', to: paths.nodes(), icon: <ClusterOutlined />, need: 'node.read' },
      { word: 'rail.work', to: paths.work(), icon: <ScheduleOutlined />, need: 'node.read' },
      { word: 'rail.departments', to: paths.departments(), icon: <ApartmentOutlined />, need: 'directory.read' },
      { word: 'rail.people', to: paths.people(), icon: <TeamOutlined />, need: 'directory.read' },
      { word: 'rail.roles', to: paths.roles(), icon: <IdcardOutlined />, need: 'directory.read' },
      { word: 'rail.templates', to: paths.templates(), icon: <PartitionOutlined />, need: 'request.read' },
      { word: 'rail.health', to: paths.health(), icon: <HeartOutlined />, need: 'health.read' },
      { word: 'rail.clock', to: paths.clock(), icon: <CalendarOutlined /> },
    ],
  },
]

/** The entry that the address belongs to: the longest one that it begins with. */
function currentEntry(pathname: string, search: string): string {
  const compiling = pathname === '/datasets' && new URLSearchParams(search).get('mine') !== null
  if (compiling) return paths.datasets({ mine: 'true' })
  const here = /^\/datasets(\/|$)/.test(pathname) ? paths.search() : pathname
  const all = GROUPS.flatMap((group) => group.entries.map((entry) => entry.to))
  if (all.includes(here)) return here
  return all.filter((to) => to !== '/' && here.startsWith(`${to}/`)).sort((a, b) => b.length - a.length)[0] ?? ''
}

/** The left rail. */
export function Rail() {
  const { t } = useWords()
  const can = useCan()
  const { pathname, search } = useLocation()
  const current = currentEntry(pathname, search)
  const groups = GROUPS.map((group) => ({
    word: group.word,
    entries: group.entries.filter((entry) => !entry.need || can(entry.need)),
  })).filter((group) => group.entries.length > 0)
  return (
    <nav className="ht-rail" aria-label={t('shell.rail')}>
      <Link to={paths.home()} className="ht-brand">
        <img src="/mark.svg" alt="" width={24} height={24} />
        <span>
          <strong>{t('app.short')}</strong>
          <small>{t('app.long')}</small>
        </span>
      </Link>
      {groups.map((group) => (
        <div key={group.word} className="ht-rail-group" role="group" aria-label={t(group.word)}>
          <div className="ht-rail-title" aria-hidden>
            {t(group.word)}
          </div>
          <ul>
            {group.entries.map((entry) => (
              <li key={entry.to}>
                <Link to={entry.to} {...(entry.to === current ? { 'aria-current': 'page' as const } : {})}>
                  <span aria-hidden>{entry.icon}</span>
                  {t(entry.word)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}
