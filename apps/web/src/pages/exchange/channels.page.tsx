import { listChannels } from '@huitong/contract/exchange'
import type { QueryOf } from '@huitong/contract'
import { Select } from 'antd'
import { Link, useNavigate } from 'react-router'
import { useAllowance } from '../../parts/allowance.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { useChoices } from '../../parts/selects.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { Bytes, Count, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'

type Row = RowOf<typeof listChannels>
type State_ = NonNullable<QueryOf<typeof listChannels>['state']>
const STATES = [
  'configured',
  'ready',
  'running',
  'following',
  'completed',
  'failed',
  'stopped',
] as const satisfies readonly State_[]
const EVERY_MS = 5_000

export default function ChannelsPage() {
  const { t } = useWords()
  const can = useCan()
  const navigate = useNavigate()
  const allow = useAllowance()
  const [asked, setState] = useFilter('state')
  const state = STATES.find((one) => one === asked)
  return (
    <>
      <PageHead
        title={t('rail.channels')}
        actions={
          can('request.configure') && (
            <ActionButton
              type="primary"
              allowance={allow('request.configure')}
              onClick={() => void navigate(paths.channelNew())}
            >
              {t('channel.configure')}
            </ActionButton>
          )
        }
      />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <Select
          key={state ?? ''}
          {...(state ? { value: state } : {})}
          onChange={(value: string | undefined) => setState(value)}
          options={useChoices('channelState', STATES)}
          allowClear
          placeholder={t('filter.allStates')}
          aria-label={t('dataset.state')}
          className="ht-filter"
        />
      </div>
      <QueryTable
        endpoint={listChannels}
        query={state ? { state } : {}}
        columns={useColumns()}
        rowKey={(row) => row.id}
        label={t('rail.channels')}
        everyMs={EVERY_MS}
        empty={t(can('request.configure') ? 'channels.noneCentre' : 'channels.none')}
      />
    </>
  )
}

function useColumns(): Column<Row>[] {
  const { t, say } = useWords()
  return [
    {
      title: t('channel.number'),
      key: 'number',
      width: 150,
      render: (row) => (
        <Link to={paths.channel(row.id)} className="ht-code ht-whole">
          {row.number}
        </Link>
      ),
    },
    { title: t('request.dataset'), key: 'dataset', render: (row) => say(row.datasetName) },
    { title: t('request.provider'), key: 'provider', width: 160, render: (row) => say(row.providerDepartmentName) },
    { title: t('channel.consumer'), key: 'consumer', width: 160, render: (row) => say(row.consumerDepartmentName) },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 110,
      render: (row) => <State list="channelState" value={row.state} />,
    },
    {
      title: t('channel.rowsSealed'),
      key: 'sealed',
      align: 'right',
      width: 90,
      render: (row) => <Count value={row.progress.rowsSealed} />,
    },
    {
      title: t('channel.rowsApplied'),
      key: 'applied',
      align: 'right',
      width: 90,
      render: (row) => <Count value={row.progress.rowsApplied} />,
    },
    {
      title: t('channel.bytes'),
      key: 'bytes',
      align: 'right',
      width: 100,
      render: (row) => <Bytes value={row.progress.bytesReceived} />,
    },
    {
      title: t('channel.startedAt'),
      key: 'at',
      width: 190,
      render: (row) => <Moment at={row.progress.startedAt} />,
    },
  ]
}
