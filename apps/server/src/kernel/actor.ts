import type { Viewer } from '@huitong/policy'
import { SYSTEM_ROWS, type RowContext } from './db.ts'

export interface Person {
  readonly kind: 'person'
  readonly id: string
  readonly name: string
  readonly departmentId: string
  readonly jurisdiction: string
  readonly roles: readonly string[]
  readonly permissions: ReadonlySet<string>
  /** Those of the permissions that some role gives for the whole jurisdiction, not only the own department. */
  readonly wide: ReadonlySet<string>
  /** Somebody else chose the password: until it is changed the session opens nothing else. */
  readonly mustChangePassword: boolean
}
export interface NodeActor {
  readonly kind: 'node'
  readonly id: string
  readonly name: string
  readonly departmentId: string
  readonly jurisdiction: string
  readonly keyId: string
}
/** An application of a using system, by its signed call. */
export interface ApplicationActor {
  readonly kind: 'application'
  readonly id: string
  readonly name: string
  readonly departmentId: string
  readonly jurisdiction: string
  readonly appId: string
  readonly version: number
  readonly call: SignedFacts
}
/** What a call says of itself, after its signature or its token was found good. */
export interface SignedFacts {
  /** Used once; null for a call by an access token, which has none. */
  readonly nonce: string | null
  readonly matter: string
  /** Canonical query and digest of the body: what was asked. */
  readonly asked: string
}
/** The platform itself: jobs and event subscribers, by name. */
export interface SystemActor {
  readonly kind: 'system'
  readonly id: string
  readonly name: string
  readonly departmentId: null
  readonly jurisdiction: string
}
export interface PublicActor {
  readonly kind: 'public'
  readonly id: 'public'
  readonly name: string
  readonly departmentId: null
  readonly jurisdiction: string
}

export type Actor = Person | NodeActor | ApplicationActor | SystemActor | PublicActor

export const systemActor = (name: string): SystemActor => ({
  kind: 'system',
  id: name,
  name,
  departmentId: null,
  jurisdiction: '',
})
export const PUBLIC: PublicActor = {
  kind: 'public',
  id: 'public',
  name: 'public',
  departmentId: null,
  jurisdiction: '',
}

/** What row-level security lets the actor's transactions see. */
export function rowsOf(actor: Actor): RowContext {
  if (actor.kind === 'system') return SYSTEM_ROWS
  if (actor.kind === 'public') return { scope: 'none', jurisdiction: '', departmentId: null }
  // The coarse fence: who holds nothing beyond the own department sees no other's rows; policy decides the rest.
  const scope = actor.kind === 'person' && actor.wide.size > 0 ? 'jurisdiction' : 'department'
  return { scope, jurisdiction: actor.jurisdiction, departmentId: actor.departmentId, actorId: actor.id }
}

/** The actor as policy sees it. */
export const viewerOf = (person: Person): Viewer => ({
  departmentId: person.departmentId,
  permissions: person.permissions,
  wide: person.wide,
})
