import type { SelectedColumn, SqlForms } from '@huitong/connectors'
import type { SignedGrant, TransitColumn } from '@huitong/contract/work'
import { compileGrant, type GrantDocument, type Mask, type Predicate } from '@huitong/policy'
import { type Column, keyIdOf, parseCanonicalJson, parseColumnType, verifyBytes } from '@huitong/segment'
import type { Static } from 'typebox'
import { WorkError } from './problem.ts'

const GRANT_DOMAIN = 'huitong/grant/v1'

/** What a grant lets out of a table, as SQL for the source's own query. */
export interface Cut {
  /** One entry per column, in the order of the work. */
  readonly select: readonly (Required<SelectedColumn> & { readonly isPlain: boolean })[]
  readonly where: string | null
  /** Names and canonical types as they leave. */
  readonly columns: readonly Column[]
  /** Rows that the grant lets out in a day; one reading never seals more. */
  readonly rowsPerDayMax: number | null
}

/**
 * The cut of signed grant and work: the signature is the platform's, the grant is in force at `now`, and every column
 * of the work is among its items; else nothing is read. Rows and masks are the grant's, whatever the work says.
 * @throws WorkError `grant.signature`, `grant.inactive`, `grant.items`.
 */
export function cutByGrant(
  sql: SqlForms,
  signed: Static<typeof SignedGrant>,
  columns: readonly TransitColumn[],
  platformKey: string,
  now: Date,
): Cut {
  const { masks, rows, rowsPerDayMax } = planOf(signed, platformKey, now)
  const select = columns.map((column) => {
    const mask = maskOf(column, masks)
    return {
      expression: expressionOf(sql, column, mask),
      as: column.as,
      type: column.type,
      isPlain: isPlain(column, mask),
    }
  })
  const fields = new Map(columns.map(({ item, field }) => [item, field]))
  const where = filterSql(sql, rows, fields)
  const types = columns.map(({ as, type }) => ({ name: as, type }))
  return { select, where: where === 'true' ? null : where, columns: types, rowsPerDayMax }
}

/** What a grant lets out: the mask of each item, and which rows. */
interface GrantedPlan {
  readonly masks: ReadonlyMap<string, Mask | null>
  readonly rows: Predicate
  readonly rowsPerDayMax: number | null
}

/** The plan of a signed grant at `now`. @throws WorkError `grant.signature`, `grant.inactive`. */
export function planOf(signed: Static<typeof SignedGrant>, platformKey: string, now: Date): GrantedPlan {
  const grant = openGrant(signed, platformKey)
  const use = {
    departmentId: grant.grantee.departmentId,
    at: now.toISOString(),
    items: null,
    revoked: false,
  }
  const plan = compileGrant(grant, use)
  if (!plan.allowed) throw new WorkError('grant.inactive', plan.reason)
  const masks = new Map(plan.columns.map(({ item, mask }) => [item, mask]))
  return { masks, rows: plan.rows, rowsPerDayMax: plan.rowsPerDayMax }
}

/** Whether a column travels as its field has it: neither masked nor mapped. */
export const isPlain = ({ codes, constant }: TransitColumn, mask: Mask | null): boolean =>
  mask === null && codes === undefined && constant === undefined

/** The mask of a column. @throws WorkError `grant.items` when it is not granted. */
export function maskOf(column: TransitColumn, masks: GrantedPlan['masks']): Mask | null {
  const mask = masks.get(column.item)
  if (mask === undefined) throw new WorkError('grant.items', `item ${column.item} is not granted`)
  return mask
}

/** A filter that cannot be applied must not be left out. */
function filterSql(sql: SqlForms, rows: Predicate, fields: ReadonlyMap<string, string>): string {
  try {
    return sql.predicate(rows, (item) => {
      const field = fields.get(item)
      if (field === undefined) throw new WorkError('grant.items', `the row filter needs item ${item}`)
      return field
    })
  } catch (error) {
    // The emitter refuses what is no literal of its type; its message does not quote the literal.
    if (error instanceof RangeError) throw new WorkError('grant.items', `row filter: ${error.message}`)
    throw error
  }
}

/** A table as it is, all rows: the receiving side. */
export function wholeTable(sql: SqlForms, columns: readonly TransitColumn[]): Cut {
  return {
    select: columns.map(({ as, type }) => ({ expression: sql.column(as, type, null), as, type, isPlain: true })),
    where: null,
    columns: columns.map(({ as, type }) => ({ name: as, type })),
    rowsPerDayMax: null,
  }
}

/**
 * The same cut, narrowed to rows whose key has one of the canonical texts.
 * @throws WorkError `request.invalid` when a key has not as many texts as there are key columns.
 */
export function withKeys(sql: SqlForms, cut: Cut, key: readonly string[], keys: readonly (readonly string[])[]): Cut {
  if (key.length === 0) throw new WorkError('request.invalid', 'keys of a table without a key')
  const columns = key.map((name) => {
    const at = cut.columns.findIndex((column) => column.name === name)
    if (at < 0) throw new WorkError('request.invalid', `key column ${name} is not among the columns`)
    return { expression: cut.select[at]!.expression, type: cut.columns[at]!.type }
  })
  if (keys.some((texts) => texts.length !== key.length)) {
    throw new WorkError('request.invalid', 'a key has a wrong number of texts')
  }
  const listed = sql.keyIn(columns, keys)
  return { ...cut, where: cut.where === null ? listed : `(${cut.where}) AND ${listed}` }
}

function openGrant(signed: Static<typeof SignedGrant>, platformKey: string): GrantDocument {
  const document = Buffer.from(signed.document, 'utf8')
  if (signed.keyId !== keyIdOf(platformKey)) throw new WorkError('grant.signature', `key ${signed.keyId}`)
  if (!verifyBytes(platformKey, GRANT_DOMAIN, document, signed.signature)) {
    throw new WorkError('grant.signature', 'does not verify')
  }
  const grant = parseCanonicalJson(signed.document) as unknown as GrantDocument
  if (grant.v !== 1 || !Array.isArray(grant.items)) throw new WorkError('grant.signature', 'unknown version of a grant')
  return grant
}

/** The SQL of one column. Masks give text, so a masked column travels as a text type (or is all NULL); codes come after. */
function expressionOf(sql: SqlForms, column: TransitColumn, mask: Mask | null): string {
  if (column.constant !== undefined) return sql.constant(column.constant, column.type)
  if (column.codes !== undefined) return sql.coded(sql.column(column.field, 'text', mask), column.codes, column.as)
  const { name } = parseColumnType(column.type)
  if (mask !== null && mask !== 'null' && !['text', 'varchar', 'char'].includes(name)) {
    throw new WorkError('request.invalid', `column ${column.as} is masked and cannot travel as ${name}`)
  }
  return sql.column(column.field, column.type, mask)
}
