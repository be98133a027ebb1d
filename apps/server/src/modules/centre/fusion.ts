import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { shanghaiDate } from '@huitong/codes'
import { listFusionRuns, readFusion, readFusionRun, setFusion, startFusion, stopFusion } from '@huitong/contract/fusion'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import type { Services } from '../../kernel/services.ts'
import { command, query } from '../../kernel/verb.ts'
import { nextNumber } from '../catalogue/index.ts'
import { itemOf } from '../exchange/index.ts'
import { settingsFaults, type FusionSettings } from './fusion-rules.ts'
import { fusionFolder, runOf, runView, type FusionRunRow, type RunView } from './fusion-run.ts'
import { readableSources } from './fusion-sources.ts'
import type { LibraryName } from './library.ts'

interface SettingsRow {
  version: number
  settings: FusionSettings
  updated_at: Date
}

export const settingsOf = (db: Reader, jurisdiction: string, library: LibraryName) =>
  db.maybe<SettingsRow>(
    sql`select version, settings, updated_at from fusion_settings where jurisdiction = ${jurisdiction} and library = ${library}`,
  )

/** How a library is fused, and which landed tables could take part. */
export const readFusionVerb = query<typeof readFusion>({
  endpoint: readFusion,
  audit: null,
  async run({ db, actor, now, legalNow, services }, { params }) {
    const row = await settingsOf(db, actor.jurisdiction, params.library)
    const sources = await readableSources(db, services, actor.departmentId, { now, legalNow })
    return {
      library: params.library,
      version: row?.version ?? 0,
      settings: row?.settings ?? null,
      updatedAt: row?.updated_at.toISOString() ?? null,
      candidates: sources.map(({ row: source, columns }) => ({
        channelId: source.id,
        datasetName: source.dataset_name,
        departmentName: source.provider_name,
        items: [...columns.keys()].map((item) => {
          const { code, name } = itemOf(source, item)
          return { code, name }
        }),
      })),
    }
  },
})

/** Sets how a library is fused; runs that were made keep how they were made. */
export const setFusionVerb = command<typeof setFusion>({
  endpoint: setFusion,
  audit: ({ params, body }, reply) => ({
    objectKind: 'library',
    objectId: params.library,
    detail: {
      version: reply.version,
      sources: body.sources.map((one) => one.channelId),
      fields: body.definition.fields.map((one) => one.code),
    },
  }),
  async run({ db, actor, now, legalNow, services }, { params, body, match }) {
    const sources = await readableSources(db, services, actor.departmentId, { now, legalNow })
    const places = settingsFaults(body, sources)
    if (places.length > 0) refuse('request.invalid', { places: places.slice(0, 50) })
    const settings = JSON.stringify(body)
    const written =
      match === 0
        ? await db.run(sql`insert into fusion_settings (jurisdiction, library, version, settings, updated_by, updated_at)
            values (${actor.jurisdiction}, ${params.library}, 1, ${settings}, ${actor.id}, ${now}) on conflict do nothing`)
        : await db.run(sql`update fusion_settings set settings = ${settings}, version = version + 1, updated_by = ${actor.id},
            updated_at = ${now} where jurisdiction = ${actor.jurisdiction} and library = ${params.library} and version = ${match}`)
    if (written === 0) refuse('object.changed')
    return { library: params.library, version: match + 1 }
  },
})

/** What the engine wrote down of its work; null before it began. */
async function progressOf(services: Services, row: FusionRunRow): Promise<RunView['progress']> {
  if (row.state !== 'running' && row.state !== 'stopping') return null
  try {
    const text = await readFile(
      join(services.settings.dataDir, `${fusionFolder(row.id)}.part`, 'progress.json'),
      'utf8',
    )
    return JSON.parse(text) as RunView['progress']
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return null
  }
}

/** Starts a fusion with its own copy of the settings; one at a time for a library. */
export const startFusionVerb = command<typeof startFusion>({
  endpoint: startFusion,
  audit: ({ params }, reply) => ({ objectKind: 'fusion_run', objectId: reply.id, detail: { library: params.library } }),
  async run({ db, actor, now, legalNow, services, wake }, { params }) {
    const settings = (await settingsOf(db, actor.jurisdiction, params.library)) ?? refuse('object.not_found')
    // What was right when it was set may have been revoked since.
    const faults = settingsFaults(
      settings.settings,
      await readableSources(db, services, actor.departmentId, { now, legalNow }),
    )
    if (faults.length > 0) refuse('request.invalid', { places: faults.slice(0, 50) })
    const id = randomUUID()
    const made =
      await db.run(sql`insert into fusion_run (id, number, jurisdiction, library, department_id, settings_version, settings, state,
        as_of, requested_by, created_at)
      values (${id}, ${await nextNumber(db, 'RH', now)}, ${actor.jurisdiction}, ${params.library}, ${actor.departmentId}, ${settings.version},
        ${JSON.stringify(settings.settings)}, 'queued', ${shanghaiDate(now)}, ${actor.id}, ${now})
      on conflict (jurisdiction, library) where state in ('queued', 'running', 'stopping') do nothing`)
    if (made === 0)
      refuse('object.state', {
        places: [place('/library', '该库已有融合任务在运行', 'a fusion of this library is under way')],
      })
    await wake('job:run-fusion')
    return runView(await runOf(db, id))
  },
})

/** Fusions of a library, newest first. */
export const listFusionRunsVerb = query<typeof listFusionRuns>({
  endpoint: listFusionRuns,
  audit: null,
  async run({ db, services }, { params, query: given }) {
    const at = pageAt(given, [INSTANT_KEY, UUID_KEY])
    const rows = await db.many<FusionRunRow>(sql`select * from fusion_run where library = ${params.library}
      ${at.after ? sql`and (date_trunc('milliseconds', created_at), id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', created_at) desc, id desc limit ${at.limit + 1}`)
    const progress = new Map<string, RunView['progress']>()
    for (const row of rows) progress.set(row.id, await progressOf(services, row))
    return pageOf(
      rows,
      at,
      (row) => [row.created_at.toISOString(), row.id],
      (row) => runView(row, progress.get(row.id)),
    )
  },
})

export const readFusionRunVerb = query<typeof readFusionRun>({
  endpoint: readFusionRun,
  audit: null,
  async run({ db, services }, { params }) {
    const row = await runOf(db, params.id)
    return runView(row, await progressOf(services, row))
  },
})

/** Asks a fusion to stop: one that waits is over at once, one that runs when its engine has let go. */
export const stopFusionVerb = command<typeof stopFusion>({
  endpoint: stopFusion,
  audit: ({ params }, reply) => ({ objectKind: 'fusion_run', objectId: params.id, detail: { state: reply.state } }),
  async run({ db, now, wake }, { params }) {
    await runOf(db, params.id)
    const moved =
      await db.run(sql`update fusion_run set state = case state when 'queued' then 'stopped' else 'stopping' end,
      finished_at = case state when 'queued' then ${now}::timestamptz end where id = ${params.id} and state in ('queued', 'running')`)
    if (moved === 0) refuse('object.state')
    await wake('job:run-fusion')
    return runView(await runOf(db, params.id))
  },
})
