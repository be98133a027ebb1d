import type { Times } from '@huitong/policy'
import { allowedMinutes, dueAfter, remainingMinutes } from '../standards/index.ts'

/** 1: the whole platform; 2: a service or a task; 3: to be looked at in working hours. */
export type Level = 1 | 2 | 3

/** natural: day and night on the platform's clock; working: working days only, by legal time. */
export type ClockKind = 'natural' | 'working'

const MINUTE_MS = 60_000
const HOUR = 60

type Limits =
  | { readonly clock: 'natural'; readonly responseMinutes: number; readonly restoreMinutes: number }
  | { readonly clock: 'working'; readonly responseDays: number; readonly restoreDays: number }

/** 响应时限 and 恢复时限 of each level; the usual limits of operation contracts of the field. */
export const LIMITS: Readonly<Record<Level, Limits>> = {
  1: { clock: 'natural', responseMinutes: 15, restoreMinutes: 4 * HOUR },
  2: { clock: 'natural', responseMinutes: 30, restoreMinutes: 8 * HOUR },
  3: { clock: 'working', responseDays: 1, restoreDays: 3 },
}

/** The time that a clock runs by. */
export const timeOf = (clock: ClockKind, { now, legalNow }: Times): Date => (clock === 'natural' ? now : legalNow)

/** Starts the clock of a level: what it shows now, and the first instants that are too late. */
export function startClock(level: Level, times: Times) {
  const limits = LIMITS[level]
  const openedAt = timeOf(limits.clock, times)
  const due =
    limits.clock === 'natural'
      ? [limits.responseMinutes, limits.restoreMinutes].map(
          (minutes) => new Date(openedAt.getTime() + minutes * MINUTE_MS),
        )
      : [limits.responseDays, limits.restoreDays].map((days) => dueAfter(openedAt, days))
  return { clock: limits.clock, openedAt, responseDueAt: due[0]!, restoreDueAt: due[1]! }
}

interface Limit {
  readonly clock: ClockKind
  readonly openedAt: Date
  readonly dueAt: Date
  /** What the clock showed when it stopped. */
  readonly stoppedAt: Date | null
}

/** One limit as people see it: minutes left (working minutes on the working clock), negative when it is past. */
export function clockView({ clock, openedAt, dueAt, stoppedAt }: Limit, times: Times) {
  const at = stoppedAt ?? timeOf(clock, times)
  const natural = (from: Date) => Math.floor((dueAt.getTime() - from.getTime()) / MINUTE_MS)
  return {
    dueAt: dueAt.toISOString(),
    stoppedAt: stoppedAt?.toISOString() ?? null,
    late: at >= dueAt,
    remainingMinutes: clock === 'natural' ? natural(at) : remainingMinutes(at, dueAt),
    allowedMinutes: clock === 'natural' ? natural(openedAt) : allowedMinutes(openedAt, dueAt),
  }
}
