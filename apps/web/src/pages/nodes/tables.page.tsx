import { listTables } from '@huitong/contract/nodes'
import { KeyOutlined } from '@ant-design/icons'
import { Drawer } from 'antd'
import { Link, useParams } from 'react-router'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { Count, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'

type Row = RowOf<typeof listTables>
type Field = Row['fields'][number]

export default function TablesPage() {
  const { id = '' } = useParams()
  const { t } = useWords()
  const can = useCan()
  const columns: Column<Row>[] = [
    { title: t('table.name'), key: 'name', render: (row) => <Fields row={row} /> },
    { title: t('table.comment'), key: 'comment', render: (row) => row.comment ?? row.suggestedName ?? '–' },
    {
      title: t('table.fields'),
      key: 'fields',
      align: 'right',
      width: 80,
      render: (row) => <Count value={row.fields.length} />,
    },
    {
      title: t('mounting.rows'),
      key: 'rows',
      align: 'right',
      width: 110,
      render: (row) => <Count value={row.rowEstimate} />,
    },
    { title: t('mounting.key'), key: 'key', width: 180, render: (row) => row.key.join(', ') || t('mounting.noKey') },
    { title: t('table.seenAt'), key: 'seen', width: 190, render: (row) => <Moment at={row.seenAt} /> },
  ]
  if (can('dataset.compile'))
    columns.push({
      title: t('action.column'),
      key: 'actions',
      width: 130,
      render: (row) => <Link to={paths.datasetNew(row.id)}>{t('table.compile')}</Link>,
    })
  return (
    <>
      <PageHead title={t('table.title')} facts={<Link to={paths.sources()}>{t('rail.sources')}</Link>} />
      <QueryTable
        endpoint={listTables}
        params={{ id }}
        columns={columns}
        rowKey={(row) => row.id}
        label={t('table.title')}
        empty={t('table.none')}
      />
    </>
  )
}

/** The fields of a table, opened from its name; the address holds which one is open. */
function Fields({ row }: { readonly row: Row }) {
  const { t } = useWords()
  const [shown, setShown] = useFilter('table')
  const columns: Column<Field>[] = [
    { title: '#', key: 'position', render: (row) => row.position, align: 'right', width: 50 },
    {
      title: t('mounting.field'),
      key: 'name',
      render: (field) => (
        <>
          <code>{field.name}</code>
          {row.key.includes(field.name) && (
            <span className="ht-key">
              <KeyOutlined aria-hidden /> {t('item.keyShort')}
            </span>
          )}
        </>
      ),
    },
    { title: t('mounting.fieldType'), key: 'type', render: (field) => <code>{field.type}</code> },
    {
      title: t('item.nullable'),
      key: 'null',
      width: 70,
      render: (field) => t(field.nullable ? 'word.yes' : 'word.no'),
    },
    { title: t('table.comment'), key: 'comment', render: (field) => field.comment ?? '–' },
    { title: t('table.suggested'), key: 'suggested', render: (field) => field.suggestedName ?? '–' },
  ]
  const name = [row.schema, row.name].filter(Boolean).join('.')
  return (
    <>
      <button type="button" className="ht-link ht-code" onClick={() => setShown(row.id)}>
        {name}
      </button>
      {shown === row.id && (
        <Drawer
          open
          title={name}
          size={880}
          onClose={() => setShown(undefined)}
          closable={{ 'aria-label': t('action.close') }}
        >
          <p>{row.comment}</p>
          <PlainTable<Field> label={name} columns={columns} rows={row.fields} rowKey={(field) => field.name} />
        </Drawer>
      )}
    </>
  )
}
