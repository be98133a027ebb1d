import type { Cursor } from './connector.ts'

/** What is being written at a source, looked at before the snapshot is taken. Times as in {@link Cursor}. */
export interface Moment {
  readonly at: string
  /** Begin of the oldest transaction that writes, where this account may see it. */
  readonly oldest: string | null
  /** Youngest transaction that writes; null when there is none, or none may be seen. */
  readonly writer: string | null
  /** Whether one of those goes on that wrote when the cursor was taken. */
  readonly unfinished: boolean
}

/**
 * Where the cursor stands after a read that began at `moment`. `since` is a time before which nothing that was still
 * being written can be; it stays behind while writers of that time go on, so that what they commit later lies within the
 * next window however long they took.
 */
export function cursorAfter(before: Cursor | null, { at, oldest, writer, unfinished }: Moment): Cursor {
  if (before === null) return { since: writer === null || oldest === null ? at : oldest, at, writer: writer ?? '0' }
  if (writer === null) return { since: later(at, before.since), at, writer: '0' }
  return unfinished ? before : { since: later(before.at, before.since), at, writer }
}

const later = (left: string, right: string) => (left > right ? left : right)
