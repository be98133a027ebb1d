import type { SignedGrant, TransitColumn } from '@huitong/contract/work'
import {
  compileGrant,
  emitPostgres,
  quoteIdentifier,
  type GrantDocument,
  type Mask,
  maskPostgres,
  type Predicate,
  quoteText,
} from '@huitong/policy'
import {
  canonicalTextSql,
  type Column,
  keyIdOf,
  parseCanonicalJson,
  parseColumnType,
  postgresType,
  verifyBytes,
} from '@huitong/segment'
import type { Static } from 'typebox'
import { WorkError } from './problem.ts'

const GRANT_DOMAIN = 'huitong/grant/v1'

/** What a grant lets out of a table, as SQL for the source's own query. */
export interface Cut {
  /** One entry per column, in the order of the work. */
  readonly select: readonly { readonly expression: string; readonly as: string; readonly masked: boolean }[]
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
  signed: Static<typeof SignedGrant>,
  columns: readonly TransitColumn[],
  platformKey: string,
  now: Date,
): Cut {
  const { masks, rows, rowsPerDayMax } = planOf(signed, platformKey, now)
  const select = columns.map((column) => {
    const mask = maskOf(column, masks)
    return { expression: expressionOf(column, mask), as: column.as, masked: mask !== null }
  })
  const fields = new Map(columns.map(({ item, field }) => [item, field]))
  const where = filterSql(rows, fields)
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

/** The mask of a column. @throws WorkError `grant.items` when it is not granted. */
export function maskOf(column: TransitColumn, masks: GrantedPlan['masks']): Mask | null {
  const mask = masks.get(column.item)
  if (mask === undefined) throw new WorkError('grant.items', `item ${column.item} is not granted`)
  return mask
}

/** A filter that cannot be applied must not be left out. */
function filterSql(rows: Predicate, fields: ReadonlyMap<string, string>): string {
  try {
    return emitPostgres(rows, (item) => {
      const field = fields.get(item)
      if (field === undefined) throw new WorkError('grant.items', `the row filter needs item ${item}`)
      return quoteIdentifier(field)
    })
  } catch (error) {
    // The emitter refuses what is no literal of its type; its message does not quote the literal.
    if (error instanceof RangeError) throw new WorkError('grant.items', `row filter: ${error.message}`)
    throw error
  }
}

/** A table as it is, all rows: the receiving side. */
export function wholeTable(columns: readonly TransitColumn[]): Cut {
  return {
    select: columns.map(({ as }) => ({ expression: quoteIdentifier(as), as, masked: false })),
    where: null,
    columns: columns.map(({ as, type }) => ({ name: as, type })),
    rowsPerDayMax: null,
  }
}

/**
 * The same cut, narrowed to rows whose key has one of the canonical texts.
 * @throws WorkError `request.invalid` when a key has not as many texts as there are key columns.
 */
export function withKeys(cut: Cut, key: readonly string[], keys: readonly (readonly string[])[]): Cut {
  if (key.length === 0) throw new WorkError('request.invalid', 'keys of a table without a key')
  const texts = key.map((name) => {
    const at = cut.columns.findIndex((column) => column.name === name)
    if (at < 0) throw new WorkError('request.invalid', `key column ${name} is not among the columns`)
    return `(${canonicalTextSql(cut.select[at]!.expression, cut.columns[at]!.type)}) COLLATE "C"`
  })
  const rows = keys.map((texts) => {
    if (texts.length !== key.length) throw new WorkError('request.invalid', 'a key has a wrong number of texts')
    return `(${texts.map(quoteText).join(', ')})`
  })
  const listed = rows.length === 0 ? 'false' : `(${texts.join(', ')}) IN (VALUES ${rows.join(', ')})`
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

/**
 * The SQL of one column. Masks give text, so a masked column travels as a text type (or is all NULL). Whatever travels
 * as `text` is cast, so that types without a canonical form read the same here and in a digest.
 */
function expressionOf(column: TransitColumn, mask: Mask | null): string {
  const field = quoteIdentifier(column.field)
  const { name } = parseColumnType(column.type)
  if (mask === null) return name === 'text' ? `(${field})::text` : field
  const masked = `(${maskPostgres(mask, field)})`
  if (name === 'text') return masked
  if (mask !== 'null' && name !== 'varchar' && name !== 'char') {
    throw new WorkError('request.invalid', `column ${column.as} is masked and cannot travel as ${name}`)
  }
  return `${masked}::${postgresType(column.type)}`
}
