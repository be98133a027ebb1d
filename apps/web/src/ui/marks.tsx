import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  ExclamationCircleFilled,
  MinusCircleOutlined,
  SyncOutlined,
} from '@ant-design/icons'
import { Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { useWords } from '../words/index.ts'
import { deadlineTone, workingTime, type Deadline } from './deadline.ts'
import { bytes, exactNumber, shortNumber } from './number.ts'
import { moment } from './time.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'wait' | 'idle'

const ICONS: Record<Tone, ReactNode> = {
  good: <CheckCircleFilled aria-hidden />,
  warn: <ExclamationCircleFilled aria-hidden />,
  bad: <CloseCircleFilled aria-hidden />,
  busy: <SyncOutlined aria-hidden />,
  wait: <ClockCircleOutlined aria-hidden />,
  idle: <MinusCircleOutlined aria-hidden />,
}

/** A state as icon and word; colour only repeats what they say. */
export function Mark({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={`ht-mark ht-mark-${tone}`}>
      {ICONS[tone]}
      <span>{children}</span>
    </span>
  )
}

const DEADLINE_TONES = { calm: 'idle', amber: 'warn', red: 'bad', done: 'good' } as const

/** Remaining working time of a duty; the due time itself on hover. */
export function DeadlineBadge({ deadline }: { readonly deadline: Deadline | null }) {
  const { t, language } = useWords()
  if (!deadline) return <span className="ht-quiet">–</span>
  const tone = deadlineTone(deadline)
  const time = workingTime(deadline.remainingMinutes, language)
  const text =
    tone === 'done'
      ? t('deadline.done')
      : deadline.fulfilledAt
        ? t('deadline.doneLate')
        : tone === 'red'
          ? deadline.remainingMinutes === 0
            ? t('deadline.past')
            : t('deadline.overdue', { time })
          : t('deadline.remaining', { time })
  const due = moment(deadline.extendedTo ?? deadline.dueAt, language)
  return (
    <Tooltip title={t(deadline.extendedTo ? 'deadline.extendedTo' : 'deadline.dueAt', { at: due })}>
      <span>
        <Mark tone={tone === 'calm' ? 'wait' : DEADLINE_TONES[tone]}>{text}</Mark>
      </span>
    </Tooltip>
  )
}

/** A count to the last digit, where two of them are compared. */
export function Exact({ value }: { readonly value: string | number | null }) {
  if (value === null) return <span className="ht-quiet">–</span>
  return <span className="ht-number">{exactNumber(value)}</span>
}

/** A count in 万 or 亿, exact on hover and for screen readers. */
export function Count({ value }: { readonly value: string | number | null | undefined }) {
  const { language } = useWords()
  if (value === null || value === undefined) return <span className="ht-quiet">–</span>
  const short = shortNumber(value, language)
  const exact = exactNumber(value)
  if (short === exact) return <span className="ht-number">{exact}</span>
  return (
    <Tooltip title={exact}>
      <span className="ht-number">
        <span aria-hidden>{short}</span>
        <span className="ht-unseen">{exact}</span>
      </span>
    </Tooltip>
  )
}

/** A size in bytes. */
export function Bytes({ value }: { readonly value: string | number }) {
  return (
    <Tooltip title={`${exactNumber(value)} B`}>
      <span className="ht-number">{bytes(value)}</span>
    </Tooltip>
  )
}

/** An instant in Asia/Shanghai with its weekday; the UTC instant on hover. A narrow column breaks it before the clock only. */
export function Moment({
  at,
  form = 'minutes',
}: {
  readonly at: string | null | undefined
  readonly form?: 'minutes' | 'seconds' | 'day'
}) {
  const { language } = useWords()
  if (!at) return <span className="ht-quiet">–</span>
  const said = moment(at, language, form)
  const clock = form === 'day' ? -1 : said.lastIndexOf(' ')
  return (
    <time className="ht-moment" dateTime={at} title={`UTC ${at}`}>
      <span className="ht-number">{clock < 0 ? said : said.slice(0, clock)}</span>
      {clock >= 0 && (
        <>
          {' '}
          <span className="ht-number">{said.slice(clock + 1)}</span>
        </>
      )}
    </time>
  )
}
