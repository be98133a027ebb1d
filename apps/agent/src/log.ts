/** One line of the log. Values are chosen one by one by the caller; none is a secret or a datum. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>

/** Writes structured lines; `event` is a stable dotted word. */
export interface Log {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  /** The same log with fields on every line. */
  with(fields: LogFields): Log
}

/** A log of JSON lines. */
export function createLog(write: (line: string) => void, base: LogFields = {}): Log {
  const line =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...base, ...fields })}\n`)
  return {
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    with: (fields) => createLog(write, { ...base, ...fields }),
  }
}
