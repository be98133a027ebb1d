import { bindItems, listCoverage, readBindings, type BoundItem } from '@huitong/contract/rule-design'
import type { ItemContent } from '@huitong/contract/catalogue'
import type { BodyOf } from '@huitong/contract'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { command, query } from '../../kernel/verb.ts'
import { findDataset, type DatasetRow } from '../catalogue/index.ts'
import { landedTable } from '../engine/index.ts'
import { codeListName, elementView, SELECT_ELEMENT, type ElementRow } from '../standards/index.ts'
import { DATASET_NAME, qualitySees } from './sees.ts'
import { ELEMENT_TYPES, ITEM_TYPES } from './type-words.ts'

/** What an item is bound to, with all that rules need of it. */
export interface Binding {
  readonly element: ElementRow | null
  readonly codeSet: { id: string; code: string; label: string; name: { zh: string; en?: string } } | null
  readonly ownCodeSet: boolean
}

interface Row {
  item: string
  element_id: string | null
  code_set_id: string | null
  code_set_label: string | null
  set_code: string | null
  set_name: { zh: string; en?: string } | null
}

/** The bindings of a dataset by the codes of its items. */
export async function bindingsOf(db: Reader, datasetId: string): Promise<Map<string, Binding>> {
  const rows = await db.many<Row>(sql`select b.item, b.element_id, b.code_set_id, b.code_set_label, s.code as set_code,
      s.name as set_name from item_binding b left join code_set s on s.id = b.code_set_id where b.dataset_id = ${datasetId}`)
  const ids = rows.flatMap((row) => (row.element_id === null ? [] : [row.element_id]))
  const elements = await db.many<ElementRow>(sql`${SELECT_ELEMENT} where e.id = any(${ids}::uuid[])`)
  const byId = new Map(elements.map((one) => [one.id, one]))
  return new Map(
    rows.map((row) => {
      const element = row.element_id === null ? null : byId.get(row.element_id)!
      const own =
        row.code_set_id === null
          ? null
          : { id: row.code_set_id, code: row.set_code!, label: row.code_set_label!, name: row.set_name! }
      const inherited = element === null ? null : elementView(element).codeSet
      return [row.item, { element, codeSet: own ?? inherited, ownCodeSet: own !== null }]
    }),
  )
}

/** A dataset that is the viewer's to judge: published, and within the sight that qualities have. */
export async function judgedDataset(db: Reader, actor: Person, id: string): Promise<DatasetRow> {
  await db.one(sql`select 1 from dataset x where x.id = ${id} and ${qualitySees(actor, 'x.department_id')}`)
  return findDataset(db, actor, id)
}

async function viewOf(db: Reader, actor: Person, id: string) {
  const dataset = await judgedDataset(db, actor, id)
  const content = dataset.live_content ?? dataset.pending_content
  const items = content?.items ?? []
  const [bindings, results, landed] = [
    await bindingsOf(db, id),
    await standardResults(db, id),
    await landedTable(db, id),
  ]
  const suite = await db.maybe<{ id: string }>(sql`select id from rule_suite where dataset_id = ${id}`)
  const free = items.filter((item) => !bindings.has(item.code)).flatMap((item) => [item.name.zh])
  const alike = await elementsNamed(db, dataset.jurisdiction, free)
  return {
    datasetId: id,
    datasetName: content?.name ?? { zh: dataset.code },
    departmentId: dataset.department_id,
    departmentName: dataset.department_name,
    suiteId: suite?.id ?? null,
    runId: results.runId,
    landed: landed !== null,
    items: items.map((item): Static<typeof BoundItem> => {
      const binding = bindings.get(item.code)
      const counts = results.byItem.get(item.code)
      const suggested = binding ? undefined : alike.get(item.name.zh)
      return {
        item: item.code,
        name: item.name,
        type: item.type ?? null,
        length: item.length ?? null,
        element: binding?.element ? boundElement(binding.element) : null,
        codeSet: binding?.codeSet ?? null,
        ownCodeSet: binding?.ownCodeSet ?? false,
        deviations: binding?.element ? deviationsOf(item, binding.element) : [],
        judged: counts?.judged ?? null,
        broken: counts?.broken ?? null,
        suggested: suggested ? boundElement(suggested) : null,
      }
    }),
  }
}

const boundElement = (row: ElementRow) => {
  const { id, identifier, name, format, state } = elementView(row)
  return { id, identifier, name, format, state }
}

/** Elements in force that have one of these names, or it among their synonyms. */
async function elementsNamed(
  db: Reader,
  jurisdiction: string,
  names: readonly string[],
): Promise<Map<string, ElementRow>> {
  if (names.length === 0) return new Map()
  const rows = await db.many<
    ElementRow & { wanted: string }
  >(sql`select f.*, n.wanted from unnest(${[...names]}::text[]) n (wanted)
    join (${SELECT_ELEMENT}) f on f.jurisdiction = ${jurisdiction} and f.state = 'in_force' and (f.content->'name'->>'zh' = n.wanted
      or f.content->'name'->>'zh' = n.wanted || '代码' or coalesce(f.content->'synonyms', '[]') ? n.wanted)
    order by f.identifier desc`)
  return new Map(rows.map((row) => [row.wanted, row]))
}

const AS_ELEMENT: Readonly<Record<string, string>> = { money: 'decimal', memo: 'text' }

/** Where an item of the catalogue is another than its element. */
export function deviationsOf(item: ItemContent, { content }: ElementRow): { zh: string; en: string }[] {
  const { type, maxLength } = content
  return [
    ...(item.type !== undefined && (AS_ELEMENT[item.type] ?? item.type) !== type
      ? [
          {
            zh: `目录类型为${ITEM_TYPES[item.type].zh}，标准为${ELEMENT_TYPES[type].zh}`,
            en: `the catalogue says ${ITEM_TYPES[item.type].en}, the standard ${ELEMENT_TYPES[type].en}`,
          },
        ]
      : []),
    ...(type === 'text' &&
    item.length !== undefined &&
    item.length > 0 &&
    maxLength !== undefined &&
    item.length < maxLength
      ? [
          {
            zh: `目录长度 ${item.length} 短于标准 ${maxLength}`,
            en: `length ${item.length} is below the standard's ${maxLength}`,
          },
        ]
      : []),
    ...(content.codeSet === undefined &&
    content.check !== undefined &&
    item.length !== undefined &&
    item.length > (maxLength ?? Infinity)
      ? [
          {
            zh: `目录长度 ${item.length} 长于标准 ${maxLength}`,
            en: `length ${item.length} is above the standard's ${maxLength}`,
          },
        ]
      : []),
  ]
}

/** The items of a dataset with what they are bound to, and how their data keeps to it. */
export const readBindingsVerb = query<typeof readBindings>({
  endpoint: readBindings,
  audit: null,
  run: ({ db, actor }, { params }) => viewOf(db, actor, params.id),
})

/** Binds items, or frees those that are given nothing. */
export const bindItemsVerb = command<typeof bindItems>({
  endpoint: bindItems,
  audit: ({ params, body }) => ({
    objectKind: 'dataset',
    objectId: params.id,
    detail: { bound: body.bindings.map((one) => one.item) },
  }),
  async run({ db, actor, now }, { params, body }) {
    const dataset = await judgedDataset(db, actor, params.id)
    await requireKnown(db, dataset, body.bindings)
    for (const { item, elementId, codeSet } of body.bindings) {
      if (elementId === null && codeSet === null) {
        await db.run(sql`delete from item_binding where dataset_id = ${params.id} and item = ${item}`)
        continue
      }
      await db.run(sql`insert into item_binding (dataset_id, item, jurisdiction, department_id, element_id, code_set_id, code_set_label, bound_by, bound_at)
        values (${params.id}, ${item}, ${dataset.jurisdiction}, ${dataset.department_id}, ${elementId}, ${codeSet?.id ?? null},
          ${codeSet?.label ?? null}, ${actor.id}, ${now})
        on conflict (dataset_id, item) do update set element_id = excluded.element_id, code_set_id = excluded.code_set_id,
          code_set_label = excluded.code_set_label, bound_by = excluded.bound_by, bound_at = excluded.bound_at`)
    }
    return viewOf(db, actor, params.id)
  },
})

type Bindings = BodyOf<typeof bindItems>['bindings']

async function requireKnown(db: Reader, dataset: DatasetRow, bindings: Bindings): Promise<void> {
  const items = new Set((dataset.live_content ?? dataset.pending_content)?.items?.map((one) => one.code))
  const elements = await db.many<{
    id: string
  }>(sql`select id from data_element where jurisdiction = ${dataset.jurisdiction}
    and state = 'in_force' and id = any(${bindings.map((one) => one.elementId)}::uuid[])`)
  const sets = await db.many<{ name: string }>(sql`select s.id || '@' || v.label as name from code_set s
    join code_set_version v on v.code_set_id = s.id where s.jurisdiction = ${dataset.jurisdiction}
      and s.id = any(${bindings.map((one) => one.codeSet?.id ?? null)}::uuid[])`)
  const [elementIds, setNames] = [new Set(elements.map((one) => one.id)), new Set(sets.map((one) => one.name))]
  const places = bindings.flatMap(({ item, elementId, codeSet }, at) => [
    ...(items.has(item) ? [] : [place(`/bindings/${at}/item`, `目录中没有信息项 ${item}`, `there is no item ${item}`)]),
    ...(elementId !== null && !elementIds.has(elementId)
      ? [place(`/bindings/${at}/elementId`, '没有这个现行数据元', 'no such element in force')]
      : []),
    ...(codeSet !== null && !setNames.has(codeListName(codeSet.id, codeSet.label))
      ? [place(`/bindings/${at}/codeSet`, '没有这个代码集版本', 'no such version of a code set')]
      : []),
  ])
  if (places.length > 0) refuse('request.invalid', { places: places.slice(0, 50) })
}

/** The latest finished full check of each dataset. */
const LATEST = sql.raw(`select distinct on (r.dataset_id) r.id, r.dataset_id, r.rules from check_run r
  where r.kind = 'full' and r.state = 'done' order by r.dataset_id, r.created_at desc`)
/** What the rules that follow from standards judged and found in those, item by item: of items that are bound to one still. */
const BY_ITEM = sql`select l.id as run_id, l.dataset_id, l.rules->c.position->'parameters'->>'column' as item, sum(c.judged) as judged,
    sum(c.broken) as broken
  from (${LATEST}) l join check_result c on c.run_id = l.id
    join item_binding b on b.dataset_id = l.dataset_id and b.item = l.rules->c.position->'parameters'->>'column'
  where l.rules->c.position->>'origin' = 'standard' group by 1, 2, 3`

/** How the data of a dataset kept to the standards of its items, by the latest check. */
async function standardResults(
  db: Reader,
  datasetId: string,
): Promise<{ runId: string | null; byItem: Map<string, { judged: string; broken: string }> }> {
  const rows = await db.many<{ run_id: string; item: string; judged: string; broken: string }>(
    sql`select * from (${BY_ITEM}) b where b.dataset_id = ${datasetId}`,
  )
  return {
    runId: rows[0]?.run_id ?? null,
    byItem: new Map(rows.map(({ item, judged, broken }) => [item, { judged, broken }])),
  }
}

interface CoverageRow {
  id: string
  name: { zh: string; en?: string }
  department_name: { zh: string; en?: string }
  datasets: number
  items: number
  bound: number
  deviating: number
  judged: string
  broken: string
}

/** 落标情况: of published datasets, or of departments: items, those bound, and how their data keeps to the standards. */
export const listCoverageVerb = query<typeof listCoverage>({
  endpoint: listCoverage,
  audit: null,
  async run({ db, actor }, input) {
    const { by, departmentId } = input.query
    const at = pageAt(input.query, [UUID_KEY])
    const [id, name] = by === 'dataset' ? ['x.id', DATASET_NAME] : ['d.id', 'd.name']
    const rows = await db.many<CoverageRow>(sql`with result as (
        select dataset_id, count(*) filter (where broken > 0)::int as deviating, sum(judged) as judged, sum(broken) as broken
        from (${BY_ITEM}) i group by dataset_id), each as (
        select x.id, x.department_id, x.code, x.live_version,
          (select count(*) from data_item i where i.dataset_id = x.id and i.dataset_version = x.live_version)::int as items,
          (select count(*) from data_item i join item_binding b on b.dataset_id = i.dataset_id and b.item = i.code
            where i.dataset_id = x.id and i.dataset_version = x.live_version)::int as bound,
          coalesce(r.deviating, 0) as deviating, coalesce(r.judged, 0) as judged, coalesce(r.broken, 0) as broken
        from dataset x left join result r on r.dataset_id = x.id where x.state = 'published' and x.jurisdiction = ${actor.jurisdiction} and ${qualitySees(actor, 'x.department_id')}
          ${departmentId ? sql`and x.department_id = ${departmentId}` : sql``})
      select ${sql.raw(id!)} as id, ${sql.raw(name!)} as name, d.name as department_name, count(*)::int as datasets, sum(x.items)::int as items,
        sum(x.bound)::int as bound, sum(x.deviating)::int as deviating, sum(x.judged)::text as judged, sum(x.broken)::text as broken
      from each x join department d on d.id = x.department_id
      ${at.after ? sql`where ${sql.raw(id!)} > ${at.after[0]}::uuid` : sql``}
      group by ${by === 'dataset' ? sql`x.id, x.code, x.live_version, d.name` : sql`d.id, d.name`} order by 1 limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [row.id],
      ({ department_name, ...row }) => ({ ...row, departmentName: department_name }),
    )
  },
})
