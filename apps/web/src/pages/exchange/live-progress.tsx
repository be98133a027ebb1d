import { readDataset } from '@huitong/contract/catalogue'
import { Progress } from 'antd'
import { useState, type ReactNode } from 'react'
import { useRead } from '../../api.ts'
import { useCan } from '../../session.tsx'
import { Bytes, Count, Moment } from '../../ui/marks.tsx'
import { duration } from '../../ui/time.ts'
import { useWords } from '../../words/index.ts'
import type { Channel } from './channel.page.tsx'
import { FILES } from './file-words.ts'
import { percentOf, rateOf, remainingSeconds, totalOf, withSample, type Sample } from './progress.ts'

const STATUS: Partial<Record<Channel['state'], 'exception' | 'success'>> = {
  failed: 'exception',
  completed: 'success',
  following: 'success',
}

/** What a run has done, how fast it goes, and when it will be done; the four stations of a row side by side. */
export function LiveProgress({ channel, at }: { readonly channel: Channel; readonly at: number }) {
  const { t, say } = useWords()
  const { progress } = channel
  const estimate = useEstimate(channel)
  const samples = useSamples(channel, at)
  const running = channel.state === 'running'
  // Files are as different in size as can be: how far they are is told by their bytes.
  const { files } = progress
  const total = totalOf(progress.rowsSealed, progress.sealedComplete, running ? estimate : null)
  const whole = files ? { rows: BigInt(files.bytes), exact: true } : total
  const done = doneOf(progress)
  const percent = percentOf(done, whole)
  const rate = running ? rateOf(samples) : null
  const left = running ? remainingSeconds(done, whole, rate) : null
  if (!progress.startedAt) return <p className="ht-panel ht-quiet">{t('channel.notStarted')}</p>
  return (
    <div className="ht-panel ht-progress" role="group" aria-label={t('channel.progress')}>
      <Progress
        percent={percent ?? 0}
        showInfo={percent !== null}
        status={STATUS[channel.state] ?? 'normal'}
        aria-label={t('channel.progress')}
      />
      <dl className="ht-figures">
        <Figure
          label={files ? say(FILES.filesSealed) : t('channel.rowsSealed')}
          value={<Count value={progress.rowsSealed} />}
          note={<Total total={total} />}
        />
        <Figure
          label={files ? say(FILES.filesReceived) : t('channel.rowsReceived')}
          value={<Count value={progress.rowsReceived} />}
          note={<Bytes value={progress.bytesReceived} />}
        />
        <Figure
          label={files ? say(FILES.filesApplied) : t('channel.rowsApplied')}
          value={<Count value={progress.rowsApplied} />}
        />
        <Figure
          label={t('channel.segmentsCount')}
          value={
            <span className="ht-number">
              {progress.segmentsApplied} / {progress.segmentsSealed}
            </span>
          }
          note={t('channel.segmentsNote', { received: progress.segmentsReceived, verified: progress.segmentsVerified })}
        />
        <Pace channel={channel} rate={rate} left={left} />
      </dl>
      <p className="ht-quiet">
        {t('channel.generation', { number: progress.generation })} · {t('channel.startedAt')}{' '}
        <Moment at={progress.startedAt} form="seconds" />
        {progress.finishedAt && (
          <>
            {' · '}
            {t('channel.finishedAt')} <Moment at={progress.finishedAt} form="seconds" />
          </>
        )}
      </p>
    </div>
  )
}

function Figure({
  label,
  value,
  note,
}: {
  readonly label: string
  readonly value: ReactNode
  readonly note?: ReactNode
}) {
  return (
    <div className="ht-figure">
      <dt>{label}</dt>
      <dd>
        {value}
        <small className="ht-quiet">{note ?? '\u00a0'}</small>
      </dd>
    </div>
  )
}

function Total({ total }: { readonly total: ReturnType<typeof totalOf> }) {
  const { t } = useWords()
  if (!total) return null
  return (
    <>
      {t(total.exact ? 'channel.readComplete' : 'channel.estimated')} <Count value={String(total.rows)} />
    </>
  )
}

interface PaceProps {
  readonly channel: Channel
  readonly rate: number | null
  readonly left: number | null
}

/** What has arrived: bytes of files, or rows. */
const doneOf = ({ files, rowsApplied }: Channel['progress']): string => files?.bytesApplied ?? rowsApplied

function Rate({ of, files }: { readonly of: number; readonly files: boolean }) {
  const value = Math.round(of)
  return files ? (
    <>
      <Bytes value={String(value)} />
      /s
    </>
  ) : (
    <Count value={value} />
  )
}

/** While running: rate and remaining time; afterwards: how long it took and the mean rate. */
function Pace({ channel, rate, left }: PaceProps) {
  const { t, say, language } = useWords()
  const { startedAt, finishedAt, files } = channel.progress
  if (channel.state === 'running')
    return (
      <Figure
        label={files ? say(FILES.rate) : t('channel.rate')}
        value={rate === null ? t('channel.measuring') : <Rate of={rate} files={files !== undefined} />}
        note={left === null ? undefined : t('channel.remaining', { time: duration(left, language) })}
      />
    )
  if (!startedAt || !finishedAt) return null
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000
  return (
    <Figure
      label={files ? say(FILES.rateMean) : t('channel.rateMean')}
      value={seconds > 0 ? <Rate of={Number(doneOf(channel.progress)) / seconds} files={files !== undefined} /> : '–'}
      note={t('channel.took', { time: duration(seconds, language) })}
    />
  )
}

/** Rows that the source is thought to have, from the mounting; null when the person may not see it. */
function useEstimate(channel: Channel): string | null {
  const can = useCan()
  const read = useRead(
    readDataset,
    { params: { id: channel.datasetId }, query: { version: 'live' } },
    { enabled: channel.state === 'running' && can('catalogue.read') },
  )
  const { source } = channel
  const mounted = read.data?.distributions.find(
    (one) => one.sourceId === source.sourceId && one.schema === source.schema && one.table === source.table,
  )
  return mounted?.rowEstimate ?? null
}

/** Counts of the last seconds, one for each reply: a second without progress is a sample too. */
function useSamples({ state, progress }: Channel, at: number): readonly Sample[] {
  const running = state === 'running'
  const run = `${progress.generation} ${running}`
  const [track, setTrack] = useState<{ run: string; at: number; samples: readonly Sample[] }>({
    run: '',
    at: 0,
    samples: [],
  })
  if (track.at === at && track.run === run) return track.samples
  const before = track.run === run ? track.samples : []
  const samples = running ? withSample(before, { at, rows: BigInt(doneOf(progress)) }) : []
  setTrack({ run, at, samples })
  return samples
}
