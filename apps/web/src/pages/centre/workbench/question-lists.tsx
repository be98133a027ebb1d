import { deleteSavedQuestion, listQuestions, listSavedQuestions } from '@huitong/contract/workbench'
import { Button } from 'antd'
import { useState } from 'react'
import { useAct } from '../../../api.ts'
import { QueryTable, type RowOf } from '../../../parts/query-table.tsx'
import type { Column } from '../../../ui/list-table.tsx'
import { Count, Mark, Moment, type Tone } from '../../../ui/marks.tsx'
import { Section } from '../../../ui/page-head.tsx'
import { SideForm } from '../../../ui/side-form.tsx'
import { useToast } from '../../../ui/toast.tsx'
import { fill, useWords } from '../../../words/index.ts'
import { WORKBENCH } from './workbench-words.ts'

export type Saved = RowOf<typeof listSavedQuestions>
export type Asked = RowOf<typeof listQuestions>

const TONES: Readonly<Record<Asked['state'], Tone>> = {
  queued: 'wait',
  running: 'busy',
  stopping: 'busy',
  stopped: 'idle',
  failed: 'bad',
  done: 'good',
}

/** Questions that were saved, one's own and those that the department shares. */
export function SavedQuestions({ onOpen }: { onOpen(saved: Saved): void }) {
  const { say } = useWords()
  const toast = useToast()
  const remove = useAct(deleteSavedQuestion)
  const [leaving, setLeaving] = useState<Saved | null>(null)
  const leave = () => {
    if (leaving === null) return
    const gone = () => {
      setLeaving(null)
      toast.good(say(WORKBENCH.removed))
    }
    void remove.run({ params: { id: leaving.id } }).then(gone, () => undefined)
  }
  const columns: Column<Saved>[] = [
    {
      title: say(WORKBENCH.name),
      key: 'name',
      render: (row) => (
        <Button type="link" size="small" onClick={() => onOpen(row)}>
          {row.name}
        </Button>
      ),
    },
    { title: say(WORKBENCH.text), key: 'text', render: (row) => <code className="ht-one-line">{row.text}</code> },
    { title: say(WORKBENCH.by), key: 'by', width: 140, render: (row) => row.by },
    { title: say(WORKBENCH.at), key: 'at', width: 190, render: (row) => <Moment at={row.updatedAt} /> },
    {
      title: '',
      key: 'actions',
      width: 90,
      render: (row) =>
        row.own && (
          <Button size="small" danger onClick={() => setLeaving(row)}>
            {say(WORKBENCH.remove)}
          </Button>
        ),
    },
  ]
  return (
    <Section title={say(WORKBENCH.savedList)}>
      <QueryTable
        endpoint={listSavedQuestions}
        columns={columns}
        rowKey={(row) => row.id}
        label={say(WORKBENCH.savedList)}
        empty={say(WORKBENCH.noSaved)}
        at="saved"
      />
      <SideForm
        open={leaving !== null}
        title={fill(say(WORKBENCH.removeSure), { name: leaving?.name ?? '' })}
        submitLabel={say(WORKBENCH.remove)}
        danger
        busy={remove.busy}
        problem={remove.problem}
        onClose={() => setLeaving(null)}
        onSubmit={leave}
      >
        <pre className="ht-one-line">{leaving?.text}</pre>
      </SideForm>
    </Section>
  )
}

/** What one has asked, newest first. */
export function AskedQuestions({ onOpen }: { onOpen(asked: Asked): void }) {
  const { say } = useWords()
  const columns: Column<Asked>[] = [
    { title: say(WORKBENCH.at), key: 'at', width: 190, render: (row) => <Moment at={row.createdAt} /> },
    {
      title: say(WORKBENCH.text),
      key: 'text',
      render: (row) => (
        <Button type="link" size="small" className="ht-one-line" onClick={() => onOpen(row)}>
          <code>{row.text}</code>
        </Button>
      ),
    },
    {
      title: say(WORKBENCH.state),
      key: 'state',
      width: 120,
      render: (row) => <Mark tone={TONES[row.state]}>{say(WORKBENCH[`state.${row.state}`])}</Mark>,
    },
    {
      title: say(WORKBENCH.answer),
      key: 'rows',
      align: 'right',
      width: 90,
      render: (row) => <Count value={row.rows} />,
    },
  ]
  return (
    <Section title={say(WORKBENCH.history)}>
      <QueryTable
        endpoint={listQuestions}
        columns={columns}
        rowKey={(row) => row.id}
        label={say(WORKBENCH.history)}
        empty={say(WORKBENCH.noHistory)}
        at="asked"
      />
    </Section>
  )
}
