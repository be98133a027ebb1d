import type { Language } from '../preferences.tsx'

export type DeadlineTone = 'calm' | 'amber' | 'red' | 'done'

export interface Deadline {
  readonly remainingMinutes: number
  readonly allowedMinutes: number
  readonly overdue: boolean
  readonly fulfilledAt: string | null
  readonly dueAt: string
  readonly extendedTo: string | null
}

/** Amber at one third of the allowed working time remaining, red when past. */
export function deadlineTone(deadline: Deadline): DeadlineTone {
  if (deadline.overdue) return 'red'
  if (deadline.fulfilledAt) return 'done'
  if (deadline.remainingMinutes <= 0) return 'red'
  return deadline.remainingMinutes * 3 <= deadline.allowedMinutes ? 'amber' : 'calm'
}

const DAY_MINUTES = 24 * 60

/** Working time as people count it, 24 hours to a working day: `3 个工作日 4 小时`. */
export function workingTime(minutes: number, language: Language): string {
  const whole = Math.abs(Math.trunc(minutes))
  const days = Math.floor(whole / DAY_MINUTES)
  const hours = Math.floor((whole % DAY_MINUTES) / 60)
  const rest = whole % 60
  const dayWord = language === 'zh' ? `${days} 个工作日` : `${days} working day${days === 1 ? '' : 's'}`
  const hourWord = language === 'zh' ? `${hours} 小时` : `${hours} h`
  const minuteWord = language === 'zh' ? `${rest} 分` : `${rest} min`
  if (days > 0) return hours > 0 && days < 10 ? `${dayWord} ${hourWord}` : dayWord
  if (hours > 0) return rest > 0 && hours < 4 ? `${hourWord} ${minuteWord}` : hourWord
  return minuteWord
}
