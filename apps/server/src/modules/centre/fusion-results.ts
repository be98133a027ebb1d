import { join } from 'node:path'
import type { decidePair } from '@huitong/contract/fusion'
import type { BodyOf } from '@huitong/contract'
import type { Decision } from '@huitong/fusion'
import { sql } from 'kysely'
import { EngineError, type JobInput, type JobOutput } from '../../engine-worker/client.ts'
import type { Reader } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { fusionFolder, type FusionRunRow } from './fusion-run.ts'
import type { LibraryName } from './library.ts'

export type Verdict = BodyOf<typeof decidePair>['verdict']

export interface DecisionRow {
  one: string
  other: string
  verdict: Verdict
  note: string | null
  by: string
  at: Date
}

/** The latest word on each pair of records of a library. */
export const latestDecisions = (db: Reader, jurisdiction: string, library: LibraryName) =>
  db.many<DecisionRow>(sql`select distinct on (least(d.one, d.other), greatest(d.one, d.other))
      d.one, d.other, d.verdict, d.note, p.name as by, d.decided_at as at
    from fusion_decision d join person p on p.id = d.decided_by
    where d.jurisdiction = ${jurisdiction} and d.library = ${library}
    order by least(d.one, d.other), greatest(d.one, d.other), d.decided_at desc, d.id`)

/** What a fusion must follow. */
export async function decisionsOf(db: Reader, jurisdiction: string, library: LibraryName): Promise<Decision[]> {
  const rows = await latestDecisions(db, jurisdiction, library)
  return rows.flatMap(({ one, other, verdict }) => (verdict === 'later' ? [] : [{ one, other, verdict }]))
}

const READ_MS_MAX = 10_000

/** Asks the engine for results of a run; `engine.unavailable` when it does not answer in time. */
export async function readRun<K extends 'read-review' | 'list-masters' | 'read-master' | 'find-fused-records'>(
  services: Services,
  run: FusionRunRow,
  kind: K,
  more: Omit<JobInput<K>, 'folder' | 'fields'>,
): Promise<JobOutput<K>> {
  const folder = join(services.settings.dataDir, fusionFolder(run.id))
  const fields = run.settings.definition.fields.map((one) => one.code)
  // The rest of the input is the caller's, checked against the kind.
  const input = { folder, fields, ...more } as unknown as JobInput<K>
  return services.engine.run(kind, input, { timeoutMs: READ_MS_MAX }).catch((error: unknown) => {
    if (error instanceof EngineError) refuse('engine.unavailable', { detail: error.message })
    throw error
  })
}
