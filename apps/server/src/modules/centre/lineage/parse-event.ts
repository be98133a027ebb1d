import type { Place } from '@huitong/contract'
import { LineageWay } from '@huitong/contract/lineage'
import { place } from '../../../kernel/errors.ts'
import { UUID_KEY } from '../../../kernel/paging.ts'
import type { Edge } from './graph.ts'

export const DATASETS_MAX = 50
export const COLUMNS_MAX = 1000
export const LINKS_MAX = 10_000
const PLACES_MAX = 50
const NAME_MAX = 512
const COLUMN_MAX = 255

/** A column of an input, by the place of the input in the event. */
export interface Link {
  readonly input: number
  readonly column: string
  readonly way: Edge['way']
  readonly masking: boolean
}
export interface ReportedData {
  readonly namespace: string
  readonly name: string
  readonly columns: readonly string[]
}
export interface ReportedOutput extends ReportedData {
  readonly fields: readonly { readonly column: string; readonly from: readonly Link[] }[]
  /** What decides which rows there are. */
  readonly rows: readonly Link[]
}
/** What a run event says of lineage; everything else in it is left aside. */
export interface ReportedRun {
  readonly eventType: string
  readonly eventAt: Date
  readonly runId: string
  readonly namespace: string
  readonly name: string
  readonly inputs: readonly ReportedData[]
  readonly outputs: readonly ReportedOutput[]
}

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const TYPES: ReadonlySet<unknown> = new Set(['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER'])
const WAYS: readonly string[] = (LineageWay as unknown as { enum: string[] }).enum
const CONTROL = /\p{Cc}/u

/** Collects what is wrong, with its place; what is read wrongly comes out empty and is never used. */
class Faults {
  readonly places: Place[] = []

  add(path: string, zh: string, en: string): void {
    if (this.places.length < PLACES_MAX) this.places.push(place(path, zh, en))
  }
  object(value: unknown, path: string): Json {
    if (isObject(value)) return value
    this.add(path, '应为对象', 'must be an object')
    return {}
  }
  list(value: unknown, path: string, most: number): readonly unknown[] {
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) this.add(path, '应为数组', 'must be a list')
    else if (value.length > most) this.add(path, `超过 ${most} 项`, `has more than ${most} entries`)
    else return value
    return []
  }
  text(value: unknown, path: string, most: number): string {
    if (
      typeof value === 'string' &&
      value !== '' &&
      value.length <= most &&
      !CONTROL.test(value) &&
      value.isWellFormed()
    )
      return value
    this.add(path, `应为 1 至 ${most} 个字符的文本`, `must be a text of 1 to ${most} characters`)
    return ''
  }
}

/**
 * Reads a RunEvent of OpenLineage (2-0-2), of which the names, the columns (`schema`, `columnLineage`) and the time count.
 * Unknown facets are left aside; what is known and wrong is named with its place.
 */
export function parseEvent(body: Json): { run: ReportedRun; places: readonly Place[] } {
  const faults = new Faults()
  const eventType = body['eventType'] ?? 'OTHER'
  if (!TYPES.has(eventType)) faults.add('/eventType', '不是 OpenLineage 的事件类型', 'is no type of event')
  const eventAt = timeOf(body['eventTime'], faults)
  const runId = faults.object(body['run'], '/run')['runId']
  const isUuid = typeof runId === 'string' && UUID_KEY.test(runId.toLowerCase())
  if (!isUuid) faults.add('/run/runId', '应为 UUID', 'must be a UUID')
  const job = faults.object(body['job'], '/job')
  const inputs = faults
    .list(body['inputs'], '/inputs', DATASETS_MAX)
    .map((one, at) => dataOf(faults.object(one, `/inputs/${at}`), `/inputs/${at}`, faults))
  const places = new Map(inputs.map((one, at) => [JSON.stringify([one.namespace, one.name]), at]))
  const links = { left: LINKS_MAX }
  const outputs = faults
    .list(body['outputs'], '/outputs', DATASETS_MAX)
    .map((one, at) => outputOf(faults.object(one, `/outputs/${at}`), `/outputs/${at}`, { faults, places, links }))
  const run = {
    eventType: typeof eventType === 'string' ? eventType : '',
    eventAt,
    runId: isUuid ? runId.toLowerCase() : '',
    namespace: faults.text(job['namespace'], '/job/namespace', NAME_MAX),
    name: faults.text(job['name'], '/job/name', NAME_MAX),
    inputs,
    outputs,
  }
  return { run, places: faults.places }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

function timeOf(value: unknown, faults: Faults): Date {
  const at = typeof value === 'string' && INSTANT.test(value) ? new Date(value) : new Date(Number.NaN)
  if (Number.isNaN(at.getTime()))
    faults.add('/eventTime', '应为带时区的 ISO 8601 时间', 'must be an ISO 8601 time with its zone')
  return at
}

function dataOf(given: Json, path: string, faults: Faults): ReportedData {
  const facets = given['facets'] === undefined ? {} : faults.object(given['facets'], `${path}/facets`)
  const schema = facets['schema'] === undefined ? {} : faults.object(facets['schema'], `${path}/facets/schema`)
  const at = `${path}/facets/schema/fields`
  const columns = faults
    .list(schema['fields'], at, COLUMNS_MAX)
    .map((one, index) => faults.text(faults.object(one, `${at}/${index}`)['name'], `${at}/${index}/name`, COLUMN_MAX))
  return {
    namespace: faults.text(given['namespace'], `${path}/namespace`, NAME_MAX),
    name: faults.text(given['name'], `${path}/name`, NAME_MAX),
    columns: [...new Set(columns)],
  }
}

interface Around {
  readonly faults: Faults
  /** Place of each input by its name. */
  readonly places: ReadonlyMap<string, number>
  /** How many more links may come. */
  readonly links: { left: number }
}

const escaped = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')

function outputOf(given: Json, path: string, around: Around): ReportedOutput {
  const { faults } = around
  const data = dataOf(given, path, faults)
  const facets = isObject(given['facets']) ? given['facets'] : {}
  if (facets['columnLineage'] === undefined) return { ...data, fields: [], rows: [] }
  const at = `${path}/facets/columnLineage`
  const lineage = faults.object(facets['columnLineage'], at)
  const entries = Object.entries(faults.object(lineage['fields'] ?? {}, `${at}/fields`))
  if (entries.length > COLUMNS_MAX)
    faults.add(`${at}/fields`, `超过 ${COLUMNS_MAX} 个字段`, `has more than ${COLUMNS_MAX} columns`)
  const fields = entries.slice(0, COLUMNS_MAX).map(([column, one]) => {
    const where = `${at}/fields/${escaped(column.slice(0, COLUMN_MAX))}`
    const from = faults.object(one, where)
    return {
      column: faults.text(column, where, COLUMN_MAX),
      from: linksOf(from['inputFields'], `${where}/inputFields`, around),
    }
  })
  return {
    ...data,
    columns: [...new Set([...data.columns, ...fields.map((one) => one.column)])].slice(0, COLUMNS_MAX),
    fields,
    rows: linksOf(lineage['dataset'], `${at}/dataset`, around),
  }
}

function linksOf(value: unknown, path: string, { faults, places, links }: Around): Link[] {
  return faults.list(value, path, COLUMNS_MAX).flatMap((one, index) => {
    const where = `${path}/${index}`
    const given = faults.object(one, where)
    const column = faults.text(given['field'], `${where}/field`, COLUMN_MAX)
    const { namespace, name } = given
    const isNamed = typeof namespace === 'string' && typeof name === 'string'
    const input = isNamed ? places.get(JSON.stringify([namespace, name])) : undefined
    if (input === undefined) {
      faults.add(where, '来源不在 inputs 中', 'its dataset is none of the inputs')
      return []
    }
    const ways = faults.list(given['transformations'], `${where}/transformations`, 20)
    links.left -= Math.max(1, ways.length)
    if (links.left < 0) {
      if (links.left > -2) faults.add(path, `字段来源超过 ${LINKS_MAX} 条`, `more than ${LINKS_MAX} links of columns`)
      return []
    }
    if (ways.length === 0) return [{ input, column, way: 'TRANSFORMATION' as const, masking: false }]
    return ways.map((way, at) => ({ input, column, ...wayOf(way, `${where}/transformations/${at}`, faults) }))
  })
}

/** A subtype that is not known acts as its type does. */
function wayOf(value: unknown, path: string, faults: Faults): Pick<Link, 'way' | 'masking'> {
  const given = faults.object(value, path)
  const said = given['subtype'] ?? ''
  if (typeof said !== 'string') faults.add(`${path}/subtype`, '应为文本', 'must be a text')
  const subtype = typeof said === 'string' ? said.toUpperCase() : ''
  const isKnown = WAYS.includes(subtype)
  const way = isKnown ? (subtype as Edge['way']) : given['type'] === 'INDIRECT' ? 'CONDITIONAL' : 'TRANSFORMATION'
  return { way, masking: given['masking'] === true }
}
