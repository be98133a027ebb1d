import { diffDatasetVersions, listDatasetVersions } from '@huitong/contract/catalogue'
import type { ReplyOf } from '@huitong/contract'
import { Select } from 'antd'
import { useState } from 'react'
import { toProblem, useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Mark, Moment } from '../../ui/marks.tsx'
import { Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { toldValue } from './told-value.ts'

type Version = ReplyOf<typeof listDatasetVersions>['items'][number]
type Change = ReplyOf<typeof diffDatasetVersions>['changes'][number]

const CHANGE_TONES = { added: 'good', removed: 'bad', changed: 'warn' } as const

/** Every version of an entry, and what changed between two of them. */
export function DatasetVersions({ datasetId }: { readonly datasetId: string }) {
  const { t } = useWords()
  const read = useRead(listDatasetVersions, { params: { id: datasetId } })
  const columns: Column<Version>[] = [
    { title: t('version.number'), key: 'number', render: (row) => row.number, align: 'right', width: 80 },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 120,
      render: (row) => <State list="versionState" value={row.state} />,
    },
    { title: t('version.changedAt'), key: 'at', width: 190, render: (row) => <Moment at={row.changedAt} /> },
    { title: t('version.changedBy'), key: 'by', width: 140, render: (row) => row.changedBy ?? '–' },
    { title: t('decision.opinion'), key: 'opinion', render: (row) => row.opinion ?? '–' },
  ]
  return (
    <Reading read={read}>
      {({ items }) => (
        <>
          <ListTable
            label={t('dataset.versions')}
            columns={columns}
            rows={items}
            rowKey={(row) => row.number}
            loading={false}
            empty={t('version.none')}
          />
          {items.length > 1 && <Differences datasetId={datasetId} versions={items} />}
        </>
      )}
    </Reading>
  )
}

function Differences({ datasetId, versions }: { readonly datasetId: string; readonly versions: readonly Version[] }) {
  const { t, choice } = useWords()
  const numbers = versions.map((version) => version.number).sort((a, b) => b - a)
  const [to, setTo] = useState(numbers[0]!)
  const [from, setFrom] = useState(numbers[1]!)
  const read = useRead(
    diffDatasetVersions,
    { params: { id: datasetId }, query: { from: String(from), to: String(to) } },
    { enabled: from !== to, keep: true },
  )
  const options = versions.map((version) => ({
    value: version.number,
    label: `${t('version.label', { number: version.number })} · ${choice('versionState', version.state)}`,
  }))
  return (
    <Section
      title={t('version.compare')}
      extra={
        <span className="ht-inline">
          <Select
            aria-label={t('version.from')}
            value={from}
            onChange={setFrom}
            options={options}
            className="ht-filter"
          />
          <span aria-hidden>→</span>
          <Select aria-label={t('version.to')} value={to} onChange={setTo} options={options} className="ht-filter" />
        </span>
      }
    >
      <ListTable
        label={t('version.compare')}
        columns={useDiffColumns()}
        rows={from === to ? [] : read.data?.changes}
        rowKey={(change) => `${change.kind} ${change.path}`}
        loading={from !== to && read.isPending}
        problem={read.error ? toProblem(read.error) : null}
        onRetry={() => void read.refetch()}
        empty={t(from === to ? 'version.pickTwo' : 'version.same')}
      />
    </Section>
  )
}

function useDiffColumns(): Column<Change>[] {
  const speaker = useWords()
  const { t, say, choice } = speaker
  return [
    {
      title: t('version.place'),
      key: 'place',
      width: 240,
      render: (change) => (
        <span className="ht-two">
          {say(change.words)}
          <small className="ht-code">{change.path}</small>
        </span>
      ),
    },
    {
      title: t('version.kind'),
      key: 'kind',
      width: 100,
      render: (change) => <Mark tone={CHANGE_TONES[change.kind]}>{choice('changeKind', change.kind)}</Mark>,
    },
    {
      title: t('version.before'),
      key: 'before',
      render: (change) => <span className="ht-wrap">{toldValue(change.path, change.before, speaker)}</span>,
    },
    {
      title: t('version.after'),
      key: 'after',
      render: (change) => <span className="ht-wrap">{toldValue(change.path, change.after, speaker)}</span>,
    },
  ]
}
