import type { DatasetContent } from '@huitong/contract/catalogue'
import { listColumns, proposeRules } from '@huitong/contract/rule-design'
import { previewMask } from '@huitong/policy'
import { proposeRules as proposals } from '@huitong/quality'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { JobInput } from '../../engine-worker/client.ts'
import type { Reader } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { query } from '../../kernel/verb.ts'
import { datasetSees, SELECT_DATASET, type DatasetRow } from '../catalogue/index.ts'
import { lakeTable, landedTable, type LandedTable } from '../engine/index.ts'
import { askEngine } from './ask-engine.ts'
import { bindingsOf, judgedDataset } from './bindings.ts'
import { itemFacts } from './rule-facts.ts'
import { ruleSpeaker } from './rule-words.ts'
import { columnsOf, type NamedRule } from './scope.ts'

type Profiles = NonNullable<Parameters<typeof proposals>[0]['profiles']>

/** Of a large table the first rows are counted, and the reply says so. */
const PROFILE_ROWS_MAX = 1_000_000
const PROFILE_MS_MAX = 60_000

/**
 * Rules that follow from what the items are bound to, from the catalogue and, where it is asked for, from what is counted in
 * the collected data; without those that are there. Whoever designs the suite takes over what is right.
 */
export const proposeRulesVerb = query<typeof proposeRules>({
  endpoint: proposeRules,
  audit: ({ params, body }, reply) =>
    body.profile
      ? { objectKind: 'dataset', objectId: params.id, detail: { rows: reply.rows, proposed: reply.items.length } }
      : null,
  async run({ db, actor, services }, { params, body }) {
    const dataset = await judgedDataset(db, actor, params.id)
    const table = (await landedTable(db, params.id)) ?? refuse('quality.not_landed')
    const items = itemFacts(table, dataset.live_content, await bindingsOf(db, params.id))
    const key = (dataset.live_content?.items ?? []).filter((one) => one.key).map((one) => one.code)
    const known = new Set(items.map((one) => one.column))
    const present = body.rules as readonly NamedRule[]
    const given = { items, key: key.every((one) => known.has(one)) ? key : [], present }
    const early = proposals({ ...given, profiles: null })
    // What a profile speaks for is of a single column: other datasets are named by the other proposals alone.
    const speaker = await ruleSpeaker(
      db,
      actor,
      params.id,
      early.map((one) => one.rule),
    )
    const reply = (found: typeof early, counted: { rows: number; whole: boolean } | null) => ({
      rows: counted?.rows ?? null,
      whole: counted?.whole ?? true,
      items: found.map((one) => ({
        ...one,
        rule: { ...one.rule, parameters: { ...one.rule.parameters }, origin: one.origin },
        asks: speaker.asks(one.rule),
      })),
    })
    if (!body.profile) return reply(early, null)
    const input = await profileInput(db, services, table)
    return async () => {
      const counted = await askEngine(services, 'profile-table', input, PROFILE_MS_MAX)
      return reply(proposals({ ...given, profiles: shown(counted.columns) }), counted)
    }

    /** Common values become codes of a proposed rule: of others' data, or of what is masked, none are given. */
    function shown(columns: Profiles): Profiles {
      const isOwn = actor.departmentId === dataset.department_id
      const byCode = new Map((dataset.live_content?.items ?? []).map((one) => [one.code, one]))
      const isPlain = ({ item: code }: LandedTable['columns'][number]) => {
        const item = byCode.get(code)
        return previewMask({ code, name: item?.name.zh ?? code, personal: item?.personal ?? true }) === null
      }
      const open = new Set(table.columns.filter((one) => isOwn && isPlain(one)).map((one) => one.as))
      return Object.fromEntries(
        Object.entries(columns).map(([name, one]) => [name, open.has(name) ? one : { ...one, values: null }]),
      )
    }
  },
})

async function profileInput(db: Reader, services: Services, table: LandedTable): Promise<JobInput<'profile-table'>> {
  const lake = (await lakeTable(db, table.channel_id)) ?? refuse('quality.not_landed')
  const at = (path: string) => join(services.settings.dataDir, path)
  return {
    columns: columnsOf(table),
    table: { base: lake.base.map(at), changes: lake.changes.map(at), key: table.key },
    rowsMax: PROFILE_ROWS_MAX,
  }
}

/** Other datasets that are offered to look in. */
const OTHERS_MAX = 200

/** The columns of a landed dataset that rules may ask about, and the other landed datasets that rules may look in. */
export const listColumnsVerb = query<typeof listColumns>({
  endpoint: listColumns,
  audit: null,
  async run({ db, actor }, { params }) {
    const dataset = await judgedDataset(db, actor, params.id)
    const table = (await landedTable(db, params.id)) ?? refuse('quality.not_landed')
    const suite = await db.maybe<{ id: string }>(sql`select id from rule_suite where dataset_id = ${params.id}`)
    const rows = await db.many<DatasetRow>(sql`${SELECT_DATASET} where ${datasetSees(actor)} and v.id <> ${params.id}
      and v.state = 'published' and exists (select from channel c join department u on u.id = c.consumer_department_id
        and u.kind = 'data_centre' where c.dataset_id = v.id) order by v.code limit ${OTHERS_MAX}`)
    const others = []
    for (const row of rows) {
      const other = await landedTable(db, row.id)
      if (other) others.push({ id: row.id, name: row.live_content!.name, columns: named(other, row.live_content) })
    }
    const holds = columnsOf(table)
    return {
      datasetName: dataset.live_content?.name ?? { zh: dataset.code },
      departmentName: dataset.department_name,
      suiteId: suite?.id ?? null,
      columns: named(table, dataset.live_content).map((one) => ({ ...one, holds: holds[one.column]! })),
      key: table.key,
      others,
    }
  },
})

function named(table: LandedTable, content: DatasetContent | null) {
  const names = new Map((content?.items ?? []).map((item) => [item.code, item.name]))
  return table.columns.map(({ as, item }) => ({ column: as, name: names.get(item) ?? { zh: as } }))
}
