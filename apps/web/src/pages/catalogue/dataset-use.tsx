import { listGrants, listRequests } from '@huitong/contract/catalogue'
import { listChannels } from '@huitong/contract/exchange'
import { listServices } from '@huitong/contract/gateway'
import { Link } from 'react-router'
import { toProblem } from '../../api.ts'
import { useMatching } from '../../parts/everything.ts'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Count, DeadlineBadge, Moment } from '../../ui/marks.tsx'
import { Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'

/** Who asked for this dataset, who was granted it, what is being exchanged, and which services give it. */
export function DatasetUse({ datasetId }: { readonly datasetId: string }) {
  const can = useCan()
  const { t } = useWords()
  if (!(['request.read', 'grant.read', 'channel.read', 'service.read'] as const).some(can))
    return <p className="ht-quiet">{t('use.hidden')}</p>
  return (
    <>
      {can('request.read') && <Requests datasetId={datasetId} />}
      {can('grant.read') && <Grants datasetId={datasetId} />}
      {can('channel.read') && <Channels datasetId={datasetId} />}
      {can('service.read') && <Services datasetId={datasetId} />}
    </>
  )
}

function Requests({ datasetId }: { readonly datasetId: string }) {
  const { t, say } = useWords()
  const read = useMatching(listRequests, datasetId, (row) => row.datasetId === datasetId)
  const columns: Column<RowOf<typeof listRequests>>[] = [
    {
      title: t('request.number'),
      key: 'number',
      render: (row) => <Link to={paths.request(row.id)}>{row.number}</Link>,
    },
    { title: t('request.applicant'), key: 'applicant', render: (row) => say(row.applicantDepartmentName) },
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
      width: 120,
      render: (row) => <State list="requestState" value={row.state} />,
    },
    {
      title: t('deadline.column'),
      key: 'deadline',
      width: 200,
      render: (row) => <DeadlineBadge deadline={row.deadline} />,
    },
    { title: t('request.createdAt'), key: 'at', width: 190, render: (row) => <Moment at={row.createdAt} /> },
  ]
  return (
    <Section title={t('rail.requests')} extra={read.data?.cut && <small className="ht-quiet">{t('use.cut')}</small>}>
      <ListTable
        label={t('rail.requests')}
        columns={columns}
        rows={read.data?.rows}
        rowKey={(row) => row.id}
        loading={read.isPending}
        problem={read.error ? toProblem(read.error) : null}
        onRetry={() => void read.refetch()}
        empty={t('use.noRequests')}
      />
    </Section>
  )
}

function Grants({ datasetId }: { readonly datasetId: string }) {
  const { t, say } = useWords()
  const read = useMatching(listGrants, datasetId, (row) => row.datasetId === datasetId)
  const columns: Column<RowOf<typeof listGrants>>[] = [
    {
      title: t('grant.number'),
      key: 'number',
      render: (row) => <Link to={paths.grant(row.id)}>{row.number}</Link>,
    },
    { title: t('grant.grantee'), key: 'grantee', render: (row) => say(row.granteeDepartmentName) },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 120,
      render: (row) => <State list="grantState" value={row.state} />,
    },
    {
      title: t('grant.until'),
      key: 'until',
      width: 190,
      render: (row) => <Moment at={row.validUntil} form="day" />,
    },
  ]
  return (
    <Section title={t('rail.grants')} extra={read.data?.cut && <small className="ht-quiet">{t('use.cut')}</small>}>
      <ListTable
        label={t('rail.grants')}
        columns={columns}
        rows={read.data?.rows}
        rowKey={(row) => row.id}
        loading={read.isPending}
        problem={read.error ? toProblem(read.error) : null}
        onRetry={() => void read.refetch()}
        empty={t('use.noGrants')}
      />
    </Section>
  )
}

function Channels({ datasetId }: { readonly datasetId: string }) {
  const { t, say } = useWords()
  const read = useMatching(listChannels, datasetId, (row) => row.datasetId === datasetId)
  const columns: Column<RowOf<typeof listChannels>>[] = [
    {
      title: t('channel.number'),
      key: 'number',
      render: (row) => <Link to={paths.channel(row.id)}>{row.number}</Link>,
    },
    { title: t('channel.consumer'), key: 'consumer', render: (row) => say(row.consumerDepartmentName) },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 120,
      render: (row) => <State list="channelState" value={row.state} />,
    },
    {
      title: t('channel.rowsApplied'),
      key: 'rows',
      align: 'right',
      width: 130,
      render: (row) => <Count value={row.progress.rowsApplied} />,
    },
    {
      title: t('channel.finishedAt'),
      key: 'at',
      width: 190,
      render: (row) => <Moment at={row.progress.finishedAt} />,
    },
  ]
  return (
    <Section title={t('rail.channels')} extra={read.data?.cut && <small className="ht-quiet">{t('use.cut')}</small>}>
      <ListTable
        label={t('rail.channels')}
        columns={columns}
        rows={read.data?.rows}
        rowKey={(row) => row.id}
        loading={read.isPending}
        problem={read.error ? toProblem(read.error) : null}
        onRetry={() => void read.refetch()}
        empty={t('use.noChannels')}
      />
    </Section>
  )
}

function Services({ datasetId }: { readonly datasetId: string }) {
  const { t, say } = useWords()
  const columns: Column<RowOf<typeof listServices>>[] = [
    {
      title: t('service.name'),
      key: 'name',
      render: (row) => (
        <span className="ht-two">
          <Link to={paths.service(row.id)}>{say(row.name)}</Link>
          <small className="ht-code">{row.code}</small>
        </span>
      ),
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 120,
      render: (row) => <State list="serviceState" value={row.state} />,
    },
    {
      title: t('service.itemsCount'),
      key: 'items',
      align: 'right',
      width: 100,
      render: (row) => <Count value={row.itemCount} />,
    },
    {
      title: t('service.openings'),
      key: 'openings',
      align: 'right',
      width: 100,
      render: (row) => <Count value={row.openingCount} />,
    },
    { title: t('service.createdAt'), key: 'at', width: 190, render: (row) => <Moment at={row.createdAt} /> },
  ]
  return (
    <Section title={t('rail.services')}>
      <QueryTable
        endpoint={listServices}
        query={{ datasetId }}
        columns={columns}
        rowKey={(row) => row.id}
        label={t('rail.services')}
        empty={t('use.noServices')}
        at="services"
      />
    </Section>
  )
}
