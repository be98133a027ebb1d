import { issueStatement, listStatements } from '@huitong/contract/exchange'
import { Form } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useAct } from '../../api.ts'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { Exact, Moment } from '../../ui/marks.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useWords } from '../../words/index.ts'
import type { Channel } from './channel.page.tsx'

/** The statements of a task, newest first, and a form for the next one. */
export function Statements({ channel }: { readonly channel: Channel }) {
  const { t } = useWords()
  const can = useCan()
  const [issuing, setIssuing] = useState(false)
  const columns: Column<RowOf<typeof listStatements>>[] = [
    {
      title: t('statement.number'),
      key: 'number',
      width: 190,
      render: (row) => (
        <Link to={paths.statement(row.id)} className="ht-code">
          {row.number}
        </Link>
      ),
    },
    {
      title: t('statement.period'),
      key: 'period',
      width: 220,
      render: (row) => <span className="ht-number">{t('statement.days', { from: row.from, to: row.to })}</span>,
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 120,
      render: (row) => <State list="statementState" value={row.state} />,
    },
    ...(['source', 'sealed', 'received', 'applied'] as const).map((station) => ({
      title: t(`statement.${station}`),
      key: station,
      align: 'right' as const,
      width: 100,
      render: (row: RowOf<typeof listStatements>) => <Exact value={row.totals.rows[station]} />,
    })),
    {
      title: t('statement.issuedAt'),
      key: 'issued',
      width: 210,
      render: (row) => <Moment at={row.issuedAt} />,
    },
    { title: t('statement.issuedBy'), key: 'by', render: (row) => row.issuedBy },
  ]
  return (
    <>
      <div className="ht-bar">
        {can('reconciliation.run') && (
          <ActionButton allowance={{ allowed: true, reason: null }} onClick={() => setIssuing(true)}>
            {t('statement.issue')}
          </ActionButton>
        )}
        <span className="ht-quiet">{t('statement.help')}</span>
      </div>
      <QueryTable
        endpoint={listStatements}
        params={{ id: channel.id }}
        columns={columns}
        rowKey={(row) => row.id}
        label={t('statement.tab')}
        at="statement"
        empty={t('statement.none')}
      />
      {issuing && <IssueForm channel={channel} onClose={() => setIssuing(false)} />}
    </>
  )
}

interface Period {
  from: string
  to: string
}

/** Today in Beijing, where the days of a statement are counted. */
const today = () => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date())

function IssueForm({ channel, onClose }: { readonly channel: Channel; onClose(): void }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const act = useAct(issueStatement)
  const send = (body: Period) =>
    act.run({ params: { id: channel.id }, body }).then(
      ({ id }) => void navigate(paths.statement(id)),
      () => undefined,
    )
  const needed = [{ required: true, message: t('statement.dayNeeded') }]
  return (
    <SideForm<Period>
      open
      title={t('statement.issue')}
      submitLabel={t('statement.issue')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ from: `${today().slice(0, 8)}01`, to: today() }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{t('statement.periodHelp')}</p>
      <Form.Item name="from" label={t('statement.from')} rules={needed}>
        <DayField />
      </Form.Item>
      <Form.Item name="to" label={t('statement.to')} rules={needed}>
        <DayField />
      </Form.Item>
    </SideForm>
  )
}
