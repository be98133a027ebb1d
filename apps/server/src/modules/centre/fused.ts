import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { decidePair, listMasters, readMaster, readReview, splitMaster } from '@huitong/contract/fusion'
import type { ReplyOf } from '@huitong/contract'
import { levelsOf, probabilityOf, type FusionDefinition } from '@huitong/fusion'
import { sql } from 'kysely'
import type { JobOutput } from '../../engine-worker/client.ts'
import type { Person } from '../../kernel/actor.ts'
import { SYSTEM_ROWS, type Reader, type Writer } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import type { Services } from '../../kernel/services.ts'
import { command, query } from '../../kernel/verb.ts'
import { latestDecisions, readRun, type DecisionRow, type Verdict } from './fusion-results.ts'
import { doneRun, fusionFolder, type FusionRunRow } from './fusion-run.ts'
import { sightOf, type Moment, type Sight } from './fusion-sources.ts'

interface Reading {
  full?: boolean
  purpose?: string
}
const AT = /^\d{1,18}$/
const HISTORY_RUNS_MAX = 50

/** A done run and what the reader may see of it. */
async function opened(
  { db, services, actor, now, legalNow }: { db: Reader; services: Services; actor: Person } & Moment,
  id: string,
  body: Reading,
): Promise<{ run: FusionRunRow; sight: Sight }> {
  const full = body.full === true
  if (full && (body.purpose ?? '').trim() === '')
    refuse('centre.purpose_required', { places: [place('/purpose', '请说明用途', 'state the purpose')] })
  const run = await doneRun(db, id)
  const sight = await sightOf(db, services, actor.departmentId, { settings: run.settings, full, now, legalNow })
  return { run, sight }
}

const auditOf = (id: string, body: Reading, detail: Record<string, string | number | readonly string[]>) => ({
  objectKind: 'fusion_run',
  objectId: id,
  detail: { ...detail, full: body.full === true, purpose: body.purpose ?? null },
})

type Fused = JobOutput<'find-fused-records'>['records'][number]
const recordView = (sight: Sight, { record, master, source, identifier, values }: Fused) => ({
  record,
  master,
  source,
  identified: identifier !== null,
  values: values.map((value, at) => sight.show(source, at, value)),
})

/** Pairs for a person to decide, side by side, and why they are thought to be one. */
export const readReviewVerb = query<typeof readReview>({
  endpoint: readReview,
  audit: ({ params, body }, reply) => auditOf(params.id, body, { pairs: reply.items.length }),
  async run(context, { params, body, query: given }) {
    const at = pageAt(given, [AT])
    const { run, sight } = await opened(context, params.id, body)
    const more = { after: at.after?.[0] ?? '-1', limit: at.limit + 1 }
    const words = await latestDecisions(context.db, run.jurisdiction, run.library)
    const decided = new Map(
      words.flatMap(
        (one) =>
          [
            [`${one.one}/${one.other}`, one],
            [`${one.other}/${one.one}`, one],
          ] as const,
      ),
    )
    return async () => {
      const { pairs } = await readRun(context.services, run, 'read-review', more)
      const page = pageOf(
        pairs,
        at,
        (pair) => [pair.at],
        (pair) => ({
          one: recordView(sight, pair.one),
          other: recordView(sight, pair.other),
          probability: probabilityOf(pair.weight),
          refused: pair.refused,
          agreements: agreementsOf(run.settings.definition, Number(pair.pattern)),
          decided: wordOf(decided.get(`${pair.one.record}/${pair.other.record}`)),
        }),
      )
      return { ...page, fields: sight.fields, sources: sight.sources }
    }
  },
})

const wordOf = (row: DecisionRow | undefined) =>
  row === undefined ? null : { verdict: row.verdict, by: row.by, at: row.at.toISOString() }

function agreementsOf({ comparisons }: FusionDefinition, pattern: number) {
  return levelsOf(pattern, comparisons).map((level, at) => {
    const { field, levels } = comparisons[at]!
    const place = levels.length + 1 - level
    const name = level === 0 ? 'missing' : (levels[place]?.level ?? 'none')
    return { field, level: name, first: level > 0 && place === 0 }
  })
}

/** Fused people or firms, those of most records first, or that of one number. */
export const listMastersVerb = query<typeof listMasters>({
  endpoint: listMasters,
  audit: ({ params, body }, reply) => auditOf(params.id, body, { masters: reply.items.map((one) => one.master) }),
  async run(context, { params, body, query: given }) {
    const at = pageAt(given, [AT])
    const { run, sight } = await opened(context, params.id, body)
    const { identifier } = run.settings.definition
    if (body.number !== undefined && identifier === null)
      refuse('request.invalid', { places: [place('/number', '该库没有标识字段', 'the library has no identifier')] })
    const number = body.number === undefined ? null : { field: identifier!.field, value: body.number }
    const more = { number, after: at.after?.[0] ?? '-1', limit: at.limit + 1 }
    return async () => {
      const { masters } = await readRun(context.services, run, 'list-masters', more)
      const page = pageOf(
        masters,
        at,
        (one) => [one.at],
        ({ master, members, values, sources }) => ({
          master,
          members,
          values: values.map((value, field) => sight.show(sources[field] ?? -1, field, value)),
        }),
      )
      return { ...page, fields: sight.fields }
    }
  },
})

/** One master record: whose each value is, which records it is made of, what happened to it. */
export const readMasterVerb = query<typeof readMaster>({
  endpoint: readMaster,
  audit: ({ params, body }, reply) =>
    auditOf(params.id, body, { master: params.master, records: reply.records.length }),
  async run(context, { params, body }) {
    const { run, sight } = await opened(context, params.id, body)
    const { db, services } = context
    const runs =
      await db.many<FusionRunRow>(sql`select * from fusion_run where library = ${run.library} and jurisdiction = ${run.jurisdiction}
      and state = 'done' and created_at <= ${run.created_at} order by created_at desc limit ${HISTORY_RUNS_MAX}`)
    const folders = runs.map((one) => join(services.settings.dataDir, fusionFolder(one.id)))
    const words = await latestDecisions(db, run.jurisdiction, run.library)
    return async () => {
      const found =
        (await readRun(services, run, 'read-master', { master: params.master, runs: folders })) ??
        refuse('object.not_found')
      const sources = new Map(found.records.map((one) => [one.record, one.source]))
      return {
        master: params.master,
        fields: sight.fields,
        sources: sight.sources,
        values: found.values.map(({ value, record }, at) => ({
          ...sight.show(record === null ? -1 : (sources.get(record) ?? -1), at, value),
          record,
        })),
        records: found.records.map((one) => recordView(sight, one)),
        history: historyOf(found.history, runs, params.master),
        decisions: words
          .filter((one) => sources.has(one.one) || sources.has(one.other))
          .map(({ at, ...one }) => ({ ...one, at: at.toISOString() })),
      }
    }
  },
})

function historyOf(
  changes: NonNullable<JobOutput<'read-master'>>['history'],
  runs: readonly FusionRunRow[],
  master: string,
): ReplyOf<typeof readMaster>['history'] {
  return changes.map(({ run, record, after }) => {
    const { id, number, finished_at: at } = runs[run]!
    return {
      runId: id,
      number,
      at: at!.toISOString(),
      record,
      change: after === master ? ('joined' as const) : ('left' as const),
    }
  })
}

async function keep(
  db: Writer,
  actor: Person,
  run: FusionRunRow,
  given: { one: string; other: string; verdict: Verdict; note: string | null; now: Date },
): Promise<void> {
  await db.run(sql`insert into fusion_decision (id, jurisdiction, library, run_id, one, other, verdict, note, decided_by, decided_at)
    values (${randomUUID()}, ${run.jurisdiction}, ${run.library}, ${run.id}, ${given.one}, ${given.other}, ${given.verdict}, ${given.note},
      ${actor.id}, ${given.now})`)
}

/** A person's word about two records; the next fusion follows it. Two valid different identifiers are never one. */
export const decidePairVerb = command<typeof decidePair>({
  endpoint: decidePair,
  audit: ({ params, body }) => ({
    objectKind: 'fusion_run',
    objectId: params.id,
    detail: { one: body.one, other: body.other, verdict: body.verdict },
  }),
  prepare: async (services, { params, body }) => {
    if (body.one === body.other)
      refuse('request.invalid', { places: [place('/other', '两条记录相同', 'both are one record')] })
    return recordsBefore(services, params.id, [body.one, body.other])
  },
  async run({ db, actor, now, prepared }, { params, body }) {
    const run = await doneRun(db, params.id)
    const found = prepared as Found
    for (const name of ['one', 'other'] as const)
      if (!found.has(body[name]))
        refuse('request.invalid', {
          places: [place(`/${name}`, '该次融合没有这条记录', 'no such record in this fusion')],
        })
    const [a, b] = [found.get(body.one)!.identifier, found.get(body.other)!.identifier]
    if (body.verdict === 'same' && a !== null && b !== null && a !== b) refuse('fusion.two_identifiers')
    await keep(db, actor, run, { ...body, note: body.note ?? null, now })
    return { verdict: body.verdict }
  },
})

type Found = ReadonlyMap<string, JobOutput<'find-fused-records'>['records'][number]>

/** Records of a done run, read before the command's transaction begins; empty where the run is none that is done. */
async function recordsBefore(services: Services, runId: string, records: readonly string[]): Promise<Found> {
  const run = await services.db.read(SYSTEM_ROWS, (db) =>
    db.maybe<FusionRunRow>(sql`select * from fusion_run where id = ${runId} and state = 'done'`),
  )
  if (run === null) return new Map()
  const { records: found } = await readRun(services, run, 'find-fused-records', { records: [...records] })
  return new Map(found.map((one) => [one.record, one]))
}

/** Takes records out of a master for good: they stay together, and apart from those that remain. */
export const splitMasterVerb = command<typeof splitMaster>({
  endpoint: splitMaster,
  audit: ({ params, body }, reply) => ({
    objectKind: 'fusion_run',
    objectId: params.id,
    detail: { master: params.master, records: body.records, apart: reply.apart },
  }),
  prepare: async (services, { params }) => {
    const run = await services.db.read(SYSTEM_ROWS, (db) =>
      db.maybe<FusionRunRow>(sql`select * from fusion_run where id = ${params.id} and state = 'done'`),
    )
    return run === null ? null : readRun(services, run, 'read-master', { master: params.master, runs: [] })
  },
  async run({ db, actor, now, prepared }, { params, body }) {
    const run = await doneRun(db, params.id)
    const master = (prepared as JobOutput<'read-master'>) ?? refuse('object.not_found')
    const members = master.records.map((one) => one.record)
    const leaving = [...new Set(body.records)]
    const places = leaving.flatMap((one, at) =>
      members.includes(one) ? [] : [place(`/records/${at}`, '不在这条主记录中', 'is not part of this master')],
    )
    const staying = members.filter((one) => !leaving.includes(one))
    if (staying.length === 0) places.push(place('/records', '至少须留下一条记录', 'at least one record must stay'))
    if (places.length > 0) refuse('request.invalid', { places })
    const common = { note: body.note, now }
    for (const one of leaving)
      for (const other of staying) await keep(db, actor, run, { one, other, verdict: 'different', ...common })
    for (const other of leaving.slice(1))
      await keep(db, actor, run, { one: leaving[0]!, other, verdict: 'same', ...common })
    return { apart: leaving.length * staying.length }
  },
})
