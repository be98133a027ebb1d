import { join } from 'node:path'
import type { FusionRunView } from '@huitong/contract/fusion'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Reader } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import type { FusionSettings } from './fusion-rules.ts'
import type { LibraryName } from './library.ts'

export type RunView = Static<typeof FusionRunView>

export interface FusionRunRow {
  id: string
  number: string
  jurisdiction: string
  library: LibraryName
  department_id: string
  settings_version: number
  settings: FusionSettings
  state: RunView['state']
  as_of: string
  figures: RunView['figures']
  problem: RunView['problem']
  created_at: Date
  finished_at: Date | null
}

/** Where the results of a fusion lie, from the folder of data on. */
export const fusionFolder = (runId: string): string => join('lake', 'fusion', runId)

export const runOf = (db: Reader, id: string): Promise<FusionRunRow> =>
  db.one<FusionRunRow>(sql`select * from fusion_run where id = ${id}`)

/** A run that is done; `object.state` for one whose results are not there (yet). */
export async function doneRun(db: Reader, id: string): Promise<FusionRunRow> {
  const run = await runOf(db, id)
  return run.state === 'done' ? run : refuse('object.state')
}

export const runView = (row: FusionRunRow, progress: RunView['progress'] = null): RunView => ({
  id: row.id,
  number: row.number,
  library: row.library,
  state: row.state,
  settingsVersion: row.settings_version,
  createdAt: row.created_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
  progress,
  problem: row.problem,
  figures: row.figures,
})
