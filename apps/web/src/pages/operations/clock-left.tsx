import { Tooltip } from 'antd'
import { Mark } from '../../ui/marks.tsx'
import { clockTime, clockTone, type IncidentClock } from './incident-clock.ts'
import { moment } from '../../ui/time.ts'
import { useWords } from '../../words/index.ts'

/** How one limit of an incident stands: time left, late, met or missed; the due time on hover. */
export function ClockLeft({ clock, kind }: { readonly clock: IncidentClock; readonly kind: 'natural' | 'working' }) {
  const { t, language } = useWords()
  const time = clockTime(clock.remainingMinutes, kind, language)
  const text = clock.stoppedAt
    ? t(clock.late ? 'clockLeft.tooLate' : 'clockLeft.inTime')
    : t(clock.late ? 'clockLeft.late' : 'clockLeft.left', { time })
  return (
    <Tooltip title={t('clockLeft.due', { at: moment(clock.dueAt, language) })}>
      <span>
        <Mark tone={clockTone(clock)}>{text}</Mark>
      </span>
    </Tooltip>
  )
}
