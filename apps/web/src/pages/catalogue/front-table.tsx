import type { QueryOf } from '@huitong/contract'
import { readFrontTable } from '@huitong/contract/curation'
import { Button, Drawer, Form, Input, Radio } from 'antd'
import { useState } from 'react'
import { useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { useWords } from '../../words/index.ts'
import type { Dataset } from './dataset.page.tsx'
import { FRONT_TABLE } from './front-table-words.ts'

type Kind = QueryOf<typeof readFrontTable>['kind']
const KINDS = Object.keys(FRONT_TABLE.kinds) as Kind[]
const TABLE = /^[a-z][a-z0-9_]{0,40}$/

/** The script by which the department makes the table that it pushes this dataset into: to read, copy and save. */
export function FrontTableForm({ dataset, onClose }: { readonly dataset: Dataset; onClose(): void }) {
  const { t, say } = useWords()
  const [table, setTable] = useState('push_table')
  const [kind, setKind] = useState<Kind>('postgresql')
  const kinds = KINDS.map((value) => ({ value, label: say(FRONT_TABLE.kinds[value]) }))
  const isName = TABLE.test(table)
  const query = { kind, table }
  const read = useRead(readFrontTable, { params: { id: dataset.id }, query }, { enabled: isName })
  return (
    <Drawer
      open
      size={720}
      title={t('frontTable.title')}
      onClose={onClose}
      destroyOnHidden
      closable={{ 'aria-label': t('action.close') }}
    >
      <p>{say(FRONT_TABLE.help)}</p>
      <Form layout="vertical">
        <Form.Item label={<span id="front-kind">{say(FRONT_TABLE.kind)}</span>}>
          <Radio.Group
            aria-labelledby="front-kind"
            options={kinds}
            value={kind}
            onChange={(event) => setKind(event.target.value as Kind)}
          />
        </Form.Item>
        <Form.Item
          label={say(FRONT_TABLE.table)}
          htmlFor="front-table"
          {...(isName ? {} : { validateStatus: 'error' as const, help: say(FRONT_TABLE.tableRule) })}
        >
          <Input id="front-table" value={table} maxLength={41} onChange={(event) => setTable(event.target.value)} />
        </Form.Item>
      </Form>
      {isName && (
        <Reading read={read}>
          {({ script }) => (
            <>
              <div className="ht-bar">
                <Button type="primary" onClick={() => saveFile(`${table}.sql`, script, 'application/sql')}>
                  {say(FRONT_TABLE.save)}
                </Button>
              </div>
              <pre className="ht-pre" tabIndex={0} aria-label={t('frontTable.title')}>
                {script}
              </pre>
            </>
          )}
        </Reading>
      )}
    </Drawer>
  )
}
