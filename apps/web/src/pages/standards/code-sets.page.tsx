import { createCodeSet, listCodeSets } from '@huitong/contract/data-standards'
import { Button, Form, Input } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useAct } from '../../api.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { Exact, Mark } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useWords } from '../../words/index.ts'
import { codesOf } from './code-lines.ts'
import { CodesField } from './codes-field.tsx'
import { SearchStandards } from './search-standards.tsx'
import { STANDARDS } from './standards-words.ts'

export default function CodeSetsPage() {
  const { t, say } = useWords()
  const can = useCan()
  const [q] = useFilter('q')
  const [isOpen, setIsOpen] = useState(false)
  const columns: Column<RowOf<typeof listCodeSets>>[] = [
    {
      title: say(STANDARDS.setNumber),
      key: 'code',
      width: 170,
      render: (row) => <Link to={paths.codeSet(row.id)}>{row.code}</Link>,
    },
    { title: say(STANDARDS.meaning), key: 'name', render: (row) => say(row.name) },
    { title: say(STANDARDS.version), key: 'label', width: 100, render: (row) => row.label },
    {
      title: say(STANDARDS.count),
      key: 'count',
      width: 100,
      align: 'right',
      render: (row) => <Exact value={row.count} />,
    },
    {
      title: say(STANDARDS.origin),
      key: 'origin',
      width: 110,
      render: (row) => (
        <Mark tone={row.national ? 'good' : 'idle'}>{say(row.national ? STANDARDS.national : STANDARDS.own)}</Mark>
      ),
    },
  ]
  return (
    <>
      <PageHead
        title={t('rail.codeSets')}
        actions={
          can('standard.manage') && (
            <Button type="primary" onClick={() => setIsOpen(true)}>
              {say(STANDARDS.newSet)}
            </Button>
          )
        }
      />
      <SearchStandards />
      <QueryTable
        endpoint={listCodeSets}
        query={q ? { q } : {}}
        columns={columns}
        rowKey={(row) => row.id}
        label={t('rail.codeSets')}
        empty={say(STANDARDS.setsNone)}
      />
      {isOpen && <NewSet onClose={() => setIsOpen(false)} />}
    </>
  )
}

interface Values {
  code: string
  name: { zh: string; en?: string }
  source: string
  label: string
  codes: string
}

function NewSet({ onClose }: { onClose(): void }) {
  const { t, say } = useWords()
  const navigate = useNavigate()
  const act = useAct(createCodeSet)
  const needed = (label: string) => [{ required: true, whitespace: true, message: t('form.needed', { label }) }]
  const send = async ({ name, codes, ...rest }: Values) => {
    const body = { ...rest, name: { zh: name.zh, ...(name.en ? { en: name.en } : {}) }, codes: codesOf(codes).codes }
    const set = await act.run({ body }).catch(() => null)
    if (set) void navigate(paths.codeSet(set.id))
  }
  return (
    <SideForm<Values>
      open
      width={560}
      title={say(STANDARDS.newSet)}
      submitLabel={t('action.save')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item name="code" label={say(STANDARDS.setNumber)} rules={needed(say(STANDARDS.setNumber))}>
        <Input maxLength={64} autoFocus spellCheck={false} />
      </Form.Item>
      <Form.Item name={['name', 'zh']} label={say(STANDARDS.name)} rules={needed(say(STANDARDS.name))}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name={['name', 'en']} label={say(STANDARDS.english)}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="source" label={say(STANDARDS.source)} rules={needed(say(STANDARDS.source))}>
        <Input maxLength={300} />
      </Form.Item>
      <Form.Item name="label" label={say(STANDARDS.version)} rules={needed(say(STANDARDS.version))}>
        <Input maxLength={32} spellCheck={false} />
      </Form.Item>
      <CodesField />
    </SideForm>
  )
}
