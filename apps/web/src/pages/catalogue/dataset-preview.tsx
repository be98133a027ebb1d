import { readPreview } from '@huitong/contract/centre'
import type { ReplyOf } from '@huitong/contract'
import { useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { useSession } from '../../session.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Mark, Moment } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'
import type { Dataset } from './dataset.page.tsx'

type Preview = ReplyOf<typeof readPreview>
type Row = Preview['rows'][number]

/** The first rows as they landed in the centre, masked. */
export function DatasetPreview({ dataset }: { readonly dataset: Dataset }) {
  const read = useRead(readPreview, { params: { id: dataset.id } })
  return <Reading read={read}>{(preview) => <Shown dataset={dataset} preview={preview} />}</Reading>
}

function Shown({ dataset, preview }: { readonly dataset: Dataset; readonly preview: Preview }) {
  const { t, say } = useWords()
  const { person } = useSession()
  const own = person.departmentId === dataset.departmentId
  if (preview.state !== 'shown')
    return (
      <p className="ht-empty">
        {t(preview.state === 'not_landed' ? 'preview.notLanded' : own ? 'preview.noneOwn' : 'preview.none')}
      </p>
    )
  const columns = preview.items.map((item, at): Column<Row> => ({
    key: item.code,
    title: (
      <span className="ht-two">
        <span>{say(item.name)}</span>
        <small>{item.masked ? <Mark tone="idle">{t('preview.masked')}</Mark> : <code>{item.code}</code>}</small>
      </span>
    ),
    render: (row) => <Value value={row[at] ?? null} masked={item.masked} />,
  }))
  return (
    <>
      <p className="ht-quiet">
        {t('preview.what', { count: preview.rows.length })} {preview.landedAt && <Moment at={preview.landedAt} />}
        {preview.hiddenCount > 0 && ` · ${t('preview.hidden', { count: preview.hiddenCount })}`}
      </p>
      <div className="ht-list ht-preview">
        <PlainTable<Row>
          columns={columns}
          rows={preview.rows}
          rowKey={(row) => preview.rows.indexOf(row)}
          label={t('dataset.preview')}
          empty={t('preview.noRows')}
        />
      </div>
    </>
  )
}

function Value({ value, masked }: { readonly value: string | null; readonly masked: boolean }) {
  const { t } = useWords()
  if (value === null) return <span className="ht-quiet">{masked ? t('preview.notShown') : 'NULL'}</span>
  return (
    <span className="ht-one-line" title={value}>
      {value}
    </span>
  )
}
