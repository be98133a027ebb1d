import { decideViolation, listViolations, stateViolation } from '@huitong/contract/governance'
import { Button, Form, Input, Select, Tabs } from 'antd'
import { useState } from 'react'
import { useAct } from '../../api.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { fill, useWords } from '../../words/index.ts'
import { FEEDBACK } from './feedback-words.ts'

type Row = RowOf<typeof listViolations>
const STATES = ['undecided', 'decided'] as const

export default function ViolationsPage() {
  const { t, say, choice } = useWords()
  const [asked, setState] = useFilter('state')
  const [acting, setActing] = useState<Row | null>(null)
  const state = STATES.find((one) => one === asked) ?? 'undecided'
  const columns = useColumns(setActing)
  const close = () => setActing(null)
  return (
    <>
      <PageHead title={t('rail.violations')} />
      <Tabs
        activeKey={state}
        onChange={(key) => setState(key === 'undecided' ? undefined : key)}
        destroyOnHidden
        items={STATES.map((one) => ({
          key: one,
          label: choice('violationFilter', one),
          children: one === state && (
            <QueryTable
              endpoint={listViolations}
              query={{ state }}
              columns={columns}
              rowKey={(row) => row.id}
              label={t('rail.violations')}
              empty={say(FEEDBACK['violation.none'])}
            />
          ),
        }))}
      />
      {acting?.mayState && <StateForm row={acting} onClose={close} />}
      {acting?.mayDecide && <DecideForm row={acting} onClose={close} />}
    </>
  )
}

function useColumns(act: (row: Row) => void): Column<Row>[] {
  const { t, say } = useWords()
  return [
    {
      title: say(FEEDBACK['violation.number']),
      key: 'number',
      width: 160,
      render: (row) => <span className="ht-code ht-whole">{row.number}</span>,
    },
    {
      title: say(FEEDBACK['violation.about']),
      key: 'about',
      width: 280,
      render: (row) => (
        <span className="ht-two">
          {fill(say(FEEDBACK['violation.late']), { rule: say(row.ruleWords), subject: row.subjectName })}
          <small>{say(row.departmentName)}</small>
        </span>
      ),
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 130,
      render: (row) => <State list="violationState" value={row.state} />,
    },
    { title: say(FEEDBACK['violation.statement']), key: 'statement', render: (row) => row.statement ?? '–' },
    { title: say(FEEDBACK['violation.decision']), key: 'decision', render: (row) => row.decision ?? '–' },
    {
      title: say(FEEDBACK['violation.raisedAt']),
      key: 'raised',
      width: 180,
      render: (row) => <Moment at={row.raisedAt} />,
    },
    {
      title: t('action.column'),
      key: 'actions',
      width: 130,
      render: (row) => {
        if (!row.mayState && !row.mayDecide) return null
        const word = say(FEEDBACK[row.mayState ? 'violation.state' : 'violation.decide'])
        return (
          <Button size="small" onClick={() => act(row)} aria-label={`${word} ${row.number}`}>
            {word}
          </Button>
        )
      },
    },
  ]
}

interface FormProps {
  readonly row: Row
  onClose(): void
}

function StateForm({ row, onClose }: FormProps) {
  const { say } = useWords()
  const toast = useToast()
  const act = useAct(stateViolation)
  const send = async (body: { statement: string }) => {
    const reply = await act.run({ params: { id: row.id }, body }, row.version).catch(() => null)
    if (!reply) return
    toast.good(say(FEEDBACK['violation.stated']))
    onClose()
  }
  return (
    <SideForm<{ statement: string }>
      open
      title={`${say(FEEDBACK['violation.state'])} · ${row.number}`}
      submitLabel={say(FEEDBACK['violation.state'])}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="statement"
        label={say(FEEDBACK['violation.statement'])}
        rules={[{ required: true, min: 4, message: say(FEEDBACK['correction.write']) }]}
      >
        <Input.TextArea rows={5} maxLength={2000} />
      </Form.Item>
    </SideForm>
  )
}

interface Decision {
  decision: 'confirmed' | 'dismissed'
  reason: string
}

function DecideForm({ row, onClose }: FormProps) {
  const { say, choice } = useWords()
  const toast = useToast()
  const act = useAct(decideViolation)
  const send = async (body: Decision) => {
    const reply = await act.run({ params: { id: row.id }, body }, row.version).catch(() => null)
    if (!reply) return
    toast.good(say(FEEDBACK['violation.decided']))
    onClose()
  }
  return (
    <SideForm<Decision>
      open
      title={`${say(FEEDBACK['violation.decide'])} · ${row.number}`}
      submitLabel={say(FEEDBACK['violation.decide'])}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="decision"
        label={say(FEEDBACK['violation.decide'])}
        rules={[{ required: true, message: say(FEEDBACK['correction.pick']) }]}
      >
        <Select
          options={(['confirmed', 'dismissed'] as const).map((one) => ({
            value: one,
            label: choice('violationState', one),
          }))}
        />
      </Form.Item>
      <Form.Item
        name="reason"
        label={say(FEEDBACK['violation.decision'])}
        rules={[{ required: true, min: 4, message: say(FEEDBACK['correction.write']) }]}
      >
        <Input.TextArea rows={5} maxLength={2000} />
      </Form.Item>
    </SideForm>
  )
}
