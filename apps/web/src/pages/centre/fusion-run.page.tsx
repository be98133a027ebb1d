import { readFusionRun, stopFusion } from '@huitong/contract/fusion'
import type { ReplyOf } from '@huitong/contract'
import { Alert } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { Reading } from '../../parts/reading.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Exact, Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { Masters } from './fusion-masters.tsx'
import { FullValues, RunState, type Wish } from './fusion-parts.tsx'
import { Review } from './fusion-review.tsx'
import { FUSION } from './fusion-words.ts'

type Run = ReplyOf<typeof readFusionRun>
const EVERY_MS = 1_000
const BUSY = ['queued', 'running', 'stopping']

/** One fusion: its figures, the pairs that wait for a person, and what became one. */
export default function FusionRunPage() {
  const { id = '' } = useParams()
  const read = useRead(
    readFusionRun,
    { params: { id } },
    { everyMs: (run) => (run && BUSY.includes(run.state) ? EVERY_MS : false) },
  )
  return <Reading read={read}>{(run) => <Opened run={run} />}</Reading>
}

function Opened({ run }: { readonly run: Run }) {
  const { t, say } = useWords()
  const [wish, setWish] = useState<Wish>({})
  return (
    <>
      <PageHead
        title={`${say(FUSION.run)} · ${t(`library.${run.library}`)}`}
        code={run.number}
        state={<RunState run={run} />}
        facts={<Link to={paths.fusion(run.library)}>{say(FUSION.title)}</Link>}
        actions={<Stop run={run} />}
      />
      {run.problem && <Alert className="ht-error" type="error" showIcon title={say(run.problem)} />}
      <Figures run={run} />
      {run.state === 'done' && (
        <>
          <FullValues onWish={setWish} />
          <Section title={say(FUSION.review)}>
            <Review run={run} wish={wish} />
          </Section>
          <Section title={say(FUSION.masters)}>
            <Masters run={run} wish={wish} />
          </Section>
        </>
      )}
    </>
  )
}

function Figures({ run }: { readonly run: Run }) {
  const { say } = useWords()
  const { figures } = run
  const figure = (label: (typeof FUSION)[keyof typeof FUSION], value: string | number | undefined) => ({
    label: say(label),
    value: <Exact value={value ?? null} />,
  })
  return (
    <Facts
      facts={[
        figure(FUSION.records, figures?.records),
        figure(FUSION.masters, figures?.masters),
        figure(FUSION.identified, figures?.identified),
        figure(FUSION.candidates, figures?.candidatePairs),
        figure(FUSION.matched, figures?.matchedPairs),
        figure(FUSION.review, figures?.reviewPairs),
        figure(FUSION.refused, figures?.refusedPairs),
        figure(FUSION.notFollowed, figures?.refusedDecisions),
        figure(FUSION.leftOut, figures?.leftOutPairs),
        figure(FUSION.changed, figures?.changed),
        figure(FUSION.seconds, figures ? (figures.milliseconds / 1000).toFixed(1) : undefined),
        { label: say(FUSION.at), value: <Moment at={run.finishedAt ?? run.createdAt} /> },
      ]}
    />
  )
}

function Stop({ run }: { readonly run: Run }) {
  const { say } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const toast = useToast()
  const act = useAct(stopFusion)
  if (!can('library.manage') || !['queued', 'running'].includes(run.state)) return null
  const stop = () =>
    act.run({ params: { id: run.id } }).then(
      () => toast.good(say(FUSION.stopping)),
      () => undefined,
    )
  return (
    <>
      <ActionButton danger allowance={allow('library.manage')} loading={act.busy} onClick={() => void stop()}>
        {say(FUSION.stop)}
      </ActionButton>
      {act.problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={act.problem} />
        </div>
      )}
    </>
  )
}
