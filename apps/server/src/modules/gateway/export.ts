import { Readable } from 'node:stream'
import { callExport } from '@huitong/contract/gateway'
import { place, refuse } from '../../kernel/errors.ts'
import { bytes, serviceCall, type ServiceCall } from '../../kernel/verb.ts'
import { answerCall, stillAllowed, type CallContext, type Ground } from './answer.ts'
import { FORMATS, type Format } from './csv.ts'
import type { Gateway } from './gateway.ts'
import { filterAsked, itemsAsked, type Query } from './parameters.ts'
import { compileCall } from './plan.ts'
import { readPage, type AnswerRow } from './statements.ts'

/** Rows of one part: each part is read and settled in the account before its first byte goes out. */
const PART_ROWS = 1_000
/** How often a running export asks whether it may still run, also while its reader is slow; a revocation is seen in 5 s. */
const WATCH_MS = 2_000

interface Part {
  readonly openingId: string
  readonly items: readonly string[]
  readonly rows: readonly AnswerRow[]
  readonly last: readonly string[] | null
}

/**
 * All rows that pass a filter, as CSV or JSON lines, in the order of the key. It is a stream of parts; every part stands in
 * the account, with the versions of the grant checked, before it goes out. When the grant ends, is revoked or suspended, or
 * the rows of the day are used up, the stream breaks off without its proper end, so that nobody takes it for whole.
 */
export const callExportVerb = (gateway: Gateway): ServiceCall =>
  serviceCall<typeof callExport>({
    endpoint: callExport,
    async run(context, { params, query }) {
      const format = formatAsked(query as Query)
      const first = await readPart(gateway, context, params.code, query as Query, null)
      const body = Readable.from(partsOf(gateway, context, { code: params.code, query: query as Query, format, first }))
      cutWhenRefused(gateway, context, params.code, body)
      return bytes({
        contentType: FORMATS[format].contentType,
        body,
        fileName: `${params.code}.${format}`,
      })
    },
  })

function formatAsked(query: Query): Format {
  const wrong = ['limit', 'after'].filter((name) => name in query)
  if (wrong.length > 0)
    refuse('request.invalid', {
      places: wrong.map((name) => place(`#/query/${name}`, '导出不分页', 'an export has no pages')),
    })
  const format = query['format'] ?? 'csv'
  if (Object.hasOwn(FORMATS, format)) return format as Format
  return refuse('request.invalid', { places: [place('#/query/format', '应为 csv 或 jsonl', 'csv or jsonl')] })
}

const readPart = (
  gateway: Gateway,
  context: CallContext,
  code: string,
  query: Query,
  after: readonly string[] | null,
) =>
  answerCall<Part>(gateway, context, code, async (ground: Ground) => {
    const { service, opening, offer, times } = ground
    const items = itemsAsked(query, offer)
    const rows = filterAsked(query, offer)
    const plan = compileCall(opening, { departmentId: context.actor.departmentId, times, items, rows })
    const page = await readPage(context.services, service, plan, { limit: PART_ROWS, after })
    const reply = { openingId: opening.id, items: plan.columns.map((one) => one.item), ...page }
    return { reply, rows: page.rows.length }
  })

interface Export {
  readonly code: string
  readonly query: Query
  readonly format: Format
  readonly first: Part
}

async function* partsOf(gateway: Gateway, context: CallContext, { code, query, format, first }: Export) {
  const { head, line } = FORMATS[format]
  let part = first
  yield head(first.items) + textOf(part)
  while (part.last !== null) {
    const now = context.services.clock.now()
    part = await readPart(gateway, { ...context, now, further: true }, code, query, part.last)
    // Another grant took the first one's place: what follows would not be of the same columns and rows.
    if (part.openingId !== first.openingId) refuse('object.changed', { detail: 'another opening' })
    yield textOf(part)
  }
  function textOf({ rows, items }: Part): string {
    return rows.map((row) => line(row, items)).join('')
  }
}

/** Ends the stream from outside when the call would be refused now, whether its reader takes bytes or not. */
function cutWhenRefused(gateway: Gateway, context: CallContext, code: string, body: Readable): void {
  const { services } = context
  const timer = setInterval(() => {
    const now = services.clock.now()
    stillAllowed(gateway, { ...context, now }, code).catch((error: Error) => body.destroy(error))
  }, WATCH_MS)
  timer.unref()
  body.once('close', () => clearInterval(timer))
}
