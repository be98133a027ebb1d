import type { ItemContent } from '@huitong/contract/catalogue'
import { KeyOutlined } from '@ant-design/icons'
import { State } from '../../parts/states.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'

/** The items of a dataset. */
export function DatasetItems({ items }: { readonly items: readonly ItemContent[] }) {
  const { t, say, choice } = useWords()
  const yes = (value: boolean | undefined) => (value === undefined ? '–' : t(value ? 'word.yes' : 'word.no'))
  const columns: Column<ItemContent>[] = [
    { title: '#', key: 'number', align: 'right', width: 40, render: (_row, index) => index + 1 },
    {
      title: t('item.name'),
      key: 'name',
      render: (item) => (
        <>
          {say(item.name)}
          {item.key && (
            <span className="ht-key">
              <KeyOutlined aria-hidden /> {t('item.keyShort')}
            </span>
          )}
        </>
      ),
    },
    { title: t('item.code'), key: 'code', width: 190, render: (item) => <code>{item.code}</code> },
    { title: t('item.type'), key: 'type', width: 90, render: (item) => choice('itemType', item.type) },
    { title: t('item.length'), key: 'length', align: 'right', width: 70, render: (item) => item.length ?? '–' },
    { title: t('item.nullable'), key: 'nullable', width: 70, render: (item) => yes(item.nullable) },
    {
      title: t('dataset.shareAttribute'),
      key: 'share',
      width: 130,
      render: (item) => <State list="shareAttribute" value={item.shareAttribute} />,
    },
    { title: t('item.open'), key: 'open', width: 60, render: (item) => yes(item.open) },
    {
      title: t('dataset.level'),
      key: 'level',
      width: 110,
      render: (item) => <span className="ht-whole">{choice('level', item.level)}</span>,
    },
    { title: t('item.personal'), key: 'personal', width: 80, render: (item) => yes(item.personal) },
    {
      title: t('item.description'),
      key: 'description',
      width: 150,
      render: (item) => item.description ?? '–',
    },
  ]
  return (
    <ListTable
      label={t('dataset.items')}
      columns={columns}
      rows={items}
      rowKey={(item) => item.code}
      loading={false}
      empty={t('item.none')}
    />
  )
}
