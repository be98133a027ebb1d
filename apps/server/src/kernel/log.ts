import { pino, type Logger } from 'pino'

export type Log = Logger

/** Structured log on standard output; secrets are redacted by name wherever they might slip in. */
export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'password',
        '*.password',
        'secrets',
        '*.secrets',
        'token',
        '*.token',
        'authorization',
        'cookie',
        '*.cookie',
      ],
      censor: '[redacted]',
    },
  })
}
