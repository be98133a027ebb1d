import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { exportFindings, exportWorkbook, WORKBOOK_ROWS_MAX } from '@huitong/contract/governance'
import { columnsRead } from '@huitong/quality'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { bytes, type Bytes, type Input, query, type QueryContext } from '../../kernel/verb.ts'
import { SELECT_DATASET, type DatasetRow } from '../catalogue/index.ts'
import { askEngine } from './ask-engine.ts'
import { ruleSpeaker } from './rule-words.ts'
import { findingsPath } from './run-checks.job.ts'
import { resultsOf, SELECT_RUN, type RunRow } from './runs.ts'
import { qualitySees } from './sees.ts'

const CONTENT_TYPES = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const
const WRITE_MS_MAX = 300_000
const WRONG = { zh: '问题', en: 'What is wrong' } as const

/**
 * The failing rows of a check as a file: keys, what is wrong in plain words, and for the department whose data it is the values
 * that the rules read. Written to a file that nobody else can open, and read from it.
 */
async function exported(
  { db, actor, services }: Pick<QueryContext<typeof exportFindings>, 'db' | 'actor' | 'services'>,
  { params, query: given }: Input<typeof exportFindings>,
  format: 'csv' | 'xlsx',
): Promise<() => Promise<Bytes>> {
  const language = given.language ?? 'zh'
  const run = await db.one<RunRow>(
    sql`${SELECT_RUN} where r.id = ${params.id} and ${qualitySees(actor, 'r.department_id')}`,
  )
  if (run.state !== 'done') refuse('object.state')
  const only = given.rule === undefined ? null : run.rules.findIndex((one) => one.code === given.rule)
  if (only === -1) refuse('object.not_found')
  if (format === 'xlsx') await refuseTooMany(db, run, only)
  const speaker = await ruleSpeaker(db, actor, run.dataset_id, run.rules)
  const dataset = await db.maybe<DatasetRow>(sql`${SELECT_DATASET} where v.id = ${run.dataset_id}`)
  const names = new Map((dataset?.live_content?.items ?? []).map((one) => [one.code, one.name]))
  const titled = (column: string, item: string) => {
    const name = names.get(item)
    return { column, title: name ? `${name[language] ?? name.zh} (${item})` : item }
  }
  const isOwn = actor.departmentId === run.department_id
  const read = isOwn ? columnsRead(run.rules).filter((one) => !run.key!.includes(one)) : []
  const folder = join(services.settings.dataDir, 'engine')
  const out = join(folder, `${randomUUID()}.${format}`)
  const input = {
    path: join(services.settings.dataDir, findingsPath(run.id)),
    keys: run.key!.map((one) => titled(one, one)),
    values: read.map((one) => titled(`#v${one}`, one)),
    rules: run.rules.map((one) => speaker.finding(one)[language]),
    title: WRONG[language],
    only,
    format,
    out,
  }
  return async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    try {
      await askEngine(services, 'write-findings', input, WRITE_MS_MAX)
      const file = await open(out, 'r')
      return bytes({
        contentType: CONTENT_TYPES[format],
        body: Readable.from(format === 'csv' ? withMark(file) : (file.createReadStream() as AsyncIterable<Buffer>)),
        fileName: `${run.number}.${format}`,
      })
    } finally {
      // Open, it can be read to its end; named, it would be found by others.
      await rm(out, { force: true })
    }
  }
}

async function refuseTooMany(db: Reader, run: RunRow, only: number | null): Promise<void> {
  const rows = only === null ? run.findings : (await resultsOf(db, run))[only]!.broken
  if (Number(rows) <= WORKBOOK_ROWS_MAX) return
  refuse('object.state', {
    places: [
      place(
        '#/query/rule',
        `问题数据超过 ${WORKBOOK_ROWS_MAX} 行，请选择一条规则，或导出 CSV`,
        `more than ${WORKBOOK_ROWS_MAX} rows: choose a rule, or export CSV`,
      ),
    ],
  })
}

const audit = ({ params, query: { rule } }: Input<typeof exportFindings>) => ({
  objectKind: 'check_run',
  objectId: params.id,
  detail: { rule: rule ?? null, file: true },
})

/** As CSV (UTF-8 with its mark, for spreadsheets), however many there are. */
export const exportFindingsVerb = query<typeof exportFindings>({
  endpoint: exportFindings,
  audit,
  run: (context, input) => exported(context, input, 'csv'),
})

/** As a workbook, up to the rows that one works with in a spreadsheet. */
export const exportWorkbookVerb = query<typeof exportWorkbook>({
  endpoint: exportWorkbook,
  audit,
  run: (context, input) => exported(context, input, 'xlsx'),
})

async function* withMark(file: FileHandle): AsyncGenerator<Buffer> {
  yield Buffer.from('\ufeff')
  // Closes the file when it was read, or when the reader went away.
  yield* file.createReadStream() as AsyncIterable<Buffer>
}
