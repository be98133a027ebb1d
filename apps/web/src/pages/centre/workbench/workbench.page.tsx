import {
  askQuestion,
  listWorkbenchTables,
  QUESTION_MAX,
  readQuestion,
  saveQuestion,
  stopQuestion,
  updateSavedQuestion,
} from '@huitong/contract/workbench'
import { Button, Checkbox, Form, Input } from 'antd'
import { useMemo, useRef, useState } from 'react'
import { toProblem, useAct, useRead } from '../../../api.ts'
import { Reading } from '../../../parts/reading.tsx'
import { useFilter } from '../../../parts/query-table.tsx'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { PageHead, Section } from '../../../ui/page-head.tsx'
import { SideForm } from '../../../ui/side-form.tsx'
import { useToast } from '../../../ui/toast.tsx'
import { useWords } from '../../../words/index.ts'
import type { Chart } from './answer-chart.tsx'
import { AnswerPanel } from './answer.tsx'
import { AskedQuestions, type Saved, SavedQuestions } from './question-lists.tsx'
import { type EditorHandle, SqlEditor } from './sql-editor.tsx'
import { tableName, TableList, type Tables } from './table-list.tsx'
import { WORKBENCH } from './workbench-words.ts'

const WATCH_MS = 500

/** Questions in SQL over the tables of the resource centre. */
export default function WorkbenchPage() {
  const { say } = useWords()
  const tables = useRead(listWorkbenchTables)
  return (
    <>
      <PageHead title={say(WORKBENCH.title)} facts={say(WORKBENCH.help)} />
      <Reading read={tables}>{(found) => <Workbench tables={found} />}</Reading>
    </>
  )
}

function Workbench({ tables }: { readonly tables: Tables }) {
  const { say, language } = useWords()
  const editor = useRef<EditorHandle | null>(null)
  const [text, setText] = useState('')
  const [chart, setChart] = useState<Chart | null>(null)
  const [saved, setSaved] = useState<Saved | null>(null)
  const [asked, setAsked] = useFilter('question')
  const ask = useAct(askQuestion)
  const offered = useMemo(
    () => Object.fromEntries(tables.items.map((one) => [tableName(one), one.columns.map(({ name }) => name)])),
    [tables],
  )
  const run = () => {
    if (text.trim() === '' || text.length > QUESTION_MAX) return
    void ask.run({ body: { text } }).then(
      (made) => setAsked(made.id),
      () => undefined,
    )
  }
  const open = (given: { text: string; chart?: Chart | null }) => {
    setText(given.text)
    setChart(given.chart ?? null)
  }
  return (
    <>
      <div className="ht-edit ht-workbench">
        <div>
          <SqlEditor
            key={language}
            value={text}
            label={say(WORKBENCH.editor)}
            offered={offered}
            ref={editor}
            onChange={setText}
            onRun={run}
          />
          <div className="ht-filters">
            <Button type="primary" onClick={run} loading={ask.busy} disabled={text.trim() === ''}>
              {say(WORKBENCH.ask)}
            </Button>
            <Save text={text} chart={chart} saved={saved} onSaved={setSaved} />
            <small className="ht-quiet">{say(WORKBENCH.editor)}</small>
          </div>
          {ask.problem && <ErrorPanel problem={ask.problem} />}
          {asked ? (
            <Asked
              key={asked}
              id={asked}
              chart={chart}
              onChart={setChart}
              onPlace={(at) => editor.current?.moveTo(at)}
            />
          ) : (
            <Section title={say(WORKBENCH.answer)}>
              <p className="ht-quiet">{say(WORKBENCH.none)}</p>
            </Section>
          )}
        </div>
        <TableList tables={tables} onInsert={(name) => editor.current?.insert(name)} />
      </div>
      <SavedQuestions
        onOpen={(one) => {
          setSaved(one)
          open(one)
        }}
      />
      <AskedQuestions
        onOpen={(one) => {
          setSaved(null)
          open(one)
          setAsked(one.id)
        }}
      />
    </>
  )
}

interface AskedProps {
  readonly id: string
  readonly chart: Chart | null
  onChart(chart: Chart | null): void
  onPlace(at: number): void
}

function Asked({ id, ...rest }: AskedProps) {
  const { say } = useWords()
  const stop = useAct(stopQuestion)
  const isOpen = (state: string | undefined) => state === 'queued' || state === 'running' || state === 'stopping'
  const read = useRead(
    readQuestion,
    { params: { id } },
    { everyMs: (reply) => (reply === undefined || isOpen(reply.question.state) ? WATCH_MS : false) },
  )
  if (read.error && !read.data) return <ErrorPanel problem={toProblem(read.error)} />
  if (!read.data) return null
  return (
    <>
      {isOpen(read.data.question.state) && (
        <Button onClick={() => void stop.run({ params: { id } }).catch(() => undefined)} loading={stop.busy}>
          {say(WORKBENCH.stop)}
        </Button>
      )}
      {stop.problem && <ErrorPanel problem={stop.problem} />}
      <AnswerPanel reply={read.data} {...rest} />
    </>
  )
}

interface SaveProps {
  readonly text: string
  readonly chart: Chart | null
  readonly saved: Saved | null
  onSaved(saved: Saved): void
}
interface SaveValues {
  name: string
  shared?: boolean
}

/** Keeps a question: over the one that was opened where it is one's own, or as a new one. */
function Save({ text, chart, saved, onSaved }: SaveProps) {
  const { say } = useWords()
  const toast = useToast()
  const [isOpen, setIsOpen] = useState(false)
  const create = useAct(saveQuestion)
  const update = useAct(updateSavedQuestion)
  const own = saved?.own ? saved : null
  const keep = ({ name, shared = false }: SaveValues, over: Saved | null) => {
    const body = { name, text, chart, shared }
    const kept = over ? update.run({ params: { id: over.id }, body }, over.version) : create.run({ body })
    const shown = (made: Saved) => {
      onSaved(made)
      setIsOpen(false)
      toast.good(say(WORKBENCH.saved))
    }
    void kept.then(shown, () => undefined)
  }
  return (
    <>
      {own && (
        <Button loading={update.busy} onClick={() => keep({ name: own.name, shared: own.shared }, own)}>
          {say(WORKBENCH.save)}
        </Button>
      )}
      <Button disabled={text.trim() === ''} onClick={() => setIsOpen(true)}>
        {say(own ? WORKBENCH.saveAs : WORKBENCH.save)}
      </Button>
      {update.problem && <ErrorPanel problem={update.problem} />}
      <SideForm<SaveValues>
        open={isOpen}
        title={say(WORKBENCH.save)}
        submitLabel={say(WORKBENCH.save)}
        busy={create.busy}
        problem={create.problem}
        onClose={() => setIsOpen(false)}
        onSubmit={(values) => keep(values, null)}
      >
        <Form.Item
          name="name"
          label={say(WORKBENCH.name)}
          rules={[{ required: true, whitespace: true, message: say(WORKBENCH.nameNeeded) }]}
        >
          <Input maxLength={80} />
        </Form.Item>
        <Form.Item name="shared" valuePropName="checked">
          <Checkbox>{say(WORKBENCH.shared)}</Checkbox>
        </Form.Item>
      </SideForm>
    </>
  )
}
