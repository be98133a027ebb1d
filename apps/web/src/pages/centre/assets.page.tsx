import { listAssets } from '@huitong/contract/centre'
import { Link } from 'react-router'
import { useRead } from '../../api.ts'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import type { Column } from '../../ui/list-table.tsx'
import { Bytes, Count, Moment } from '../../ui/marks.tsx'
import { bytes, exactNumber } from '../../ui/number.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'

type Row = RowOf<typeof listAssets>
const EVERY_MS = 10_000

/** What has landed in the resource centre, counted in its own database. */
export default function AssetsPage() {
  const { t } = useWords()
  const all = useRead(listAssets, { query: { limit: '1' } }, { everyMs: () => EVERY_MS })
  const total = all.data?.total
  return (
    <>
      <PageHead
        title={t('rail.assets')}
        facts={
          total && t('asset.total', { tables: total.tables, rows: exactNumber(total.rows), bytes: bytes(total.bytes) })
        }
      />
      <QueryTable
        endpoint={listAssets}
        columns={useColumns()}
        rowKey={(row) => row.channelId}
        label={t('rail.assets')}
        everyMs={EVERY_MS}
        empty={t('asset.none')}
      />
    </>
  )
}

function useColumns(): Column<Row>[] {
  const { t, say } = useWords()
  return [
    {
      title: t('asset.dataset'),
      key: 'dataset',
      render: (row) => (
        <span className="ht-two">
          <Link to={paths.dataset(row.datasetId)}>{say(row.datasetName)}</Link>
          <small className="ht-code">
            {row.schema}.{row.table}
          </small>
        </span>
      ),
    },
    { title: t('asset.provider'), key: 'provider', width: 200, render: (row) => say(row.providerDepartmentName) },
    {
      title: t('asset.state'),
      key: 'state',
      width: 110,
      render: (row) => (
        <Link to={paths.channel(row.channelId)}>
          <State list="channelState" value={row.state} />
        </Link>
      ),
    },
    { title: t('asset.rows'), key: 'rows', align: 'right', width: 110, render: (row) => <Count value={row.rows} /> },
    {
      title: t('asset.growth'),
      key: 'growth',
      align: 'right',
      width: 150,
      render: (row) => <Count value={row.growth?.rows} />,
    },
    {
      title: t('asset.bytes'),
      key: 'bytes',
      align: 'right',
      width: 110,
      render: (row) => (row.bytes === null ? '–' : <Bytes value={row.bytes} />),
    },
    { title: t('asset.landedAt'), key: 'landed', width: 190, render: (row) => <Moment at={row.landedAt} /> },
    { title: t('asset.countedAt'), key: 'counted', width: 190, render: (row) => <Moment at={row.countedAt} /> },
  ]
}
