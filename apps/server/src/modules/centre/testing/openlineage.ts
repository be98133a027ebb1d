import shapes from './openlineage-shapes.json' with { type: 'json' }

/**
 * What the classes of the published Python client of OpenLineage say an event is made of: a field's type, with `!` where it has
 * no default. They are generated from the schema of the specification; the file beside this one was made from them.
 */
const CLASSES: Readonly<Record<string, { schema: string | null; fields: Readonly<Record<string, string>> }>> =
  shapes.classes
const FACETS: Readonly<Record<string, string>> = {
  schema: 'SchemaDatasetFacet',
  columnLineage: 'ColumnLineageDatasetFacet',
  outputStatistics: 'OutputStatisticsOutputDatasetFacet',
  jobType: 'JobTypeJobFacet',
  errorMessage: 'ErrorMessageRunFacet',
}
const FORMS: Readonly<Record<string, (value: unknown) => boolean>> = {
  str: (value) => typeof value === 'string',
  int: (value) => Number.isSafeInteger(value),
  bool: (value) => typeof value === 'boolean',
  EventType: (value) => shapes.eventTypes.includes(value as string),
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every place of a run event that is not as the specification has it. */
export function openLineageFaults(event: unknown): string[] {
  const faults = faultsOf(event, 'RunEvent', '')
  if (isObject(event)) {
    if (event['schemaURL'] !== CLASSES['RunEvent']!.schema) faults.push('/schemaURL')
    if (!URL.canParse(String(event['producer']))) faults.push('/producer')
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(event['eventTime']))) faults.push('/eventTime')
  }
  return faults
}

function faultsOf(value: unknown, type: string, path: string): string[] {
  const form = FORMS[type]
  if (form) return form(value) ? [] : [`${path}: not ${type}`]
  const list = /^list\[(\w+)\]$/.exec(type)
  if (list)
    return Array.isArray(value)
      ? value.flatMap((one, at) => faultsOf(one, list[1]!, `${path}/${at}`))
      : [`${path}: not a list`]
  if (!isObject(value)) return [`${path}: not an object`]
  const map = /^dict\[str, (\w+)\]$/.exec(type)
  if (map)
    return Object.entries(value).flatMap(([key, one]) => {
      if (!map[1]!.endsWith('Facet')) return faultsOf(one, map[1]!, `${path}/${key}`)
      const facet = FACETS[key]
      if (facet === undefined) return [`${path}/${key}: unknown facet`]
      const { _schemaURL: url, _producer: producer } = one as Record<string, unknown>
      const base = url === CLASSES[facet]!.schema && URL.canParse(String(producer)) ? [] : [`${path}/${key}/_schemaURL`]
      return [...base, ...faultsOf(one, facet, `${path}/${key}`)]
    })
  const fields = CLASSES[type]?.fields
  if (fields === undefined) return [`${path}: unknown type ${type}`]
  return [
    ...Object.keys(value).flatMap((key) => (Object.hasOwn(fields, key) ? [] : [`${path}/${key}: unknown`])),
    ...Object.entries(fields).flatMap(([key, given]) => {
      const is = value[key]
      if (is === undefined) return given.endsWith('!') ? [`${path}/${key}: missing`] : []
      return faultsOf(is, given.replace('!', ''), `${path}/${key}`)
    }),
  ]
}
