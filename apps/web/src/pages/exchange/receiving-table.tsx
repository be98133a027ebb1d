import type { QueryOf } from '@huitong/contract'
import { readReceivingTable } from '@huitong/contract/exchange'
import { Button, Drawer, Form, Radio } from 'antd'
import { useState } from 'react'
import { useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { useWords } from '../../words/index.ts'
import { FRONT_TABLE } from '../catalogue/front-table-words.ts'
import type { Channel } from './channel.page.tsx'
import { RECEIVING_TABLE } from './receiving-table-words.ts'

type Kind = QueryOf<typeof readReceivingTable>['kind']
const KINDS = Object.keys(FRONT_TABLE.kinds) as Kind[]

/** The script by which the receiving department makes the table of a task: to read, copy and save. */
export default function ReceivingTable({ channel }: { readonly channel: Channel }) {
  const { t, say } = useWords()
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>{say(RECEIVING_TABLE.title)}</Button>
      {isOpen && (
        <Drawer
          open
          size={720}
          title={say(RECEIVING_TABLE.title)}
          onClose={() => setIsOpen(false)}
          destroyOnHidden
          closable={{ 'aria-label': t('action.close') }}
        >
          <Script channel={channel} />
        </Drawer>
      )}
    </>
  )
}

function Script({ channel }: { readonly channel: Channel }) {
  const { say } = useWords()
  const [kind, setKind] = useState<Kind>('postgresql')
  const kinds = KINDS.map((value) => ({ value, label: say(FRONT_TABLE.kinds[value]) }))
  const read = useRead(readReceivingTable, { params: { id: channel.id }, query: { kind } })
  return (
    <>
      <p>{say(RECEIVING_TABLE.help)}</p>
      <Form layout="vertical">
        <Form.Item label={<span id="receiving-kind">{say(FRONT_TABLE.kind)}</span>}>
          <Radio.Group
            aria-labelledby="receiving-kind"
            options={kinds}
            value={kind}
            onChange={(event) => setKind(event.target.value as Kind)}
          />
        </Form.Item>
      </Form>
      <Reading read={read}>
        {({ script, table }) => (
          <>
            <div className="ht-bar">
              <Button type="primary" onClick={() => saveFile(`${table}.sql`, script, 'application/sql')}>
                {say(FRONT_TABLE.save)}
              </Button>
            </div>
            <pre className="ht-pre" tabIndex={0} aria-label={say(RECEIVING_TABLE.title)}>
              {script}
            </pre>
          </>
        )}
      </Reading>
    </>
  )
}
