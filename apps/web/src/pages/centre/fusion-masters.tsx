import { listMasters, type readFusionRun } from '@huitong/contract/fusion'
import type { ReplyOf } from '@huitong/contract'
import { Button, Input, Space } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { paths } from '../../paths.ts'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Exact } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'
import { Shown, type Wish } from './fusion-parts.tsx'
import { FUSION } from './fusion-words.ts'

type Page = ReplyOf<typeof listMasters>
const ROWS = '20'
const NUMBER = /^[0-9A-Za-z]{8,32}$/

/** What became one, those of most records first, or that of one number. */
export function Masters({ run, wish }: { readonly run: ReplyOf<typeof readFusionRun>; readonly wish: Wish }) {
  const { say } = useWords()
  const [after, setAfter] = useState<string | null>(null)
  const [number, setNumber] = useState('')
  const query = { limit: ROWS, ...(after === null ? {} : { after }) }
  const body = { ...wish, ...(NUMBER.test(number) ? { number } : {}) }
  const read = useRead(listMasters, { params: { id: run.id }, query, body }, { keep: true })
  const find = (text: string) => {
    setAfter(null)
    setNumber(text.trim())
  }
  return (
    <>
      <div className="ht-filters">
        <Input.Search
          allowClear
          maxLength={32}
          style={{ maxWidth: 320 }}
          placeholder={say(FUSION.find)}
          aria-label={say(FUSION.find)}
          onSearch={find}
        />
      </div>
      <Reading read={read}>
        {(page) => (
          <>
            <PlainTable
              label={say(FUSION.masters)}
              columns={columnsOf(page, run.id, say)}
              rows={page.items}
              rowKey={(row) => row.master}
              empty={say(FUSION.mastersNone)}
            />
            <Space className="ht-filters">
              {after !== null && <Button onClick={() => setAfter(null)}>{say(FUSION.back)}</Button>}
              {page.next !== null && <Button onClick={() => setAfter(page.next)}>{say(FUSION.more)}</Button>}
            </Space>
          </>
        )}
      </Reading>
    </>
  )
}

function columnsOf(
  page: Page,
  runId: string,
  say: ReturnType<typeof useWords>['say'],
): Column<Page['items'][number]>[] {
  return [
    ...page.fields.map((field, at) => ({
      key: field.code,
      title: say(field.name),
      render: (row: Page['items'][number]) => <Shown value={row.values[at]} />,
    })),
    {
      key: 'members',
      title: say(FUSION.members),
      width: 110,
      align: 'right',
      render: (row) => <Exact value={row.members} />,
    },
    {
      key: 'actions',
      title: '',
      width: 110,
      render: (row) => <Link to={paths.fusedMaster(runId, row.master)}>{say(FUSION.open)}</Link>,
    },
  ]
}
