import { DatabaseError } from 'pg'
import { describe, expect, test } from 'vitest'
import { toConnectorError } from './database-error.ts'

const sent = (code: string, message: string, file?: string) =>
  toConnectorError(Object.assign(new DatabaseError(message, message.length, 'error'), { code, file }), 'source')

describe('errors of a database that goes away', () => {
  // What PostgreSQL 18 sent when its postmaster was killed under a filtered COPY of 1.5 million rows: mostly the second.
  test.each([
    ['57P01', 'terminating connection due to unexpected postmaster exit', 'be-secure.c'],
    ['55000', 'lost connection to parallel worker', 'parallel.c'],
    ['57P01', 'postmaster exited during a parallel transaction', 'parallel.c'],
  ])('%s %s: the read may be tried again', (code, message, file) => {
    expect(sent(code, message, file)).toMatchObject({ code: 'connection_lost', retryable: true })
  })

  test('55000 from elsewhere is an answer, not a lost connection', () => {
    expect(sent('55000', 'materialized view "v" has not been populated', 'execMain.c')).toMatchObject({
      code: 'database_error',
      retryable: false,
    })
  })
})
