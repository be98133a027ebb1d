import { readQuestion } from '@huitong/contract/workbench'
import type { ReplyOf } from '@huitong/contract'
import { Alert, Button, Radio, Spin } from 'antd'
import { useState } from 'react'
import { csvOf } from '../../../ui/csv.ts'
import { PlainTable } from '../../../ui/list-table.tsx'
import { Section } from '../../../ui/page-head.tsx'
import { saveFile } from '../../../ui/save-file.ts'
import { fill, useWords } from '../../../words/index.ts'
import { AnswerChart, type Chart } from './answer-chart.tsx'
import { WORKBENCH } from './workbench-words.ts'

type Reply = ReplyOf<typeof readQuestion>
export type Answer = NonNullable<Reply['answer']>

interface AnswerProps {
  readonly reply: Reply
  readonly chart: Chart | null
  onChart(chart: Chart | null): void
  onPlace(at: number): void
}

/** What a question came to: its rows as a table or a chart, or why it has none. */
export function AnswerPanel({ reply: { question, answer }, chart, onChart, onPlace }: AnswerProps) {
  const { say } = useWords()
  const [isChart, setIsChart] = useState(chart !== null)
  if (question.state === 'queued' || question.state === 'running' || question.state === 'stopping')
    return (
      <Section title={say(WORKBENCH.answer)}>
        <p role="status">
          <Spin size="small" /> {say(WORKBENCH[`state.${question.state}`])}
        </p>
      </Section>
    )
  if (question.state === 'stopped' || question.state === 'failed')
    return (
      <Section title={say(WORKBENCH.answer)}>
        <Alert
          type={question.state === 'failed' ? 'error' : 'info'}
          showIcon
          title={say(WORKBENCH[`state.${question.state}`])}
          description={<Faults question={question} onPlace={onPlace} />}
        />
      </Section>
    )
  if (answer === null)
    return (
      <Section title={say(WORKBENCH.answer)}>
        <p>{say(WORKBENCH.dropped)}</p>
      </Section>
    )
  const seconds = ((question.milliseconds ?? 0) / 1000).toFixed(1)
  const facts = [
    fill(say(WORKBENCH.rows), { rows: question.rows ?? 0, seconds }),
    ...(question.more ? [fill(say(WORKBENCH.more), { rows: question.rows ?? 0 })] : []),
  ]
  return (
    <Section
      title={say(WORKBENCH.answer)}
      extra={
        <span className="ht-answer-tools">
          <small role="status">{facts.join(' · ')}</small>
          <Radio.Group
            size="small"
            optionType="button"
            aria-label={say(WORKBENCH.answer)}
            value={isChart ? 'chart' : 'table'}
            onChange={(event) => setIsChart(event.target.value === 'chart')}
            options={[
              { value: 'table', label: say(WORKBENCH.asTable) },
              { value: 'chart', label: say(WORKBENCH.asChart) },
            ]}
          />
          <Button size="small" onClick={() => download(answer, question.id)}>
            {say(WORKBENCH.download)}
          </Button>
        </span>
      }
    >
      {isChart ? <AnswerChart answer={answer} chart={chart} onChart={onChart} /> : <AnswerTable answer={answer} />}
    </Section>
  )
}

function AnswerTable({ answer }: { readonly answer: Answer }) {
  const { say } = useWords()
  return (
    <PlainTable<Answer['rows'][number]>
      label={say(WORKBENCH.answer)}
      rows={answer.rows}
      rowKey={(row) => answer.rows.indexOf(row)}
      empty={say(WORKBENCH.noRows)}
      columns={answer.columns.map((column, at) => ({
        key: String(at),
        title: column.name,
        ...(column.numeric ? { align: 'right' as const } : {}),
        render: (row) => row[at] ?? <small className="ht-quiet">{say(WORKBENCH.empty)}</small>,
      }))}
    />
  )
}

function Faults({ question, onPlace }: { readonly question: Reply['question']; onPlace(at: number): void }) {
  const { say } = useWords()
  if (question.faults.length === 0) return null
  return (
    <ul className="ht-places">
      {question.faults.map((fault) => {
        const { at } = fault
        return (
          <li key={`${at} ${fault.en}`}>
            {at !== null && (
              <Button type="link" size="small" onClick={() => onPlace(at)}>
                {fill(say(WORKBENCH.fault), placeIn(question.text, at))}
              </Button>
            )}
            {say(fault)}
          </li>
        )
      })}
    </ul>
  )
}

/** Line and column, from 1, of a character of a text. */
function placeIn(text: string, at: number): { line: number; column: number } {
  const lines = text.slice(0, at).split('\n')
  return { line: lines.length, column: lines.at(-1)!.length + 1 }
}

function download({ columns, rows }: Answer, id: string): void {
  const lines = [columns.map((one) => one.name), ...rows.map((row) => row.map((cell) => cell ?? ''))]
  saveFile(`question-${id.slice(0, 8)}.csv`, csvOf(lines), 'text/csv;charset=utf-8')
}
