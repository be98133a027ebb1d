import { and, type Predicate } from './predicate.ts'
import type { Mask } from './mask.ts'
import { validityAt } from './validity.ts'

/** A grant (授权) as it is signed: what the answer to a request makes executable. Times are UTC ISO 8601. */
export interface GrantDocument {
  readonly v: 1
  readonly id: string
  readonly number: string
  readonly requestId: string
  readonly dataset: { readonly id: string; readonly code: string; readonly version: number }
  readonly grantor: { readonly departmentId: string }
  readonly grantee: { readonly departmentId: string }
  readonly items: readonly string[]
  readonly rowFilter: Predicate
  readonly masks: readonly { readonly item: string; readonly mask: Mask }[]
  readonly purpose: string
  readonly matterCode: string
  readonly method: 'table' | 'file' | 'service'
  readonly validFrom: string
  readonly validUntil: string
  readonly rowsPerDayMax: number | null
}

export interface PlanColumn {
  readonly item: string
  readonly mask: Mask | null
}

/** What a caller gets: columns with masks, rows, limits; or nothing, with the reason. */
export type Plan =
  | {
      readonly allowed: true
      readonly columns: readonly PlanColumn[]
      readonly rows: Predicate
      readonly rowsPerDayMax: number | null
    }
  | { readonly allowed: false; readonly reason: 'revoked' | 'not_yet' | 'expired' | 'grantee' | 'items' | 'purpose' }

export interface Use {
  /** The department that asks. */
  readonly departmentId: string
  /** Real time, UTC ISO 8601. */
  readonly at: string
  /** Legal time, where it is known: it can end a grant, and neither begin nor prolong one. */
  readonly legalAt?: string
  /** Items asked for; null asks for all that is granted. */
  readonly items: readonly string[] | null
  /** A narrower filter of the caller's own; it can only take rows away. */
  readonly rows?: Predicate
  readonly revoked: boolean
  /** Named purpose, where the way of use carries one. */
  readonly matterCode?: string
}

/**
 * Compiles a grant for one use. Default deny: anything not in the grant is refused as a whole, never cut silently.
 * Every path (segments, files, services, previews) uses this and nothing else decides.
 */
export function compileGrant(grant: GrantDocument, use: Use): Plan {
  const reason = refusal(grant, use)
  if (reason) return { allowed: false, reason }
  const masks = new Map(grant.masks.map((one) => [one.item, one.mask]))
  const items = use.items ?? grant.items
  return {
    allowed: true,
    columns: items.map((item) => ({ item, mask: masks.get(item) ?? null })),
    rows: and(grant.rowFilter, use.rows ?? { op: 'true' }),
    rowsPerDayMax: grant.rowsPerDayMax,
  }
}

function refusal(grant: GrantDocument, use: Use): Extract<Plan, { allowed: false }>['reason'] | null {
  if (use.revoked) return 'revoked'
  if (use.departmentId !== grant.grantee.departmentId) return 'grantee'
  const period = { from: new Date(grant.validFrom), until: new Date(grant.validUntil) }
  const state = validityAt(period, { now: new Date(use.at), legalNow: new Date(use.legalAt ?? use.at) })
  if (state !== 'active') return state
  if (use.matterCode !== undefined && use.matterCode !== grant.matterCode) return 'purpose'
  const granted = new Set(grant.items)
  if (use.items && (use.items.length === 0 || use.items.some((item) => !granted.has(item)))) return 'items'
  return null
}
