import { isDirect } from '@huitong/contract/lineage'
import type { Edge, Graph, Spot } from './graph.ts'

/** The form of run events: https://openlineage.io/spec/2-0-2/OpenLineage.json. */
const SPEC = 'https://openlineage.io/spec'
const EVENT_SCHEMA = `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`
export const PRODUCER = 'urn:huitong:platform'

const facet = (file: string, version: string, values: object) => ({
  _producer: PRODUCER,
  _schemaURL: `${SPEC}/facets/${version}/${file}.json#/$defs/${file}`,
  ...values,
})

const TYPES: Readonly<Record<string, string>> = { failed: 'FAIL', stopped: 'ABORT' }

/** How jobs and data of the platform are called. */
export const namespaceOf = (jurisdiction: string): string => `huitong://${jurisdiction}`

/** A run that is over. */
export interface FinishedRun {
  readonly id: string
  readonly at: Date
  readonly kind: 'exchange' | 'recipe' | 'fusion'
  readonly job: string
  readonly problem: { readonly en?: string; readonly code?: string } | null
  readonly state: string
  readonly rows: string | null
  readonly bytes: string | null
}

interface Named {
  readonly namespace: string
  readonly name: string
}

/** One event of a finished run, with what it read, what it wrote, and which column came from which. */
export function runEvent(
  run: FinishedRun,
  given: {
    readonly jurisdiction: string
    readonly graph: Graph
    /** Into these spots the run wrote. */
    readonly output: string
    readonly nameOf: (box: string) => string
    readonly typeOf?: (spot: Spot) => string | undefined
  },
) {
  const { graph, output, typeOf } = given
  const named = (box: string): Named => ({ namespace: namespaceOf(given.jurisdiction), name: given.nameOf(box) })
  const into = graph.edges.filter((edge) => edge.to.box === output && edge.seen && graph.sees(edge.from))
  const schemaOf = (box: string, { columns } = graph.boxes.get(box)!) =>
    facet('SchemaDatasetFacet', '1-2-0', {
      fields: [...columns].flatMap(([name, { label, seen }]) => {
        if (!seen && box !== output) return []
        const type = typeOf?.({ box, column: name })
        return [{ name, ...(type === undefined ? {} : { type }), ...(label === null ? {} : { description: label.zh }) }]
      }),
    })
  // Steps that fit the table no more, or a task beyond the bounds: that it ran is told all the same.
  const facets = graph.boxes.has(output) ? { schema: schemaOf(output), columnLineage: columnLineage(into, named) } : {}
  const inputs = [...new Set(into.map((edge) => edge.from.box))]
  const failed = run.state === 'failed'
  const statistics = facet('OutputStatisticsOutputDatasetFacet', '1-0-2', {
    ...countOf('rowCount', run.rows),
    ...countOf('size', run.bytes),
  })
  return {
    eventTime: run.at.toISOString(),
    eventType: TYPES[run.state] ?? 'COMPLETE',
    producer: PRODUCER,
    schemaURL: EVENT_SCHEMA,
    run: { runId: run.id, facets: failed ? { errorMessage: errorOf(run) } : {} },
    job: {
      namespace: namespaceOf(given.jurisdiction),
      name: run.job,
      facets: {
        jobType: facet('JobTypeJobFacet', '2-0-4', {
          processingType: 'BATCH',
          integration: 'HUITONG',
          jobType: run.kind.toUpperCase(),
        }),
      },
    },
    inputs: inputs.map((box) => ({ ...named(box), facets: { schema: schemaOf(box) }, inputFacets: {} })),
    outputs: [
      {
        ...named(output),
        facets,
        outputFacets: run.state in TYPES ? {} : { outputStatistics: statistics },
      },
    ],
  }
}
export type RunEvent = ReturnType<typeof runEvent>

const errorOf = ({ problem }: FinishedRun) =>
  facet('ErrorMessageRunFacet', '1-0-1', {
    message: problem?.en ?? problem?.code ?? 'failed',
    programmingLanguage: 'TypeScript',
  })

/** Whole numbers as far as JSON carries them exactly. */
function countOf(name: string, value: string | null): Record<string, number> {
  const count = Number(value)
  return value === null || !Number.isSafeInteger(count) ? {} : { [name]: count }
}

function columnLineage(edges: readonly Edge[], named: (box: string) => Named) {
  const columns = Map.groupBy(
    edges.filter((edge) => edge.from.column !== null),
    (edge) => edge.to.column,
  )
  const fields = [...columns].flatMap(([column, all]) =>
    column === null ? [] : [[column, { inputFields: inputFields(all, named) }] as const],
  )
  const rows = columns.get(null)
  return facet('ColumnLineageDatasetFacet', '1-2-0', {
    fields: Object.fromEntries(fields),
    ...(rows === undefined ? {} : { dataset: inputFields(rows, named) }),
  })
}

function inputFields(edges: readonly Edge[], named: (box: string) => Named) {
  const same = Map.groupBy(edges, ({ from }) => JSON.stringify(from))
  return [...same.values()].map((all) => ({
    ...named(all[0]!.from.box),
    field: all[0]!.from.column!,
    transformations: all.map((edge) => ({
      type: isDirect(edge.way) ? ('DIRECT' as const) : ('INDIRECT' as const),
      subtype: edge.way,
      description: describe(edge),
      masking: edge.mask !== null,
    })),
  }))
}

const describe = ({ how, mask, says }: Edge): string =>
  says.length > 0 ? says.map((one) => one.en).join('; ') : mask === null ? how : `${how} (${mask})`
