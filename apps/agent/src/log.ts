/** One line of the log. Values are chosen one by one by the caller; none is a secret or a datum. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>

/** Told of each line as it is written. */
export type Tell = (at: string, level: 'info' | 'warn' | 'error', event: string, fields: LogFields) => void

/** Writes structured lines; `event` is a stable dotted word. */
export interface Log {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  /** The same log with fields on every line. */
  with(fields: LogFields): Log
}

/** A log of JSON lines. */
export function createLog(write: (line: string) => void, tell: Tell = () => undefined, base: LogFields = {}): Log {
  const line =
    (level: 'info' | 'warn' | 'error') =>
    (event: string, fields: LogFields = {}) => {
      const time = new Date().toISOString()
      const all = { ...base, ...fields }
      write(`${JSON.stringify({ time, level, event, ...all })}\n`)
      tell(time, level, event, all)
    }
  return {
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    with: (fields) => createLog(write, tell, { ...base, ...fields }),
  }
}
