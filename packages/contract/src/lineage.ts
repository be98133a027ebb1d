import { Type, type Static } from 'typebox'
import { Bilingual, exact, IdParams, Instant, LanguageMap, nullable, oneOf, PageQuery, text, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** 数据血缘: which columns come from which, from the table of a department to the services that are called. */

/**
 * `source`: a department's table; `task`: an exchange task; `collection`: what landed in the resource centre; `receiving`: the
 * table of another consumer; `governed`: what cleaning left; `opening`: a service as one grant opens it; `job` and `outside`:
 * steps and data of other systems, as they were reported.
 */
export const LineageKind = oneOf(
  'outside',
  'job',
  'source',
  'dataset',
  'task',
  'collection',
  'receiving',
  'governed',
  'library',
  'service',
  'opening',
)
/** How a column acts, named as by the ColumnLineage facet of OpenLineage; the first three carry values. */
export const LineageWay = oneOf(
  'IDENTITY',
  'TRANSFORMATION',
  'AGGREGATION',
  'JOIN',
  'GROUP_BY',
  'FILTER',
  'SORT',
  'WINDOW',
  'CONDITIONAL',
)
const DIRECT: readonly string[] = ['IDENTITY', 'TRANSFORMATION', 'AGGREGATION']
/** Whether values themselves arrive; otherwise they only decide which values or rows do (`DIRECT`, `INDIRECT` of OpenLineage). */
export const isDirect = (way: Static<typeof LineageWay>): boolean => DIRECT.includes(way)
const Spot = exact({
  box: Type.String(),
  /** Null: which rows there are. */
  column: nullable(Type.String()),
})
export const LineageBox = exact({
  id: Type.String(),
  kind: LineageKind,
  name: LanguageMap(400),
  /** Code, number or name that people know it by beside its name. */
  code: nullable(Type.String()),
  departmentId: nullable(Uuid),
  departmentName: nullable(LanguageMap(128)),
  /** Of the object whose page shows it. */
  objectId: nullable(Type.String()),
  /** Columns that take part, in their order. */
  columns: Type.Array(exact({ name: Type.String(), label: nullable(LanguageMap(128)) })),
})
export const LineageEdge = exact({
  from: Spot,
  to: Spot,
  how: oneOf(
    'copied',
    'renamed',
    'masked',
    'translated',
    'derived',
    'fused',
    'filter',
    'key',
    'rows',
    'served',
    'reported',
    'hidden',
  ),
  /** Null: by steps out of sight. */
  way: nullable(LineageWay),
  mask: nullable(oneOf('name', 'id_number', 'phone', 'last4', 'year', 'null')),
  /** Steps of a recipe in between, in words. */
  says: Type.Array(Bilingual),
  /** Boxes in between that are out of sight. */
  through: Type.Integer(),
})
const Graph = {
  boxes: Type.Array(LineageBox),
  edges: Type.Array(LineageEdge),
  /** Boxes that the walk met and the reader may not see. */
  hidden: Type.Integer(),
  /** There is more than is answered; what is nearest comes first. */
  truncated: Type.Boolean(),
}
export type LineageBox = Static<typeof LineageBox>
export type LineageEdge = Static<typeof LineageEdge>

export const readLineage = endpoint({
  id: 'centre.lineage.read',
  method: 'GET',
  path: '/api/v1/lineage/datasets/:id',
  access: 'catalogue.read',
  words: words('查看数据血缘', 'Read the lineage of a dataset'),
  params: IdParams,
  query: exact({
    /** Of this item alone. */
    item: Type.Optional(text(64, 1)),
    direction: Type.Optional(oneOf('both', 'up', 'down')),
  }),
  reply: exact({
    /** The box that was asked for. */
    start: Type.String(),
    name: LanguageMap(128),
    ...Graph,
  }),
  errors: ['object.not_found', 'request.invalid'],
})

const Touched = exact({
  box: LineageBox,
  /** Values arrive there; otherwise they only decide which rows or values do. */
  direct: Type.Boolean(),
})
export const readImpact = endpoint({
  id: 'centre.lineage.impact',
  /** POST, because a change may touch many columns. */
  method: 'POST',
  path: '/api/v1/lineage/impact',
  access: 'catalogue.read',
  words: words('评估变更影响', 'What a change of columns would touch'),
  body: Type.Union([
    exact({ datasetId: Uuid, items: Type.Array(text(64, 1), { minItems: 1, maxItems: 1600, uniqueItems: true }) }),
    exact({ tableId: Uuid, columns: Type.Array(text(255, 1), { minItems: 1, maxItems: 1600, uniqueItems: true }) }),
  ]),
  reply: exact({
    /** In the order of the way of the data. */
    touched: Type.Array(Touched),
    /** Grants in force that give one of the items, or choose rows by it. */
    grants: Type.Array(
      exact({
        id: Uuid,
        number: Type.String(),
        datasetName: LanguageMap(128),
        granteeDepartmentName: LanguageMap(128),
        items: Type.Array(Type.String()),
        direct: Type.Boolean(),
      }),
    ),
    /** Departments of all of these, by name. */
    departments: Type.Array(exact({ id: Uuid, name: LanguageMap(128) })),
    hidden: Type.Integer(),
    truncated: Type.Boolean(),
  }),
  errors: ['object.not_found', 'request.invalid'],
})

export const listRunEvents = endpoint({
  id: 'centre.lineage.events',
  method: 'GET',
  path: '/api/v1/lineage/events',
  access: 'catalogue.read',
  kind: 'stream',
  words: words('导出运行血缘事件（OpenLineage）', 'Events of finished runs, as OpenLineage writes them'),
  query: exact({
    /** `eventTime` and `runId` of the last event that was read; the next ones are of later runs. */
    after: Type.Optional(Instant),
    afterRun: Type.Optional(Uuid),
    limit: PageQuery.limit,
  }),
  /** JSON lines, a RunEvent each, in the order of the end of the runs. */
  reply: Type.Unknown(),
})

export const recordLineage = endpoint({
  id: 'centre.lineage_job.record',
  method: 'POST',
  /** Where clients of OpenLineage send their events. */
  path: '/api/v1/lineage',
  access: 'dataset.mount',
  words: words('上报外部血缘（OpenLineage）', 'Report a run of another system, as OpenLineage writes it'),
  /** A RunEvent of the specification 2-0-2. Data that are called by a code of the catalogue are the catalogue's. */
  body: Type.Record(Type.String({ maxLength: 255 }), Type.Unknown()),
  bodyBytesMax: 256 * 1024,
  reply: exact({
    /** The step of the job; null: nothing is known of it, for the event names no data. */
    id: nullable(Uuid),
    /** False: it was known already, something newer is known, a run only begins, or it says nothing of data. */
    recorded: Type.Boolean(),
    /** Data that are none of the catalogue's and are kept by their name. */
    outside: Type.Array(Type.String()),
    /** Columns that datasets of the catalogue do not have; they are left out. */
    leftOut: Type.Array(exact({ path: Type.String(), column: Type.String() })),
  }),
  errors: ['request.invalid', 'object.state'],
})
export const removeLineageJob = endpoint({
  id: 'centre.lineage_job.remove',
  method: 'DELETE',
  path: '/api/v1/lineage/jobs/:id',
  access: 'dataset.mount',
  words: words('删除外部血缘步骤', 'Remove a step of another system'),
  params: IdParams,
  reply: exact({ id: Uuid }),
  errors: ['object.not_found'],
})

export const lineageEndpoints = [readLineage, readImpact, listRunEvents, recordLineage, removeLineageJob] as const
