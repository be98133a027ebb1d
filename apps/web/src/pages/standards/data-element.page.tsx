import { readDataElement, updateDataElement } from '@huitong/contract/data-standards'
import type { ReplyOf } from '@huitong/contract'
import { Button } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Mark, Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { ReviseElement } from './element-form.tsx'
import { STANDARDS } from './standards-words.ts'

type Element = ReplyOf<typeof readDataElement>

export default function DataElementPage() {
  const { id = '' } = useParams()
  const read = useRead(readDataElement, { params: { id } })
  return <Reading read={read}>{(element) => <Shown element={element} />}</Reading>
}

function Shown({ element }: { readonly element: Element }) {
  const { say } = useWords()
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <PageHead
        title={say(element.name)}
        code={element.identifier}
        state={<Mark tone={element.state === 'in_force' ? 'good' : 'idle'}>{say(STANDARDS[element.state])}</Mark>}
        facts={say(element.national ? STANDARDS.national : STANDARDS.own)}
        actions={<Actions element={element} onRevise={() => setIsOpen(true)} />}
      />
      <Facts facts={useFacts(element)} />
      <Section title={say(STANDARDS.history)}>
        <Versions element={element} />
      </Section>
      {isOpen && <ReviseElement element={element} onClose={() => setIsOpen(false)} />}
    </>
  )
}

function useFacts({ content, format, codeSet }: Element) {
  const { say } = useWords()
  const given = (value: string | undefined) => value ?? '–'
  return [
    { label: say(STANDARDS.definition), value: content.definition, wide: true },
    { label: say(STANDARDS.type), value: say(STANDARDS[content.type]) },
    { label: say(STANDARDS.format), value: <code>{format}</code> },
    {
      label: say(STANDARDS.codeSet),
      value: codeSet ? (
        <Link to={paths.codeSet(codeSet.id, codeSet.label)}>
          {codeSet.code} {codeSet.label}
        </Link>
      ) : (
        '–'
      ),
    },
    { label: say(STANDARDS.check), value: content.check ? say(STANDARDS[content.check]) : '–' },
    { label: say(STANDARDS.source), value: content.source },
    { label: say(STANDARDS.synonyms), value: given(content.synonyms?.join('、')) },
    { label: say(STANDARDS.objectClass), value: given(content.objectClass) },
    { label: say(STANDARDS.property), value: given(content.property) },
    { label: say(STANDARDS.representation), value: given(content.representation) },
    { label: say(STANDARDS.unit), value: given(content.unit) },
    { label: say(STANDARDS.submitter), value: given(content.submitter) },
  ]
}

function Actions({ element, onRevise }: { readonly element: Element; onRevise(): void }) {
  const { say } = useWords()
  const can = useCan()
  const act = useAct(updateDataElement)
  if (!can('standard.manage')) return null
  const next = element.state === 'in_force' ? 'retired' : 'in_force'
  const turn = () =>
    void act
      .run({ params: { id: element.id }, body: { content: element.content, state: next } }, element.version)
      .catch(() => undefined)
  return (
    <>
      <Button loading={act.busy} onClick={turn}>
        {say(next === 'retired' ? STANDARDS.retire : STANDARDS.restore)}
      </Button>
      {!element.national && (
        <Button type="primary" onClick={onRevise}>
          {say(STANDARDS.revise)}
        </Button>
      )}
      {act.problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={act.problem} />
        </div>
      )}
    </>
  )
}

function Versions({ element }: { readonly element: Element }) {
  const { say } = useWords()
  const columns: Column<Element['versions'][number]>[] = [
    { title: say(STANDARDS.version), key: 'number', width: 100, render: (row) => row.number },
    { title: say(STANDARDS.element), key: 'name', render: (row) => say(row.name) },
    { title: say(STANDARDS.format), key: 'format', width: 160, render: (row) => <code>{row.format}</code> },
    { title: say(STANDARDS.versionAt), key: 'at', width: 200, render: (row) => <Moment at={row.at} /> },
  ]
  return (
    <ListTable
      label={say(STANDARDS.history)}
      columns={columns}
      rows={element.versions}
      rowKey={(row) => row.number}
      loading={false}
      empty={say(STANDARDS.none)}
    />
  )
}
