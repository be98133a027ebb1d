import { listCoverage } from '@huitong/contract/rule-design'
import { Radio } from 'antd'
import { Link } from 'react-router'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { paths } from '../../paths.ts'
import type { Column } from '../../ui/list-table.tsx'
import { Exact } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { Conformance } from './conformance.tsx'
import { BINDING } from './design-words.ts'

type Row = RowOf<typeof listCoverage>

/** 落标情况: which items are bound, which deviate, and the share of values that keep to the standards. */
export default function CoveragePage() {
  const { t, say } = useWords()
  const [given, setBy] = useFilter('by')
  const [departmentId] = useFilter('departmentId')
  const by = given === 'department' ? 'department' : 'dataset'
  return (
    <>
      <PageHead title={t('rail.coverage')} />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <Radio.Group
          optionType="button"
          value={by}
          onChange={(event) => setBy(event.target.value === 'department' ? 'department' : undefined)}
          options={[
            { value: 'dataset', label: say(BINDING.byDataset) },
            { value: 'department', label: say(BINDING.byDepartment) },
          ]}
        />
      </div>
      <QueryTable
        key={by}
        endpoint={listCoverage}
        query={{ by, ...(departmentId && by === 'dataset' ? { departmentId } : {}) }}
        columns={useColumns(by)}
        rowKey={(row) => row.id}
        label={t('rail.coverage')}
        empty={say(BINDING.none)}
      />
    </>
  )
}

function useColumns(by: 'dataset' | 'department'): Column<Row>[] {
  const { t, say } = useWords()
  const figure = (title: string, key: 'items' | 'bound' | 'deviating' | 'datasets'): Column<Row> => ({
    title,
    key,
    width: 110,
    align: 'right',
    render: (row) => <Exact value={row[key]} />,
  })
  const ofDataset: Column<Row> = {
    title: t('quality.dataset'),
    key: 'name',
    render: (row) => (
      <span className="ht-two">
        <Link to={paths.bindings(row.id)}>{say(row.name)}</Link>
        <small>{say(row.departmentName)}</small>
      </span>
    ),
  }
  const ofDepartment: Column<Row> = {
    title: t('quality.department'),
    key: 'name',
    render: (row) => <Link to={paths.coverage(row.id)}>{say(row.name)}</Link>,
  }
  return [
    ...(by === 'dataset' ? [ofDataset] : [ofDepartment, figure(say(BINDING.datasets), 'datasets')]),
    figure(say(BINDING.items), 'items'),
    figure(say(BINDING.bound), 'bound'),
    {
      title: say(BINDING.share),
      key: 'share',
      width: 110,
      align: 'right',
      render: (row) => (
        <span className="ht-number">{row.items === 0 ? '–' : `${((row.bound / row.items) * 100).toFixed(1)} %`}</span>
      ),
    },
    figure(say(BINDING.deviates), 'deviating'),
    {
      title: say(BINDING.conformance),
      key: 'conformance',
      width: 130,
      align: 'right',
      render: (row) => <Conformance judged={row.judged} broken={row.broken} />,
    },
  ]
}
