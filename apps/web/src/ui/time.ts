import type { Language } from '../preferences.tsx'

const ZONE = 'Asia/Shanghai'
const WEEKDAYS = {
  zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
} as const

const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone: ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

interface Civil {
  readonly day: string
  readonly clock: string
  readonly weekday: number
}

function civil(instant: string | number): Civil | null {
  const date = new Date(instant)
  if (Number.isNaN(date.getTime())) return null
  const found = Object.fromEntries(parts.formatToParts(date).map((part) => [part.type, part.value]))
  const day = `${found['year']}-${found['month']}-${found['day']}`
  return {
    day,
    clock: `${found['hour']}:${found['minute']}:${found['second']}`,
    weekday: new Date(`${day}T00:00:00Z`).getUTCDay(),
  }
}

/** An instant as people of Asia/Shanghai read it: `2026-05-08 周五 14:30`; `seconds` adds them, `day` leaves out the clock. */
export function moment(instant: string, language: Language, form: 'minutes' | 'seconds' | 'day' = 'minutes'): string {
  const at = civil(instant)
  if (!at) return instant
  const weekday = WEEKDAYS[language][at.weekday]!
  if (form === 'day') return `${at.day} ${weekday}`
  return `${at.day} ${weekday} ${form === 'seconds' ? at.clock : at.clock.slice(0, 5)}`
}

/** The calendar day of an instant in Asia/Shanghai, `2026-05-08`. */
export function civilDay(instant: string | number): string {
  return civil(instant)?.day ?? ''
}

/** A calendar day with its weekday. */
export function dayWithWeekday(day: string, language: Language): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay()
  return Number.isNaN(weekday) ? day : `${day} ${WEEKDAYS[language][weekday]!}`
}

/** A length of time in the two largest units: `1 小时 5 分`, `45 秒`. */
export function duration(seconds: number, language: Language): string {
  const whole = Math.max(0, Math.round(seconds))
  const units: readonly [number, string][] = [
    [Math.floor(whole / 86_400), language === 'zh' ? ' 天' : ' d'],
    [Math.floor((whole % 86_400) / 3_600), language === 'zh' ? ' 小时' : ' h'],
    [Math.floor((whole % 3_600) / 60), language === 'zh' ? ' 分' : ' min'],
    [whole % 60, language === 'zh' ? ' 秒' : ' s'],
  ]
  const first = units.findIndex(([count]) => count > 0)
  if (first < 0) return language === 'zh' ? '0 秒' : '0 s'
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count}${word}`)
    .join(' ')
}
