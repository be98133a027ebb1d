import { listDatasets } from '@huitong/contract/catalogue'
import type { QueryOf } from '@huitong/contract'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useAllowance } from '../../parts/allowance.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { DepartmentSelect, useChoices } from '../../parts/selects.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { Count, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'
import { SHARE_ATTRIBUTES } from './lists.ts'

type Row = RowOf<typeof listDatasets>
type Query = QueryOf<typeof listDatasets>

export default function DatasetsPage() {
  const { t } = useWords()
  const can = useCan()
  const navigate = useNavigate()
  const allow = useAllowance()
  const [q] = useFilter('q')
  const [departmentId] = useFilter('departmentId')
  const [shareAttribute] = useFilter('shareAttribute')
  const [state] = useFilter('state')
  const [mine] = useFilter('mine')
  const query: Query = {
    ...(q ? { q } : {}),
    ...(departmentId ? { departmentId } : {}),
    ...(shareAttribute ? { shareAttribute: shareAttribute as NonNullable<Query['shareAttribute']> } : {}),
    ...(state ? { state: state as NonNullable<Query['state']> } : {}),
    ...(mine ? { mine: 'true' } : {}),
  }
  const compiling = mine !== undefined
  return (
    <>
      <PageHead
        title={t(compiling ? 'datasets.mine' : 'datasets.title')}
        actions={
          can('dataset.compile') && (
            <ActionButton
              type={compiling ? 'primary' : 'default'}
              allowance={allow('dataset.compile')}
              onClick={() => void navigate(paths.datasetNew())}
            >
              {t('datasets.new')}
            </ActionButton>
          )
        }
      />
      <Filters key={q ?? ''} />
      <QueryTable
        endpoint={listDatasets}
        query={query}
        columns={useColumns(compiling)}
        rowKey={(row) => row.id}
        label={t('datasets.title')}
        empty={<Nothing filtered={Object.keys(query).length > (compiling ? 1 : 0)} compiling={compiling} />}
      />
    </>
  )
}

function Nothing({ filtered, compiling }: { readonly filtered: boolean; readonly compiling: boolean }) {
  const { t } = useWords()
  if (filtered)
    return (
      <>
        <p>{t('datasets.noneFound')}</p>
        <Link to={compiling ? paths.datasets({ mine: 'true' }) : paths.datasets()}>{t('filter.clear')}</Link>
      </>
    )
  return <p>{t(compiling ? 'datasets.noneMine' : 'datasets.none')}</p>
}

function useColumns(compiling: boolean): Column<Row>[] {
  const { t, say, choice } = useWords()
  return [
    {
      title: t('dataset.name'),
      key: 'name',
      render: (row) => (
        <span className="ht-two">
          <Link to={paths.dataset(row.id)}>{say(row.name)}</Link>
          <small className="ht-code">{row.officialCode ?? row.code}</small>
        </span>
      ),
    },
    { title: t('dataset.department'), key: 'department', width: 180, render: (row) => say(row.departmentName) },
    {
      title: t('dataset.shareAttribute'),
      key: 'shareAttribute',
      width: 130,
      render: (row) => <State list="shareAttribute" value={row.shareAttribute} />,
    },
    {
      title: t('dataset.updateCycle'),
      key: 'cycle',
      width: 90,
      render: (row) => choice('updateCycle', row.updateCycle),
    },
    {
      title: t('dataset.itemCount'),
      key: 'items',
      align: 'right',
      width: 80,
      render: (row) => <Count value={row.itemCount} />,
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: compiling ? 190 : 110,
      render: (row) => (
        <span className="ht-marks">
          {(row.state !== 'draft' || !row.pendingState) && <State list="datasetState" value={row.state} />}
          {row.pendingState && (compiling || row.state === 'draft') && (
            <State list="versionState" value={row.pendingState} />
          )}
        </span>
      ),
    },
    {
      title: t('dataset.updatedAt'),
      key: 'updatedAt',
      width: 150,
      render: (row) => <Moment at={row.updatedAt} form="day" />,
    },
  ]
}

function Filters() {
  const { t } = useWords()
  const [q, setQ] = useFilter('q')
  const [departmentId, setDepartment] = useFilter('departmentId')
  const [shareAttribute, setAttribute] = useFilter('shareAttribute')
  const [state, setState] = useFilter('state')
  const [text, setText] = useState(q ?? '')
  const attributes = useChoices('shareAttribute', SHARE_ATTRIBUTES)
  return (
    <div className="ht-filters" role="group" aria-label={t('filter.label')}>
      <Input.Search
        value={text}
        onChange={(event) => setText(event.target.value)}
        onSearch={(value) => setQ(value.trim())}
        placeholder={t('datasets.search')}
        aria-label={t('datasets.search')}
        maxLength={64}
        allowClear
        enterButton={<Button>{t('filter.search')}</Button>}
        className="ht-filter-search"
      />
      <DepartmentSelect
        value={departmentId}
        onChange={setDepartment}
        allowClear
        placeholder={t('filter.allDepartments')}
        aria-label={t('dataset.department')}
        className="ht-filter-wide"
      />
      <Select
        {...(shareAttribute ? { value: shareAttribute } : {})}
        key={`attribute ${shareAttribute ?? ''}`}
        onChange={setAttribute}
        options={attributes}
        allowClear
        placeholder={t('dataset.shareAttribute')}
        aria-label={t('dataset.shareAttribute')}
        className="ht-filter"
      />
      <Select
        value={state ?? ''}
        onChange={(value) => setState(value)}
        aria-label={t('dataset.state')}
        className="ht-filter"
        options={[
          { value: '', label: t('datasets.anyState') },
          { value: 'published', label: t('datasetState.published') },
          { value: 'pending', label: t('datasets.pending') },
          { value: 'draft', label: t('datasetState.draft') },
        ]}
      />
    </div>
  )
}
