import { isDirect } from '@huitong/contract/lineage'
import { fieldsOf } from '@huitong/policy'
import { type ColumnOrigin, lineageOf, recipeFaults, sayStep, type Step } from '@huitong/recipes'
import { lakeClass } from '../../engine/index.ts'
import type { Names } from '../../exchange/index.ts'
import {
  contentOf,
  documentOf,
  type Facts,
  type LibraryFact,
  type OpeningFact,
  type ServiceFact,
  type TaskFact,
} from './facts.ts'
import { datasetBox, taskTable } from './flow-graph.ts'
import type { Edge, Graph, Spot } from './graph.ts'
import type { Sight } from './sight.ts'

const LIBRARIES: Readonly<Record<LibraryFact['library'], Names>> = {
  person: { zh: '人口库', en: 'Base library of people' },
  firm: { zh: '法人库', en: 'Base library of firms' },
}

/** What is made of what landed: governed tables, libraries, services, and what each grant opens of a service. */
export function addMade(graph: Graph, facts: Facts, sight: Sight): void {
  addGoverned(graph, facts, sight)
  const tasks = new Map(facts.tasks.map((one) => [one.id, one]))
  for (const library of facts.libraries) addLibrary(graph, library, tasks, sight)
  for (const service of facts.services) addService(graph, service, tasks, sight)
  for (const opening of facts.openings) addOpening(graph, opening, facts, sight)
}

/** The newest landed table of each dataset: the one that recipes read. */
const landedTasks = (facts: Facts): Map<string, TaskFact> => {
  const landed = new Map<string, TaskFact>()
  for (const task of facts.tasks) if (task.lands && !landed.has(task.dataset_id)) landed.set(task.dataset_id, task)
  return landed
}
/** What a table is made into is told to whoever sees the task that fills it, not to all who know the table. */
const seesTask = (sight: Sight, task: TaskFact): boolean =>
  sight.task(task.provider_department_id, task.consumer_department_id)
export const classesOf = (task: TaskFact) =>
  Object.fromEntries(task.columns.map(({ as, type }) => [as, lakeClass(type)]))

function addGoverned(graph: Graph, facts: Facts, sight: Sight): void {
  const landed = landedTasks(facts)
  for (const recipe of facts.recipes) {
    const task = landed.get(recipe.dataset_id)
    const dataset = facts.datasets.find((one) => one.id === recipe.dataset_id)
    if (task === undefined || dataset === undefined) continue
    const box = `governed:${recipe.dataset_id}`
    const { name, items = [] } = contentOf(dataset)
    const labels = new Map(items.map((one) => [one.code, one.name]))
    const say = speakerOf(graph, facts, recipe.dataset_id)
    // The recipe as it is kept, and as it was when the table was made.
    for (const steps of [recipe.steps, ...(recipe.run_steps === null ? [] : [recipe.run_steps])]) {
      const lineage = followed(steps, task, landed)
      if (lineage === null) continue
      graph.add(
        {
          id: box,
          kind: 'governed',
          name,
          code: dataset.code,
          departmentId: dataset.department_id,
          departmentName: dataset.department_name,
          objectId: recipe.dataset_id,
          seen: sight.governed(recipe.department_id),
        },
        [...lineage.columns.keys()].map((one) => [one, labels.get(one) ?? null]),
      )
      const lead = (origins: readonly ColumnOrigin[], to: Spot) => {
        for (const origin of origins) {
          const from = origin.table === null ? task : landed.get(origin.table)
          if (from === undefined) continue
          const says = origin.steps.map((at) => say(steps[at]!))
          const seen = seesTask(sight, from)
          graph.lead({ box: taskTable(from), column: origin.column }, to, { ...howOf(origin), seen, says })
        }
      }
      for (const [column, origins] of lineage.columns) lead(origins, { box, column })
      lead(lineage.rows, { box, column: null })
    }
  }
}

/** Null where the table has changed since, so that the steps do not fit it any more. */
function followed(steps: readonly Step[], task: TaskFact, landed: ReadonlyMap<string, TaskFact>) {
  const columns = classesOf(task)
  const tables = Object.fromEntries([...landed].map(([id, one]) => [id, classesOf(one)]))
  const faults = recipeFaults(steps, { columns, key: task.key, tables })
  // A reference table that is not near enough to be known here says nothing against the steps.
  const unfit = faults.filter((one) => !/\/parameters\/(table|value|match\/\d+\/other)$/.test(one.path))
  return unfit.length > 0 ? null : lineageOf(steps, columns)
}

const howOf = ({ way }: ColumnOrigin): Pick<Edge, 'how' | 'way'> => ({
  way,
  how: way === 'IDENTITY' ? 'copied' : isDirect(way) ? 'derived' : way === 'JOIN' ? 'key' : 'filter',
})

/** Says steps in the words of the catalogue, as far as these are seen. */
function speakerOf(graph: Graph, facts: Facts, datasetId: string) {
  const contents = new Map(
    facts.datasets.filter((one) => graph.boxes.get(datasetBox(one.id))?.seen).map((one) => [one.id, contentOf(one)]),
  )
  const item = (column: string, id = datasetId) => contents.get(id)?.items?.find((one) => one.code === column)?.name
  const name = (id: string) => contents.get(id)?.name
  return (step: Step) => ({
    zh: sayStep(step, {
      item: (column, table) => item(column, table)?.zh ?? column,
      table: (id) => name(id)?.zh ?? '另一项信息资源',
    }).zh,
    en: sayStep(step, {
      item: (column, table) => item(column, table)?.en ?? item(column, table)?.zh ?? column,
      table: (id) => name(id)?.en ?? name(id)?.zh ?? 'another dataset',
    }).en,
  })
}

function addLibrary(
  graph: Graph,
  { library, settings, parts }: LibraryFact,
  tasks: ReadonlyMap<string, TaskFact>,
  sight: Sight,
): void {
  const box = `library:${library}`
  const rows = { box, column: null }
  const lead = (channelId: string, item: string, to: Spot, how: Pick<Edge, 'how' | 'way'>) => {
    const task = tasks.get(channelId)
    const as = task?.columns.find((one) => one.item === item && one.constant === undefined)?.as
    if (task === undefined || as === undefined) return
    graph.lead({ box: taskTable(task), column: as }, to, { ...how, seen: seesTask(sight, task) })
  }
  const view = { code: null, departmentId: null, departmentName: null, objectId: library, seen: sight.library() }
  graph.add(
    { id: box, kind: 'library', name: LIBRARIES[library], ...view },
    (settings?.definition.fields ?? []).map(({ code }) => [code, settings!.names[code] ?? null]),
  )
  for (const { channel_id, key_item } of parts) lead(channel_id, key_item, rows, { how: 'key', way: 'FILTER' })
  if (settings === null) return
  const { identifier, blocking, comparisons } = settings.definition
  const compared = [
    ...(identifier === null ? [] : [identifier.field]),
    ...blocking.flat().map((one) => one.field),
    ...comparisons.map((one) => one.field),
  ]
  for (const { channelId, items, updatedItem } of settings.sources) {
    for (const [field, item] of Object.entries(items))
      lead(channelId, item, { box, column: field }, { how: 'fused', way: 'AGGREGATION' })
    for (const field of new Set(compared))
      if (items[field] !== undefined) lead(channelId, items[field], rows, { how: 'key', way: 'JOIN' })
    if (updatedItem !== null) lead(channelId, updatedItem, rows, { how: 'filter', way: 'SORT' })
  }
}

function addService(graph: Graph, service: ServiceFact, tasks: ReadonlyMap<string, TaskFact>, sight: Sight): void {
  const box = `service:${service.id}`
  const served = sight.service()
  graph.add(
    {
      id: box,
      kind: 'service',
      name: service.name,
      code: service.code,
      departmentId: service.provider_department_id,
      departmentName: service.provider_name,
      objectId: service.id,
      seen: served,
    },
    service.items.map((one) => [one.code, one.name]),
  )
  const task = service.channel_id === null ? undefined : tasks.get(service.channel_id)
  for (const { code } of service.items) {
    const to = { box, column: code }
    if (service.channel_id === null)
      graph.lead({ box: datasetBox(service.dataset_id), column: code }, to, {
        how: 'served',
        way: 'IDENTITY',
        seen: served,
      })
    const as = task?.columns.find((one) => one.item === code)?.as
    if (task === undefined || as === undefined) continue
    const from = { box: taskTable(task), column: as }
    const seen = served && seesTask(sight, task)
    graph.lead(from, to, { how: as === code ? 'copied' : 'renamed', way: 'IDENTITY', seen })
    if (service.key.includes(code)) graph.lead(from, { box, column: null }, { how: 'key', way: 'FILTER', seen })
  }
}

function addOpening(graph: Graph, opening: OpeningFact, facts: Facts, sight: Sight): void {
  const service = facts.services.find((one) => one.id === opening.service_id)
  if (service === undefined) return
  const box = `opening:${opening.id}`
  const document = documentOf(opening)
  const masks = new Map(document.masks.map((one) => [one.item, one.mask]))
  const labels = new Map(service.items.map((one) => [one.code, one.name]))
  const seen = sight.opening(opening.provider_department_id, opening.department_id)
  graph.add(
    {
      id: box,
      kind: 'opening',
      name: opening.department_name,
      code: opening.grant_number,
      departmentId: opening.department_id,
      departmentName: opening.department_name,
      objectId: service.id,
      seen,
    },
    document.items.map((one) => [one, labels.get(one) ?? null]),
  )
  const from = (column: string) => ({ box: `service:${service.id}`, column })
  for (const item of document.items) {
    const mask = masks.get(item) ?? null
    const how =
      mask === null
        ? ({ how: 'copied', way: 'IDENTITY' } as const)
        : ({ how: 'masked', way: 'TRANSFORMATION' } as const)
    graph.lead(from(item), { box, column: item }, { ...how, mask, seen })
  }
  for (const item of fieldsOf(document.rowFilter))
    graph.lead(from(item), { box, column: null }, { how: 'filter', way: 'FILTER', seen })
}
