import { decidePair, readReview, type readFusionRun } from '@huitong/contract/fusion'
import type { BodyOf, ReplyOf } from '@huitong/contract'
import { Button, Space } from 'antd'
import { useState } from 'react'
import { useAct, useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { useCan } from '../../session.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Mark, Moment } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'
import { Shown, type Wish } from './fusion-parts.tsx'
import { FUSION, levelWord } from './fusion-words.ts'

type Page = ReplyOf<typeof readReview>
type Pair = Page['items'][number]
const PAIRS = '10'

/** The pairs that a person decides, each with its two records side by side and what agrees. */
export function Review({ run, wish }: { readonly run: ReplyOf<typeof readFusionRun>; readonly wish: Wish }) {
  const { say } = useWords()
  const [after, setAfter] = useState<string | null>(null)
  const query = { limit: PAIRS, ...(after === null ? {} : { after }) }
  const read = useRead(readReview, { params: { id: run.id }, query, body: wish }, { keep: true })
  return (
    <Reading read={read}>
      {(page) => (
        <>
          <p className="ht-quiet">{page.items.length === 0 ? say(FUSION.reviewNone) : say(FUSION.nextRun)}</p>
          {page.items.map((pair) => (
            <Decide key={`${pair.one.record}${pair.other.record}`} runId={run.id} page={page} pair={pair} />
          ))}
          <Space>
            {after !== null && <Button onClick={() => setAfter(null)}>{say(FUSION.back)}</Button>}
            {page.next !== null && <Button onClick={() => setAfter(page.next)}>{say(FUSION.more)}</Button>}
          </Space>
        </>
      )}
    </Reading>
  )
}

function Decide({ runId, page, pair }: { readonly runId: string; readonly page: Page; readonly pair: Pair }) {
  const { say } = useWords()
  const can = useCan()
  const act = useAct(decidePair)
  const decide = (verdict: BodyOf<typeof decidePair>['verdict']) =>
    void act
      .run({ params: { id: runId }, body: { one: pair.one.record, other: pair.other.record, verdict } })
      .catch(() => undefined)
  const sourceOf = (at: number) => {
    const source = page.sources[at]
    return source ? `${say(source.datasetName)} · ${say(source.departmentName)}` : ''
  }
  const agreement = new Map(pair.agreements.map((one) => [one.field, one]))
  const rows = page.fields.map((field, at) => ({ ...field, at }))
  const columns: Column<(typeof rows)[number]>[] = [
    { key: 'field', title: say(FUSION.field), width: 160, render: (row) => say(row.name) },
    { key: 'one', title: sourceOf(pair.one.source), render: (row) => <Shown value={pair.one.values[row.at]} /> },
    { key: 'other', title: sourceOf(pair.other.source), render: (row) => <Shown value={pair.other.values[row.at]} /> },
    {
      key: 'agreement',
      title: say(FUSION.agreement),
      width: 200,
      render: ({ code }) => {
        const found = agreement.get(code)
        if (!found) return <span className="ht-quiet">{say(levelWord('compared'))}</span>
        const tone = found.level === 'none' ? 'bad' : found.level === 'missing' ? 'idle' : found.first ? 'good' : 'warn'
        return <Mark tone={tone}>{say(levelWord(found.level))}</Mark>
      },
    },
  ]
  return (
    <section className="ht-section" aria-label={say(FUSION.review)}>
      <p>
        {say(FUSION.probability)} <strong>{(pair.probability * 100).toFixed(1)}%</strong>
        {pair.refused && <> · {say(FUSION.refusedPair)}</>}
        {pair.decided && (
          <>
            {' · '}
            {say(FUSION.decided)} {say(FUSION[pair.decided.verdict])} · {pair.decided.by}{' '}
            <Moment at={pair.decided.at} />
          </>
        )}
      </p>
      <PlainTable label={say(FUSION.review)} columns={columns} rows={rows} rowKey={(row) => row.code} />
      {can('library.manage') && (
        <Space className="ht-filters">
          <Button loading={act.busy} onClick={() => decide('same')}>
            {say(FUSION.same)}
          </Button>
          <Button loading={act.busy} onClick={() => decide('different')}>
            {say(FUSION.different)}
          </Button>
          <Button loading={act.busy} onClick={() => decide('later')}>
            {say(FUSION.later)}
          </Button>
        </Space>
      )}
      {act.problem && <ErrorPanel problem={act.problem} />}
    </section>
  )
}
