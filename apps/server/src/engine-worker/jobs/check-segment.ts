import { stat } from 'node:fs/promises'
import { Type } from 'typebox'
import { defineJob, type JobContext } from '../job.ts'
import { readCsv } from './segment-csv.ts'
import { countBlankLines, openText, scanText, type TextFacts } from './plain-text.ts'

export type SegmentFaultKind =
  | 'compression'
  | 'truncated'
  | 'byte_count'
  | 'not_utf8'
  | 'byte_order_mark'
  | 'column_count'
  | 'row_count'
  | 'not_csv'

/** One thing that is wrong; never holds a value of the data. `line` is counted from 1. */
export interface SegmentFault {
  kind: SegmentFaultKind
  detail: string
  line?: number
}

export interface SegmentCheck {
  rows: number
  columns: number
  plainBytes: number
  ok: boolean
  faults: SegmentFault[]
}

/**
 * Checks that a decrypted segment is whole, is CSV in PostgreSQL's dialect, and has the declared columns and rows. The
 * file is plain, or zstd-compressed when its name ends in `.zst`. Every text that PostgreSQL's COPY … CSV writes passes.
 */
export const checkSegment = defineJob({
  input: Type.Object(
    {
      path: Type.String({ pattern: '^/', maxLength: 4096 }),
      columns: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { minItems: 1, maxItems: 2000 }),
      expectedRows: Type.Integer({ minimum: 0 }),
      expectedPlainBytes: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    { additionalProperties: false },
  ),
  run: async ({ path, columns, expectedRows, expectedPlainBytes }, context): Promise<SegmentCheck> => {
    const faults: SegmentFault[] = []
    const result = (rows: number, plainBytes: number): SegmentCheck => {
      return { rows, columns: columns.length, plainBytes, ok: faults.length === 0, faults }
    }
    const facts = await readFacts(path, context.signal, faults)
    if (facts === undefined) return result(0, 0)
    if (expectedPlainBytes !== undefined && facts.bytes !== expectedPlainBytes) {
      faults.push({ kind: 'byte_count', detail: `${facts.bytes} bytes instead of ${expectedPlainBytes}` })
    }
    if (!facts.endsWithNewline) faults.push({ kind: 'truncated', detail: 'the last line has no end' })
    // DuckDB drops a byte order mark and fails internally on bytes that are not UTF-8, so neither must reach it.
    if (facts.hasByteOrderMark) faults.push({ kind: 'byte_order_mark', detail: 'begins with a byte order mark' })
    if (!facts.isUtf8) faults.push({ kind: 'not_utf8', detail: 'has bytes that are not UTF-8' })
    if (facts.hasByteOrderMark || !facts.isUtf8) return result(0, facts.bytes)

    const counted = facts.bytes === 0 ? 0 : await countRows(path, columns, facts.bytes, context)
    if (typeof counted !== 'number') {
      faults.push(counted)
      return result(0, facts.bytes)
    }
    if (columns.length > 1 && facts.mayHaveBlankLines) {
      const blank = await countBlankLines(openText(path, context.signal))
      const detail = `${blank.count} empty lines`
      if (blank.count > 0) faults.push({ kind: 'column_count', detail, line: blank.firstLine })
    }
    if (counted !== expectedRows) {
      faults.push({ kind: 'row_count', detail: `${counted} rows instead of ${expectedRows}` })
    }
    return result(counted, facts.bytes)
  },
})

async function readFacts(path: string, signal: AbortSignal, faults: SegmentFault[]): Promise<TextFacts | undefined> {
  await stat(path)
  try {
    return await scanText(openText(path, signal))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!path.endsWith('.zst') || !(code.startsWith('ZSTD_') || code === 'Z_BUF_ERROR')) throw error
    faults.push({ kind: code === 'Z_BUF_ERROR' ? 'truncated' : 'compression', detail: `zstd: ${code}` })
    return undefined
  }
}

/** Rows of the file as DuckDB reads it, or what it stumbled over. */
async function countRows(
  path: string,
  columns: readonly string[],
  plainBytes: number,
  context: JobContext,
): Promise<number | SegmentFault> {
  const connection = await context.openReader()
  try {
    const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${readCsv(path, columns, plainBytes)}`)
    return Number(reader.getRows()[0]?.[0])
  } catch (error) {
    const fault = error instanceof Error ? faultOf(error.message) : undefined
    if (fault === undefined) throw error
    return fault
  }
}

/** A fault without the data that DuckDB quotes in its message; undefined when the error is not about the file. */
function faultOf(message: string): SegmentFault | undefined {
  // These are about the database, whatever they quote.
  if (/^(INTERNAL|FATAL)/.test(message)) return undefined
  const line = Number(/CSV Error on Line: (\d+)/.exec(message)?.[1])
  const at = Number.isSafeInteger(line) && line > 0 ? { line } : {}
  const columns = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message)
  if (columns) return { kind: 'column_count', detail: `${columns[2]} columns instead of ${columns[1]}`, ...at }
  if (message.includes('unterminated quote'))
    return { kind: 'not_csv', detail: 'a quoted value has no proper end', ...at }
  if (message.includes('Maximum line size')) return { kind: 'not_csv', detail: 'a line is too long', ...at }
  if (message.includes('CSV Error') || message.includes('CSV Parser'))
    return { kind: 'not_csv', detail: 'not CSV', ...at }
  return undefined
}
