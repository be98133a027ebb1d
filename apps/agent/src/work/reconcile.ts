import type { Database } from '@huitong/connectors'
import type { ReconcileInput, ReconcileResult } from '@huitong/contract/work'
import { type DigestPlan, type RowDigest, SUM_MODULUS } from '@huitong/segment'
import type { WorkContext } from '../context.ts'
import { type Cut, cutByGrant, wholeTable } from '../cut.ts'
import { WorkError } from '../problem.ts'
import { throughRestarts } from '../retry.ts'
import { openDatabase, openSecret } from '../source.ts'
import { livingCut } from './changes.ts'

const SECRET_INFO = 'huitong/digest-secret/v1'
/** Most rows of a drill-down; the contract's own limit. */
const ROWS_MAX = 200_000

/**
 * One side of a reconciliation: sums per bucket, or the rows of some buckets. The source side is cut by the grant in
 * the same way as reading, so that masked values are compared as they were sent.
 * @throws WorkError `grant.*`, `reconciliation.too_large`; ConnectorError; SegmentError `bad_argument`.
 */
export async function reconcile(input: ReconcileInput, context: WorkContext): Promise<ReconcileResult> {
  const database = await openDatabase(input.source, context.keys)
  const cut = cutOf(input, database, context)
  const secret = await openSecret(input.secret, context.keys, SECRET_INFO)
  const plan = {
    schema: input.table.schema,
    table: input.table.name,
    key: input.key,
    columns: cut.columns.map((column, i) => ({ ...column, expression: cut.select[i]!.expression })),
    buckets: input.buckets,
    where: cut.where,
  }
  const { snapshot } = input
  if (snapshot !== undefined && !context.snapshots.hasAny(snapshot)) throw new WorkError('log.snapshot', snapshot)
  const options = { hop: input.side, ...(snapshot === undefined ? {} : { snapshot }) }
  return throughRestarts(context.signal, async () => {
    const at = new Date().toISOString()
    if (input.drill === null) {
      const buckets = await database.bucketSums(plan, secret, options)
      return { rows: total(buckets), buckets: [...buckets], rowDigests: [], at }
    }
    const rows = await database.bucketsRows(plan, secret, input.drill, ROWS_MAX + 1, options)
    if (rows.length > ROWS_MAX) throw new WorkError('reconciliation.too_large', `over ${ROWS_MAX} rows`)
    const buckets = sumsOf(rows)
    const inFlight = await keysInFlight(input, database, plan, secret)
    return { rows: total(buckets), buckets, rowDigests: rows.map(toRow), ...inFlight, at }
  })
}

/** What is compared: all of the receiving table, and of the source what the grant lets out. */
function cutOf(input: ReconcileInput, { sql }: Database, { identity }: WorkContext): Cut {
  if (input.side === 'target') return wholeTable(sql, input.columns)
  const cut = cutByGrant(sql, grantOf(input), input.columns, identity.platform.signingKey, new Date())
  return livingCut(sql, cut, input.changes?.convention)
}

/** Keys of the drilled buckets that may have changed after the position, whether they are there or not. */
async function keysInFlight(
  input: ReconcileInput,
  database: Database,
  plan: DigestPlan,
  secret: Buffer,
): Promise<Pick<ReconcileResult, 'inFlight'>> {
  const since = input.changes?.since ?? null
  if (input.side !== 'source' || since === null || input.drill === null) return {}
  const { convention, lagSeconds } = input.changes!
  const keys = plan.columns.filter(({ name }) => input.key.includes(name))
  const moving = { ...plan, columns: keys, where: database.sql.changedSince(convention, since, lagSeconds) }
  const rows = await database.bucketsRows(moving, secret, input.drill, ROWS_MAX + 1, { hop: input.side })
  if (rows.length > ROWS_MAX) throw new WorkError('reconciliation.too_large', `over ${ROWS_MAX} rows in flight`)
  return { inFlight: rows.map((row) => toRow(row).key) }
}

/** A source without a grant is not read. */
function grantOf(input: ReconcileInput) {
  if (input.grant === null) throw new WorkError('grant.inactive', 'no grant came with the work')
  return input.grant
}

const total = (buckets: readonly { readonly rows: string }[]) =>
  buckets.reduce((sum, { rows }) => sum + BigInt(rows), 0n).toString()

function sumsOf(rows: readonly RowDigest[]): ReconcileResult['buckets'] {
  const byBucket = Map.groupBy(rows, ({ bucket }) => bucket)
  return [...byBucket].map(([bucket, members]) => {
    const sum = members.reduce((total, { digest }) => (total + BigInt(`0x${digest}`)) % SUM_MODULUS, 0n)
    return { bucket, rows: String(members.length), sum: sum.toString() }
  })
}

function toRow({ key, digest }: RowDigest): ReconcileResult['rowDigests'][number] {
  const texts = key.map((text) => {
    if (text === null) throw new WorkError('source.changed', 'a key column holds NULL')
    return text
  })
  return { key: texts, digest }
}
