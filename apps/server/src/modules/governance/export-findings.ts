import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { exportFindings } from '@huitong/contract/governance'
import { columnsRead } from '@huitong/quality'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { bytes, query } from '../../kernel/verb.ts'
import { SELECT_DATASET, type DatasetRow } from '../catalogue/index.ts'
import { askEngine } from './ask-engine.ts'
import { ruleSpeaker } from './rule-words.ts'
import { findingsPath } from './run-checks.job.ts'
import { SELECT_RUN, type RunRow } from './runs.ts'
import { qualitySees } from './sees.ts'

const WRITE_MS_MAX = 300_000
const WRONG = { zh: '问题', en: 'What is wrong' } as const

/**
 * The failing rows of a check as CSV (UTF-8 with its mark, for spreadsheets): keys, what is wrong in plain words, and for the
 * department whose data it is the values that the rules read. Written to a file that nobody else can open, and read from it.
 */
export const exportFindingsVerb = query<typeof exportFindings>({
  endpoint: exportFindings,
  audit: ({ params, query: { rule } }) => ({
    objectKind: 'check_run',
    objectId: params.id,
    detail: { rule: rule ?? null, file: true },
  }),
  async run({ db, actor, services }, { params, query: given }) {
    const language = given.language ?? 'zh'
    const run = await db.one<RunRow>(
      sql`${SELECT_RUN} where r.id = ${params.id} and ${qualitySees(actor, 'r.department_id')}`,
    )
    if (run.state !== 'done') refuse('object.state')
    const only = given.rule === undefined ? null : run.rules.findIndex((one) => one.code === given.rule)
    if (only === -1) refuse('object.not_found')
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
    const out = join(folder, `${randomUUID()}.csv`)
    const input = {
      path: join(services.settings.dataDir, findingsPath(run.id)),
      keys: run.key!.map((one) => titled(one, one)),
      values: read.map((one) => titled(`#v${one}`, one)),
      rules: run.rules.map((one) => speaker.finding(one)[language]),
      title: WRONG[language],
      only,
      out,
    }
    return async () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      try {
        await askEngine(services, 'write-findings', input, WRITE_MS_MAX)
        const file = await open(out, 'r')
        return bytes({
          contentType: 'text/csv; charset=utf-8',
          body: Readable.from(withMark(file)),
          fileName: `${run.number}.csv`,
        })
      } finally {
        // Open, it can be read to its end; named, it would be found by others.
        await rm(out, { force: true })
      }
    }
  },
})

async function* withMark(file: FileHandle): AsyncGenerator<Buffer> {
  yield Buffer.from('\ufeff')
  // Closes the file when it was read, or when the reader went away.
  yield* file.createReadStream() as AsyncIterable<Buffer>
}
