import { listRejects } from '@huitong/contract/exchange'
import { Button } from 'antd'
import { useState } from 'react'
import { client } from '../../api.ts'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import { useSession } from '../../session.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { useWords } from '../../words/index.ts'
import type { Channel } from './channel.page.tsx'
import { REJECTS } from './reject-words.ts'
import { csvOf } from '../../ui/csv.ts'

type Row = RowOf<typeof listRejects>

/** Records of a file that the latest copy has set aside; their content for the department whose data they are. */
export default function Rejects({ channel }: { readonly channel: Channel }) {
  const { say } = useWords()
  const { person } = useSession()
  const own = person.departmentId === channel.providerDepartmentId
  const columns: Column<Row>[] = [
    { title: say(REJECTS.file), key: 'file', render: (row) => <code className="ht-wrap">{row.file}</code> },
    { title: say(REJECTS.line), key: 'line', align: 'right', width: 90, render: (row) => row.line ?? '–' },
    { title: say(REJECTS.column), key: 'column', render: (row) => row.column ?? '–' },
    { title: say(REJECTS.reason), key: 'reason', render: (row) => say(row.reason) },
    ...(own
      ? [
          {
            title: say(REJECTS.raw),
            key: 'raw',
            render: (row: Row) => (
              <>
                <code className="ht-wrap">{row.raw}</code>
                {row.cut && ` ${say(REJECTS.cut)}`}
              </>
            ),
          },
        ]
      : []),
  ]
  return (
    <>
      <p className="ht-quiet">
        {say(REJECTS.help)} {!own && say(REJECTS.hidden)}
      </p>
      {channel.rejected !== '0' && <Download channel={channel} own={own} />}
      <QueryTable
        endpoint={listRejects}
        params={{ id: channel.id }}
        columns={columns}
        rowKey={(row) => `${row.generation}.${row.line}.${row.column}.${row.raw ?? ''}`}
        label={say(REJECTS.tab)}
        at="reject"
        empty={say(REJECTS.none)}
      />
    </>
  )
}

function Download({ channel, own }: { readonly channel: Channel; readonly own: boolean }) {
  const { say } = useWords()
  const [busy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    try {
      const heads = [REJECTS.file, REJECTS.line, REJECTS.column, REJECTS.reason, ...(own ? [REJECTS.raw] : [])]
      const rows = (await everyReject(channel.id)).map((row) => [
        row.file,
        String(row.line ?? ''),
        row.column ?? '',
        say(row.reason),
        ...(own ? [`${row.raw ?? ''}${row.cut ? say(REJECTS.cut) : ''}`] : []),
      ])
      saveFile(`${channel.number}-${say(REJECTS.tab)}.csv`, csvOf([heads.map(say), ...rows]), 'text/csv')
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="ht-bar">
      <Button loading={busy} onClick={() => void save()}>
        {say(REJECTS.download)}
      </Button>
    </div>
  )
}

/** All of them: a source sets no more aside than 10,000. */
async function everyReject(id: string): Promise<Row[]> {
  const rows: Row[] = []
  let after: string | null = null
  do {
    const query: { limit: string; after?: string } = { limit: '200', ...(after === null ? {} : { after }) }
    const page: { items: Row[]; next: string | null } = await client.call(listRejects, { params: { id }, query })
    rows.push(...page.items)
    after = page.next
  } while (after !== null)
  return rows
}
