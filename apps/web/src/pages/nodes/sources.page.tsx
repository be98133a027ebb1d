import { discoverSource, listConnectorKinds, listNodes, listSources } from '@huitong/contract/nodes'
import { Tooltip } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { toProblem, useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { DepartmentSelect } from '../../parts/selects.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'
import { ConsentButton } from './consent.tsx'
import { NewSource } from './new-source.tsx'
import { UPLOADS } from './uploads-words.ts'

type Row = RowOf<typeof listSources>
const EVERY_MS = 3_000

export default function SourcesPage() {
  const { t } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const [departmentId, setDepartment] = useFilter('departmentId')
  const [open, setOpen] = useState(false)
  return (
    <>
      <PageHead
        title={t('rail.sources')}
        facts={t('source.help')}
        actions={
          can('node.manage') && (
            <ActionButton type="primary" allowance={allow('node.manage')} onClick={() => setOpen(true)}>
              {t('source.new')}
            </ActionButton>
          )
        }
      />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        {can('directory.read') && (
          <DepartmentSelect
            value={departmentId}
            onChange={setDepartment}
            allowClear
            placeholder={t('filter.allDepartments')}
            aria-label={t('department.name')}
            className="ht-filter-wide"
          />
        )}
      </div>
      <QueryTable
        endpoint={listSources}
        query={departmentId ? { departmentId } : {}}
        columns={useColumns()}
        rowKey={(row) => row.id}
        label={t('rail.sources')}
        everyMs={EVERY_MS}
        empty={t(can('node.manage') ? 'source.noneCentre' : 'source.none')}
      />
      {open && <NewSource onClose={() => setOpen(false)} />}
    </>
  )
}

/** Where a source is, in one line: `10.1.2.3:5432/front`, a folder, or its settings as they are. */
function placeOf(settings: Row['settings']): string {
  const { host, port, database, root } = settings
  if (host !== undefined)
    return `${String(host)}${port ? `:${String(port)}` : ''}${database ? `/${String(database)}` : ''}`
  if (root !== undefined) return String(root)
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ')
}

function useColumns(): Column<Row>[] {
  const { t, say, choice } = useWords()
  const can = useCan()
  const nodes = useRead(listNodes, { query: { limit: '200' } })
  const node = (id: string) => nodes.data?.items.find((one) => one.id === id)
  const kinds = useRead(listConnectorKinds)
  const kind = (name: string) => kinds.data?.items.find((one) => one.kind === name)?.words ?? { zh: name }
  return [
    {
      title: t('source.name'),
      key: 'name',
      render: (row) => (
        <span className="ht-two">
          {say(row.name)}
          <small className="ht-code">{placeOf(row.settings)}</small>
        </span>
      ),
    },
    { title: t('source.kind'), key: 'kind', width: 160, render: (row) => say(kind(row.kind)) },
    {
      title: t('source.usage'),
      key: 'usage',
      width: 100,
      render: (row) => <span className="ht-whole">{choice('usage', row.usage)}</span>,
    },
    {
      title: t('source.front'),
      key: 'front',
      width: 110,
      render: (row) => t(row.frontDatabase ? 'source.frontYes' : 'source.frontNo'),
    },
    {
      title: t('source.node'),
      key: 'node',
      width: 200,
      render: (row) => {
        const found = node(row.nodeId)
        return found ? (
          <span className="ht-two">
            {say(found.name)}
            <State list="nodeState" value={found.state} />
          </span>
        ) : (
          '–'
        )
      },
    },
    {
      title: t('source.discovery'),
      key: 'discovery',
      width: 190,
      render: (row) =>
        row.discovery ? (
          <span className="ht-two">
            <Tooltip title={row.discovery.problem ? say(row.discovery.problem) : undefined}>
              <span>
                <State list="discoveryState" value={row.discovery.state} />
              </span>
            </Tooltip>
            <Moment at={row.discovery.at} />
          </span>
        ) : (
          <span className="ht-quiet">{t('source.notDiscovered')}</span>
        ),
    },
    {
      title: t('action.column'),
      key: 'actions',
      width: 190,
      render: (row) => (
        <span className="ht-marks">
          {can('source.discover') && row.kind === 'uploads' && (
            <Link to={paths.sourceUploads(row.id)}>{say(UPLOADS.title)}</Link>
          )}
          {can('source.discover') && <Discover row={row} />}
          {can('node.manage') && !row.frontDatabase && <ConsentButton source={row} />}
          {can('source.discover') && (row.discovery?.tables ?? 0) > 0 && (
            <Link to={paths.sourceTables(row.id)}>{t('source.tables', { count: row.discovery?.tables ?? 0 })}</Link>
          )}
        </span>
      ),
    },
  ]
}

const BUSY = { zh: '正在探查', en: 'A discovery is under way' }

function Discover({ row }: { readonly row: Row }) {
  const { t, say } = useWords()
  const toast = useToast()
  const allow = useAllowance()
  const act = useAct(discoverSource)
  const busy = row.discovery?.state === 'queued' || row.discovery?.state === 'running'
  const start = () =>
    act.run({ params: { id: row.id } }).then(
      () => toast.good(t('source.discoveryStarted')),
      (error: unknown) => toast.bad(say(toProblem(error).message)),
    )
  return (
    <ActionButton
      size="small"
      allowance={busy ? { allowed: false, reason: BUSY } : allow('source.discover')}
      loading={act.busy}
      aria-label={`${t('source.discover')} ${say(row.name)}`}
      onClick={() => void start()}
    >
      {t('source.discover')}
    </ActionButton>
  )
}
