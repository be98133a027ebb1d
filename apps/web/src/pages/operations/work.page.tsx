import { listWork } from '@huitong/contract/operations'
import { listNodes } from '@huitong/contract/nodes'
import { Select } from 'antd'
import { Link } from 'react-router'
import { useRead } from '../../api.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { useChoices } from '../../parts/selects.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { Count, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'
import { WorkSubject } from './work-subject.tsx'

type Row = RowOf<typeof listWork>
const STATES = ['queued', 'leased', 'done', 'failed', 'cancelled'] as const
const EVERY_MS = 5_000

export default function WorkPage() {
  const { t } = useWords()
  const [asked, setState] = useFilter('state')
  const [nodeId, setNode] = useFilter('nodeId')
  const state = STATES.find((one) => one === asked)
  const counted = useRead(listWork, { query: { limit: '1' } }, { everyMs: () => EVERY_MS })
  return (
    <>
      <PageHead title={t('rail.work')} facts={counted.data && t('work.counts', counted.data.counts)} />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <Select
          key={state ?? ''}
          {...(state ? { value: state } : {})}
          onChange={(value: string | undefined) => setState(value)}
          options={useChoices('workState', STATES)}
          allowClear
          placeholder={t('filter.allStates')}
          aria-label={t('dataset.state')}
          className="ht-filter"
        />
        <NodeSelect value={nodeId} onChange={setNode} />
      </div>
      <QueryTable
        endpoint={listWork}
        query={{ ...(state ? { state } : {}), ...(nodeId ? { nodeId } : {}) }}
        columns={useColumns()}
        rowKey={(row) => row.id}
        label={t('rail.work')}
        everyMs={EVERY_MS}
        empty={t('work.none')}
      />
    </>
  )
}

function NodeSelect({ value, onChange }: { value: string | undefined; onChange(value: string | undefined): void }) {
  const { t, say } = useWords()
  const read = useRead(listNodes, { query: { limit: '200' } })
  return (
    <Select
      key={value ?? ''}
      {...(value ? { value } : {})}
      onChange={(next: string | undefined) => onChange(next)}
      options={(read.data?.items ?? []).map((node) => ({ value: node.id, label: say(node.name) }))}
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      placeholder={t('work.node')}
      aria-label={t('work.node')}
      className="ht-filter"
      loading={read.isFetching}
    />
  )
}

function useColumns(): Column<Row>[] {
  const { t, say, choice } = useWords()
  return [
    { title: t('work.kind'), key: 'kind', width: 130, render: (row) => choice('workKind', row.kind) },
    { title: t('work.subject'), key: 'subject', width: 170, render: (row) => <WorkSubject work={row} /> },
    {
      title: t('work.node'),
      key: 'node',
      width: 200,
      render: (row) => (
        <span className="ht-two">
          <Link to={paths.node(row.nodeId)}>{say(row.nodeName)}</Link>
          <small>{say(row.departmentName)}</small>
        </span>
      ),
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 100,
      render: (row) => <State list="workState" value={row.state} />,
    },
    { title: t('work.rows'), key: 'rows', align: 'right', width: 100, render: (row) => <Count value={row.rows} /> },
    {
      title: t('work.times'),
      key: 'times',
      width: 190,
      render: (row) => (
        <span className="ht-two">
          <Moment at={row.createdAt} form="seconds" />
          <small>
            <Moment at={row.finishedAt} form="seconds" />
          </small>
        </span>
      ),
    },
    { title: t('work.problem'), key: 'problem', render: (row) => (row.problem ? say(row.problem) : '–') },
  ]
}
