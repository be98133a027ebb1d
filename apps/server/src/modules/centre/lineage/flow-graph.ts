import { fieldsOf } from '@huitong/policy'
import type { DatasetRow } from '../../catalogue/index.ts'
import { channelName } from '../../exchange/index.ts'
import { contentOf, documentOf, type Facts, type MountFact, type TaskFact } from './facts.ts'
import type { Edge, Graph } from './graph.ts'
import type { Sight } from './sight.ts'

export const datasetBox = (id: string) => `dataset:${id}`
export const tableBox = (sourceId: string, schema: string, table: string) => `table:${sourceId}/${schema}.${table}`
export const taskTable = (task: Pick<TaskFact, 'target_id' | 'target_schema' | 'target_table'>) =>
  tableBox(task.target_id, task.target_schema, task.target_table)

/** The way from the tables of departments through the catalogue and the exchange tasks to where they arrive. */
export function addFlow(graph: Graph, facts: Facts, sight: Sight): void {
  for (const dataset of facts.datasets) addDataset(graph, dataset, sight)
  for (const mount of facts.mounts) addMount(graph, mount, sight)
  const datasets = new Map(facts.datasets.map((one) => [one.id, one]))
  for (const task of facts.tasks) {
    const dataset = datasets.get(task.dataset_id)
    if (dataset === undefined) continue
    const mount = facts.mounts.find((one) => one.dataset_id === task.dataset_id)
    addTask(graph, task, { dataset, mount, sight })
  }
}

function addDataset(graph: Graph, row: DatasetRow, sight: Sight): void {
  const { name, items = [] } = contentOf(row)
  graph.add(
    {
      id: datasetBox(row.id),
      kind: 'dataset',
      name,
      code: row.code,
      departmentId: row.department_id,
      departmentName: row.department_name,
      objectId: row.id,
      seen: sight.dataset(row),
    },
    items.map((one) => [one.code, one.name]),
  )
}

function addMount(graph: Graph, mount: MountFact, sight: Sight): void {
  const seen = sight.source(mount.department_id)
  const id = tableBox(mount.source_id, mount.schema_name, mount.table_name)
  graph.add(
    {
      id,
      kind: 'source',
      name: mount.source_name,
      code: `${mount.schema_name}.${mount.table_name}`,
      departmentId: mount.department_id,
      departmentName: mount.department_name,
      objectId: mount.source_id,
      seen,
    },
    mount.mapping.map(({ field }) => [field, null]),
  )
  for (const { item, field } of mount.mapping)
    graph.lead(
      { box: id, column: field },
      { box: datasetBox(mount.dataset_id), column: item },
      { ...sameOf(field, item), seen },
    )
}

const sameOf = (from: string, to: string): Pick<Edge, 'how' | 'way'> => ({
  how: from === to ? 'copied' : 'renamed',
  way: 'IDENTITY',
})

interface Around {
  readonly dataset: DatasetRow
  readonly mount: MountFact | undefined
  readonly sight: Sight
}

function addTask(graph: Graph, task: TaskFact, { dataset, mount, sight }: Around): void {
  const from = datasetBox(task.dataset_id)
  const [box, table] = [`task:${task.id}`, taskTable(task)]
  const seen = sight.task(task.provider_department_id, task.consumer_department_id)
  const consumer = { departmentId: task.consumer_department_id, departmentName: task.consumer_name }
  const items = new Map(contentOf(dataset).items?.map((one) => [one.code, one.name]))
  const columns = task.columns.map(
    ({ as, item, constant }) => [as, constant === undefined ? (items.get(item) ?? null) : null] as const,
  )
  const name = channelName(contentOf(dataset).name, task.consumer_name)
  graph.add({ id: box, kind: 'task', name, code: task.number, ...consumer, objectId: task.id, seen }, columns)
  graph.add(
    {
      id: table,
      kind: task.lands ? 'collection' : 'receiving',
      name: task.target_name,
      code: `${task.target_schema}.${task.target_table}`,
      ...consumer,
      objectId: task.id,
      seen,
    },
    columns,
  )
  const document = documentOf(task)
  const masks = new Map(document.masks.map((one) => [one.item, one.mask]))
  for (const { item, as, codes, constant } of task.columns) {
    graph.lead({ box, column: as }, { box: table, column: as }, { how: 'copied', way: 'IDENTITY', seen })
    if (constant !== undefined) continue
    const mask = masks.get(item) ?? null
    const how =
      codes !== undefined
        ? ({ how: 'translated', way: 'TRANSFORMATION' } as const)
        : mask !== null
          ? ({ how: 'masked', way: 'TRANSFORMATION' } as const)
          : sameOf(item, as)
    graph.lead({ box: from, column: item }, { box, column: as }, { ...how, mask, seen })
  }
  const rows = { box, column: null }
  for (const item of fieldsOf(document.rowFilter))
    graph.lead({ box: from, column: item }, rows, { how: 'filter', way: 'FILTER', seen })
  for (const column of task.columns)
    if (task.key.includes(column.as) && column.constant === undefined)
      graph.lead({ box: from, column: column.item }, rows, { how: 'key', way: 'JOIN', seen })
  if (mount !== undefined) addConvention(graph, mount, rows, sight)
}

/** Fields that are no items, and by which a task knows what changed: the owner of the table alone is told which. */
function addConvention(graph: Graph, mount: MountFact, rows: Edge['to'], sight: Sight): void {
  if (mount.convention === null) return
  const seen = sight.source(mount.department_id)
  const box = tableBox(mount.source_id, mount.schema_name, mount.table_name)
  for (const column of [mount.convention.updatedAt, mount.convention.operation])
    if (column != null && column !== '') graph.lead({ box, column }, rows, { how: 'filter', way: 'FILTER', seen })
}
