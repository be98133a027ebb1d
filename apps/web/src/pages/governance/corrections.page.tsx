import { answerCorrection, createCorrection, listCorrections } from '@huitong/contract/governance'
import { readDataset } from '@huitong/contract/catalogue'
import { Button, Form, Input, Select, Tabs } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { DeadlineBadge, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { CHECKS } from './check-words.ts'
import { FEEDBACK } from './feedback-words.ts'

type Row = RowOf<typeof listCorrections>
const STATES = ['submitted', 'answered'] as const

export default function CorrectionsPage() {
  const { t, say, choice } = useWords()
  const can = useCan()
  const [asked, setState] = useFilter('state')
  const [datasetId] = useFilter('datasetId')
  const [answering, setAnswering] = useState<Row | null>(null)
  const [making, setMaking] = useState(false)
  const state = STATES.find((one) => one === asked) ?? 'submitted'
  const columns = useColumns(setAnswering)
  return (
    <>
      <PageHead
        title={t('rail.corrections')}
        actions={
          can('correction.make') &&
          datasetId !== undefined && (
            <Button type="primary" onClick={() => setMaking(true)}>
              {say(FEEDBACK['correction.new'])}
            </Button>
          )
        }
      />
      <Tabs
        activeKey={state}
        onChange={(key) => setState(key === 'submitted' ? undefined : key)}
        destroyOnHidden
        items={STATES.map((one) => ({
          key: one,
          label: choice('correctionFilter', one),
          children: one === state && (
            <QueryTable
              endpoint={listCorrections}
              query={{ state, ...(datasetId ? { datasetId } : {}) }}
              columns={columns}
              rowKey={(row) => row.id}
              label={t('rail.corrections')}
              empty={say(FEEDBACK['correction.none'])}
            />
          ),
        }))}
      />
      {answering && <AnswerForm row={answering} onClose={() => setAnswering(null)} />}
      {making && datasetId && <NewForm datasetId={datasetId} onClose={() => setMaking(false)} />}
    </>
  )
}

function useColumns(answer: (row: Row) => void): Column<Row>[] {
  const { t, say } = useWords()
  return [
    {
      title: say(FEEDBACK['correction.number']),
      key: 'number',
      width: 160,
      render: (row) => <span className="ht-code ht-whole">{row.number}</span>,
    },
    {
      title: t('quality.dataset'),
      key: 'dataset',
      width: 220,
      render: (row) => (
        <span className="ht-two">
          <Link to={paths.dataset(row.datasetId)}>{say(row.datasetName)}</Link>
          <small>{say(row.providerDepartmentName)}</small>
        </span>
      ),
    },
    {
      title: say(FEEDBACK['correction.applicant']),
      key: 'applicant',
      width: 160,
      render: (row) => say(row.applicantDepartmentName),
    },
    {
      title: say(FEEDBACK['correction.reason']),
      key: 'reason',
      render: (row) => (
        <span className="ht-two">
          {row.answer ?? row.reason}
          <small>{`${row.item} · ${row.record ?? say(CHECKS['run.hidden'])}`}</small>
        </span>
      ),
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 110,
      render: (row) => <State list="correctionState" value={row.state} />,
    },
    {
      title: t('rail.deadlines'),
      key: 'deadline',
      width: 170,
      render: (row) => <DeadlineBadge deadline={{ ...row, extendedTo: null, fulfilledAt: row.answeredAt }} />,
    },
    { title: t('quality.at'), key: 'at', width: 180, render: (row) => <Moment at={row.submittedAt} /> },
    {
      title: t('action.column'),
      key: 'actions',
      width: 90,
      render: (row) =>
        row.mine ? (
          <Button
            size="small"
            onClick={() => answer(row)}
            aria-label={`${say(FEEDBACK['correction.answer'])} ${row.number}`}
          >
            {say(FEEDBACK['correction.answer'])}
          </Button>
        ) : null,
    },
  ]
}

interface Answer {
  outcome: 'corrected' | 'rejected'
  answer: string
}

function AnswerForm({ row, onClose }: { readonly row: Row; onClose(): void }) {
  const { say, choice } = useWords()
  const toast = useToast()
  const act = useAct(answerCorrection)
  const send = async (body: Answer) => {
    const reply = await act.run({ params: { id: row.id }, body }, row.version).catch(() => null)
    if (!reply) return
    toast.good(say(FEEDBACK['correction.answered']))
    onClose()
  }
  return (
    <SideForm<Answer>
      open
      title={`${say(FEEDBACK['correction.answer'])} · ${row.number}`}
      submitLabel={say(FEEDBACK['correction.answer'])}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="outcome"
        label={say(FEEDBACK['correction.outcome'])}
        rules={[{ required: true, message: say(FEEDBACK['correction.pick']) }]}
      >
        <Select
          options={(['corrected', 'rejected'] as const).map((one) => ({
            value: one,
            label: choice('correctionState', one),
          }))}
        />
      </Form.Item>
      <Form.Item
        name="answer"
        label={say(FEEDBACK['correction.answer'])}
        rules={[{ required: true, min: 4, message: say(FEEDBACK['correction.write']) }]}
      >
        <Input.TextArea rows={4} maxLength={1000} />
      </Form.Item>
    </SideForm>
  )
}

interface New {
  item: string
  record: string
  reason: string
}

function NewForm({ datasetId, onClose }: { readonly datasetId: string; onClose(): void }) {
  const { say } = useWords()
  const toast = useToast()
  const dataset = useRead(readDataset, { params: { id: datasetId } })
  const act = useAct(createCorrection)
  const send = async (values: New) => {
    const reply = await act.run({ body: { datasetId, ...values } }).catch(() => null)
    if (!reply) return
    toast.good(say(FEEDBACK['correction.made']))
    onClose()
  }
  const items = dataset.data?.content.items ?? []
  return (
    <SideForm<New>
      open
      title={say(FEEDBACK['correction.new'])}
      submitLabel={say(FEEDBACK['correction.new'])}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="item"
        label={say(FEEDBACK['correction.item'])}
        rules={[{ required: true, message: say(FEEDBACK['correction.item']) }]}
      >
        <Select options={items.map((one) => ({ value: one.code, label: say(one.name) }))} />
      </Form.Item>
      <Form.Item
        name="record"
        label={say(FEEDBACK['correction.record'])}
        extra={say(FEEDBACK['correction.recordHint'])}
        rules={[{ required: true, message: say(FEEDBACK['correction.recordHint']) }]}
      >
        <Input maxLength={500} />
      </Form.Item>
      <Form.Item
        name="reason"
        label={say(FEEDBACK['correction.reason'])}
        rules={[{ required: true, min: 4, message: say(FEEDBACK['correction.write']) }]}
      >
        <Input.TextArea rows={4} maxLength={1000} />
      </Form.Item>
    </SideForm>
  )
}
