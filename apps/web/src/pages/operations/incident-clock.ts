import type { Language } from '../../preferences.tsx'
import { workingTime } from '../../ui/deadline.ts'
import type { Tone } from '../../ui/marks.tsx'

export interface IncidentClock {
  readonly dueAt: string
  readonly stoppedAt: string | null
  readonly late: boolean
  readonly remainingMinutes: number
  readonly allowedMinutes: number
}

/** Amber at one third of the time left, red when past, good when it was met. */
export function clockTone(clock: IncidentClock): Tone {
  if (clock.late) return 'bad'
  if (clock.stoppedAt) return 'good'
  return clock.remainingMinutes * 3 <= clock.allowedMinutes ? 'warn' : 'wait'
}

const DAY_MINUTES = 24 * 60

/** Time as people count it: working days on the working clock, days and hours on the other. */
export function clockTime(minutes: number, kind: 'natural' | 'working', language: Language): string {
  const whole = Math.abs(Math.trunc(minutes))
  if (kind === 'working' || whole < DAY_MINUTES) return workingTime(minutes, language)
  const days = Math.floor(whole / DAY_MINUTES)
  const hours = Math.floor((whole % DAY_MINUTES) / 60)
  const dayWord = language === 'zh' ? `${days} 天` : `${days} day${days === 1 ? '' : 's'}`
  const hourWord = language === 'zh' ? `${hours} 小时` : `${hours} h`
  return hours > 0 && days < 10 ? `${dayWord} ${hourWord}` : dayWord
}
