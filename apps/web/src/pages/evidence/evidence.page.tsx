import { listEvidence } from '@huitong/contract/evidence'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { Mark, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'
import { actorOf, kindOf, OBJECT_KINDS } from './entries.ts'
import { CheckpointFacts } from './checkpoint-facts.tsx'

type Row = RowOf<typeof listEvidence>

export default function EvidencePage() {
  const { t } = useWords()
  const [objectKind] = useFilter('objectKind')
  const [objectId] = useFilter('objectId')
  const [action] = useFilter('action')
  const filtered = Boolean(objectKind ?? objectId ?? action)
  return (
    <>
      <PageHead title={t('rail.entries')} facts={t('evidence.help')} />
      <CheckpointFacts />
      <Filters key={`${objectKind ?? ''} ${objectId ?? ''} ${action ?? ''}`} />
      <QueryTable
        endpoint={listEvidence}
        query={{
          ...(objectKind ? { objectKind } : {}),
          ...(objectId ? { objectId } : {}),
          ...(action ? { action } : {}),
        }}
        columns={useColumns()}
        rowKey={(row) => row.auditId}
        label={t('rail.entries')}
        empty={
          filtered ? (
            <>
              <p>{t('evidence.noneFound')}</p>
              <Link to={paths.evidence()}>{t('filter.clear')}</Link>
            </>
          ) : (
            t('evidence.none')
          )
        }
      />
    </>
  )
}

function Filters() {
  const { t, say } = useWords()
  const navigate = useNavigate()
  const [objectKind] = useFilter('objectKind')
  const [objectId] = useFilter('objectId')
  const [action] = useFilter('action')
  const [values, setValues] = useState({
    objectKind: objectKind ?? '',
    objectId: objectId ?? '',
    action: action ?? '',
  })
  const field = (name: keyof typeof values, label: string, length: number) => (
    <Input
      value={values[name]}
      onChange={(event) => setValues({ ...values, [name]: event.target.value.trim() })}
      placeholder={label}
      aria-label={label}
      maxLength={length}
      allowClear
      spellCheck={false}
      className="ht-filter-wide"
    />
  )
  return (
    <form
      className="ht-filters"
      aria-label={t('filter.label')}
      onSubmit={(event) => {
        event.preventDefault()
        void navigate(paths.evidence(values))
      }}
    >
      {field('action', t('evidence.action'), 128)}
      <Select
        key={values.objectKind}
        {...(values.objectKind ? { value: values.objectKind } : {})}
        onChange={(value: string | undefined) => setValues({ ...values, objectKind: value ?? '' })}
        options={OBJECT_KINDS.map((kind) => ({ value: kind, label: kindOf(kind, say) }))}
        allowClear
        placeholder={t('evidence.objectKind')}
        aria-label={t('evidence.objectKind')}
        className="ht-filter"
      />
      {field('objectId', t('evidence.objectId'), 128)}
      <Button htmlType="submit">{t('filter.search')}</Button>
    </form>
  )
}

function useColumns(): Column<Row>[] {
  const { t, say } = useWords()
  return [
    {
      title: t('evidence.index'),
      key: 'index',
      align: 'right',
      width: 120,
      render: (row) =>
        row.index === null ? (
          <Mark tone="wait">{t('evidence.pending')}</Mark>
        ) : (
          <Link to={paths.evidenceEntry(row.index)} className="ht-number">
            {row.index}
          </Link>
        ),
    },
    { title: t('evidence.at'), key: 'at', width: 210, render: (row) => <Moment at={row.at} form="seconds" /> },
    {
      title: t('evidence.what'),
      key: 'what',
      render: (row) => (
        <span className="ht-two">
          {row.words.zh === row.action ? t('evidence.byPlatform') : say(row.words)}
          <small className="ht-code">{row.action}</small>
        </span>
      ),
    },
    {
      title: t('evidence.actor'),
      key: 'actor',
      width: 220,
      render: (row) => actorOf(row, t),
    },
    { title: t('evidence.objectKind'), key: 'kind', width: 120, render: (row) => kindOf(row.objectKind, say) },
    {
      title: t('evidence.outcome'),
      key: 'outcome',
      width: 100,
      render: (row) => <State list="outcome" value={row.outcome} />,
    },
    {
      title: t('evidence.commitment'),
      key: 'commitment',
      width: 170,
      render: (row) => (row.commitment ? <code title={row.commitment}>{row.commitment.slice(0, 16)}…</code> : '–'),
    },
  ]
}
