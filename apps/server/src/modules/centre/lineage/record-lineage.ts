import { randomUUID } from 'node:crypto'
import { canonicalJson } from '@huitong/canonical'
import type { Place, ReplyOf } from '@huitong/contract'
import { recordLineage, removeLineageJob } from '@huitong/contract/lineage'
import type { TransitColumn } from '@huitong/contract/work'
import { sql } from 'kysely'
import type { Person } from '../../../kernel/actor.ts'
import type { Reader } from '../../../kernel/db.ts'
import { place, refuse } from '../../../kernel/errors.ts'
import { command } from '../../../kernel/verb.ts'
import { type DatasetRow, datasetSees, SELECT_DATASET } from '../../catalogue/index.ts'
import { channelSees } from '../../exchange/index.ts'
import { contentOf } from './facts.ts'
import { datasetBox, taskTable } from './flow-graph.ts'
import { type JobEnd, type JobOutput, outsideName, sizeOf } from './jobs.ts'
import { namespaceOf } from './open-lineage.ts'
import { DATASETS_MAX, type Link, LINKS_MAX, parseEvent, type ReportedData, type ReportedRun } from './parse-event.ts'

const JOBS_MAX = 2000
const COLUMNS_MAX = 5000
const AHEAD_MS_MAX = 24 * 3_600_000

type LeftOut = ReplyOf<typeof recordLineage>['leftOut']
interface Known {
  readonly box: string
  readonly datasetId: string
  readonly departmentId: string
  readonly columns: ReadonlySet<string>
  /** Only the platform itself writes it. */
  readonly isOurs: boolean
}

/** The catalogue's own data of that name, as far as the one who reports may see it. */
async function knownData(db: Reader, actor: Person, { namespace, name }: ReportedData): Promise<Known | null> {
  const isHere = namespace === namespaceOf(actor.jurisdiction)
  const number = isHere ? /^task\/(.+)$/.exec(name)?.[1] : undefined
  if (number !== undefined) {
    const task = await db.maybe<{
      dataset_id: string
      consumer_department_id: string
      target_id: string
      target_schema: string
      target_table: string
      columns: TransitColumn[]
    }>(sql`select c.dataset_id, c.consumer_department_id, c.target_id, c.target_schema, c.target_table, c.columns
      from channel c where c.number = ${number} and ${channelSees(actor)}`)
    const columns = new Set(task?.columns.map((one) => one.as))
    return (
      task && {
        box: taskTable(task),
        datasetId: task.dataset_id,
        departmentId: task.consumer_department_id,
        columns,
        isOurs: true,
      }
    )
  }
  const code = isHere ? name.replace(/^dataset\//, '') : name
  const row = await db.maybe<DatasetRow>(
    sql`${SELECT_DATASET} where (v.code = ${code} or v.official_code = ${code}) and ${datasetSees(actor)} limit 1`,
  )
  return (
    row && {
      box: datasetBox(row.id),
      datasetId: row.id,
      departmentId: row.department_id,
      columns: new Set(contentOf(row).items?.map((one) => one.code)),
      isOurs: false,
    }
  )
}

interface Resolved {
  readonly inputs: readonly JobEnd[]
  readonly outputs: readonly JobOutput[]
  readonly datasets: { readonly in: readonly string[]; readonly out: readonly string[] }
  readonly leftOut: LeftOut
}

/** Finds what of a run is the catalogue's; nobody reports what is written into another department's data. */
async function resolved(db: Reader, actor: Person, run: ReportedRun): Promise<Resolved> {
  const [leftOut, places]: [LeftOut, Place[]] = [[], []]
  const keep = (known: Known | null, path: string) => (column: string) => {
    if (known === null || known.columns.has(column)) return true
    if (leftOut.length < 200) leftOut.push({ path, column })
    return false
  }
  // One after the other: they share the connection of this transaction.
  const [ins, outs]: [(Known | null)[], (Known | null)[]] = [[], []]
  for (const one of run.inputs) ins.push(await knownData(db, actor, one))
  for (const one of run.outputs) outs.push(await knownData(db, actor, one))
  outs.forEach((known, at) => {
    const path = `/outputs/${at}/name`
    if (known?.isOurs) places.push(place(path, '接收表由平台写入', 'only the platform writes into it'))
    else if (known !== null && known.departmentId !== actor.departmentId)
      places.push(place(path, '不是本部门的信息资源', 'is no dataset of your department'))
  })
  if (places.length > 0) refuse('request.invalid', { places })
  const end = ({ namespace, name, columns }: ReportedData, known: Known | null, path: string) => {
    return { namespace, name, box: known?.box ?? null, columns: columns.filter(keep(known, path)) }
  }
  const inputs = run.inputs.map((one, at) => end(one, ins[at]!, `/inputs/${at}`))
  const isKept = ({ input, column }: Link) => keep(ins[input]!, `/inputs/${input}`)(column)
  const outputs = run.outputs.map((one, at) => ({
    ...end(one, outs[at]!, `/outputs/${at}`),
    fields: one.fields
      .filter((field) => outs[at]?.columns.has(field.column) ?? true)
      .map((field) => ({ column: field.column, from: field.from.filter(isKept) })),
    rows: one.rows.filter(isKept),
  }))
  const ids = (all: readonly (Known | null)[]) => [
    ...new Set(all.flatMap((one) => (one === null ? [] : [one.datasetId]))),
  ]
  return { inputs, outputs, datasets: { in: ids(ins), out: ids(outs) }, leftOut: unique(leftOut) }
}

const unique = (all: LeftOut): LeftOut => [...new Map(all.map((one) => [canonicalJson(one), one])).values()]

interface JobRow {
  id: string
  run_id: string
  event_at: Date
  inputs: JobEnd[]
  outputs: JobOutput[]
  in_datasets: string[]
  out_datasets: string[]
}

/** Events of one run say it in pieces: what was said before stays. */
function joined(before: JobRow, now: Resolved): Pick<Resolved, 'inputs' | 'outputs' | 'datasets'> {
  const inputs = [...before.inputs]
  const places = now.inputs.map((one) => {
    const at = inputs.findIndex((other) => outsideName(other) === outsideName(one))
    if (at < 0) return inputs.push(one) - 1
    inputs[at] = { ...one, columns: [...new Set([...inputs[at]!.columns, ...one.columns])] }
    return at
  })
  const moved = (links: readonly Link[]) => links.map((one) => ({ ...one, input: places[one.input]! }))
  const outputs = new Map(before.outputs.map((one) => [outsideName(one), one]))
  for (const one of now.outputs) {
    const old = outputs.get(outsideName(one))
    const fields = new Map(old?.fields.map((field) => [field.column, field]))
    for (const { column, from } of one.fields) fields.set(column, { column, from: moved(from) })
    outputs.set(outsideName(one), {
      ...one,
      columns: [...new Set([...(old?.columns ?? []), ...one.columns])],
      fields: [...fields.values()],
      rows: one.rows.length > 0 ? moved(one.rows) : (old?.rows ?? []),
    })
  }
  const union = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])]
  const datasets = { in: union(before.in_datasets, now.datasets.in), out: union(before.out_datasets, now.datasets.out) }
  return { inputs, outputs: [...outputs.values()], datasets }
}

/** Takes in a run of another system: repeats change nothing, what is older than what is known is left, pieces of one run add up. */
export const recordLineageVerb = command<typeof recordLineage>({
  endpoint: recordLineage,
  audit: (_input, reply) => ({
    objectKind: 'lineage_job',
    objectId: reply.id ?? 'none',
    detail: { recorded: reply.recorded, outside: reply.outside.length, leftOut: reply.leftOut.length },
  }),
  async run({ db, actor, now }, { body }) {
    const { run, places } = parseEvent(body)
    if (places.length > 0) refuse('request.invalid', { places })
    if (run.eventAt.getTime() > now.getTime() + AHEAD_MS_MAX)
      refuse('request.invalid', { places: [place('/eventTime', '时间在将来', 'lies in the future')] })
    const found = await resolved(db, actor, run)
    const outside = [...found.inputs, ...found.outputs].filter((one) => one.box === null).map((one) => one.name)
    // One event of a department after the other.
    await db.one(sql`select 1 from department where id = ${actor.departmentId} for no key update`)
    const before =
      await db.maybe<JobRow>(sql`select id, run_id, event_at, inputs, outputs, in_datasets, out_datasets from lineage_job
      where department_id = ${actor.departmentId} and namespace = ${run.namespace} and name = ${run.name}
      order by event_at desc limit 1`)
    const reply = { id: before?.id ?? null, recorded: false, outside: [...new Set(outside)], leftOut: found.leftOut }
    const saysNothing = run.inputs.length + run.outputs.length === 0 || ['FAIL', 'ABORT'].includes(run.eventType)
    const isSame = before?.run_id === run.runId
    // A run that only begins does not yet tell better than the last one did.
    const onlyBegins = run.eventType !== 'COMPLETE' && !run.outputs.some((one) => one.fields.length > 0)
    if (saysNothing || (before && !isSame && (onlyBegins || run.eventAt <= before.event_at))) return reply
    const kept = before && isSame ? joined(before, found) : found
    requireRoom(kept)
    if (
      before &&
      isSame &&
      canonicalJson([kept.inputs, kept.outputs]) === canonicalJson([before.inputs, before.outputs])
    )
      return reply
    const names = (all: readonly JobEnd[]) => all.filter((one) => one.box === null).map(outsideName)
    const id = before?.id ?? randomUUID()
    if (!before) await requireFewer(db, actor)
    const at = before && isSame && before.event_at > run.eventAt ? before.event_at : run.eventAt
    const values = sql`${run.runId}, ${run.eventType}, ${at}, ${JSON.stringify(kept.inputs)}, ${JSON.stringify(kept.outputs)},
      ${[...kept.datasets.in]}::uuid[], ${[...kept.datasets.out]}::uuid[], ${names(kept.inputs)}::text[], ${names(kept.outputs)}::text[],
      ${actor.id}, ${now}`
    const columns = sql`run_id, event_type, event_at, inputs, outputs, in_datasets, out_datasets, in_names, out_names, reported_by, updated_at`
    if (before) await db.run(sql`update lineage_job set (${columns}) = row(${values}) where id = ${id}`)
    else
      await db.run(sql`insert into lineage_job (id, jurisdiction, department_id, namespace, name, ${columns})
        values (${id}, ${actor.jurisdiction}, ${actor.departmentId}, ${run.namespace}, ${run.name}, ${values})`)
    return { ...reply, id, recorded: true }
  },
})

function requireRoom(kept: Pick<Resolved, 'inputs' | 'outputs'>): void {
  const { columns, links } = sizeOf(kept)
  const counts = [
    ['/inputs', kept.inputs.length, DATASETS_MAX, '项数据', 'data'],
    ['/outputs', kept.outputs.length, DATASETS_MAX, '项数据', 'data'],
    ['/inputs', columns, COLUMNS_MAX, '个字段', 'columns'],
    ['/outputs', links, LINKS_MAX, '条字段来源', 'links of columns'],
  ] as const
  const places = counts.flatMap(([path, count, most, zh, en]) =>
    count <= most ? [] : [place(path, `同一运行累计超过 ${most} ${zh}`, `more than ${most} ${en} of one run`)],
  )
  if (places.length > 0) refuse('request.invalid', { places })
}

async function requireFewer(db: Reader, actor: Person): Promise<void> {
  const { count } = await db.one<{ count: number }>(
    sql`select count(*)::int as count from lineage_job where department_id = ${actor.departmentId}`,
  )
  if (count >= JOBS_MAX)
    refuse('object.state', {
      places: [
        place('/job/name', `本部门已有 ${JOBS_MAX} 个外部步骤`, `your department has ${JOBS_MAX} steps already`),
      ],
    })
}

/** Takes a step away that was reported wrongly or is no more; the next event of its job brings it back. */
export const removeLineageJobVerb = command<typeof removeLineageJob>({
  endpoint: removeLineageJob,
  audit: ({ params }) => ({ objectKind: 'lineage_job', objectId: params.id }),
  async run({ db, actor }, { params }) {
    const gone = await db.run(
      sql`delete from lineage_job where id = ${params.id} and department_id = ${actor.departmentId}`,
    )
    if (gone === 0) refuse('object.not_found')
    return { id: params.id }
  },
})
