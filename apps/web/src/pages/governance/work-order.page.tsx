import { readWorkOrder, recheckWorkOrder } from '@huitong/contract/governance'
import type { ReplyOf } from '@huitong/contract'
import { Alert } from 'antd'
import { Link, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { DeadlineBadge, Exact, Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { CHECKS } from './check-words.ts'
import { FEEDBACK } from './feedback-words.ts'
import { useRunColumns } from './run-columns.tsx'

type Order = ReplyOf<typeof readWorkOrder>
const EVERY_MS = 2_000

export default function WorkOrderPage() {
  const { id = '' } = useParams()
  const read = useRead(
    readWorkOrder,
    { params: { id } },
    { everyMs: (order) => (order?.state === 'rechecking' ? EVERY_MS : false) },
  )
  return <Reading read={read}>{(order) => <Shown order={order} />}</Reading>
}

function Shown({ order }: { readonly order: Order }) {
  const { t, say } = useWords()
  const rechecks = useRunColumns()
  return (
    <>
      <PageHead
        title={t('order.title', { name: say(order.datasetName) })}
        code={order.number}
        state={<State list="orderState" value={order.state} />}
        facts={say(order.departmentName)}
        actions={<Recheck order={order} />}
      />
      {order.state === 'open' && (
        <Alert className="ht-error" type="info" showIcon title={say(FEEDBACK['order.advice'])} />
      )}
      <Facts
        facts={[
          { label: say(FEEDBACK['order.left']), value: <Exact value={order.findingsOpen} /> },
          { label: say(FEEDBACK['order.found']), value: <Exact value={order.findings} /> },
          {
            label: say(FEEDBACK['order.deadline']),
            value: <DeadlineBadge deadline={{ ...order, extendedTo: null, fulfilledAt: order.closedAt }} />,
          },
          { label: say(FEEDBACK['order.openedAt']), value: <Moment at={order.openedAt} /> },
          { label: say(FEEDBACK['order.closedAt']), value: <Moment at={order.closedAt} /> },
          {
            label: say(CHECKS['run.findings']),
            value: <Link to={paths.qualityRun(order.runId)}>{say(FEEDBACK['order.details'])}</Link>,
          },
        ]}
      />
      <Section title={say(FEEDBACK['order.causes'])}>
        <Causes causes={order.causes} />
      </Section>
      <Section title={say(FEEDBACK['order.rechecks'])}>
        <ListTable
          label={say(FEEDBACK['order.rechecks'])}
          columns={rechecks}
          rows={order.rechecks}
          rowKey={(row) => row.id}
          loading={false}
          empty={say(FEEDBACK['order.noRecheck'])}
        />
      </Section>
    </>
  )
}

function Recheck({ order }: { readonly order: Order }) {
  const { say } = useWords()
  const toast = useToast()
  const act = useAct(recheckWorkOrder)
  if (!order.mine) return null
  const ask = () =>
    act.run({ params: { id: order.id } }, order.version).then(
      () => toast.good(say(FEEDBACK['order.asked'])),
      () => undefined,
    )
  return (
    <>
      <ActionButton
        type="primary"
        allowance={{ allowed: true, reason: null }}
        loading={act.busy}
        onClick={() => void ask()}
      >
        {say(FEEDBACK['order.recheck'])}
      </ActionButton>
      {act.problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={act.problem} />
        </div>
      )}
    </>
  )
}

function Causes({ causes }: { readonly causes: Order['causes'] }) {
  const { say } = useWords()
  const columns: Column<Order['causes'][number]>[] = [
    { title: say(CHECKS['suite.rule']), key: 'rule', width: 260, render: (row) => say(row.name) },
    { title: say(FEEDBACK['order.cause']), key: 'cause', render: (row) => say(row.advice) },
    {
      title: say(FEEDBACK['order.found']),
      key: 'found',
      width: 120,
      align: 'right',
      render: (row) => <Exact value={row.found} />,
    },
    {
      title: say(FEEDBACK['order.left']),
      key: 'open',
      width: 120,
      align: 'right',
      render: (row) => <Exact value={row.open} />,
    },
  ]
  return (
    <ListTable
      label={say(FEEDBACK['order.causes'])}
      columns={columns}
      rows={causes}
      rowKey={(row) => row.code}
      loading={false}
      empty={say(CHECKS['run.clean'])}
    />
  )
}
