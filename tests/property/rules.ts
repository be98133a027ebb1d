import type { Dataset, Grant, Person, Request } from './world.ts'

/**
 * The rules of who sees what, a second time: written down from the regulation's roles and not from `packages/policy`.
 */
export const READS_CATALOGUE = ['data_officer', 'department_head', 'authority', 'data_centre', 'developer']
export const READS_REQUESTS = ['data_officer', 'department_head', 'authority', 'data_centre']
export const READS_GRANTS = [...READS_REQUESTS, 'developer']
/** Roles that read requests and grants of the whole jurisdiction. Wide sight for something else does not widen these. */
export const OVERSEES = ['authority', 'data_centre']

export const holds = (person: Person, roles: readonly string[]) => person.roles.some((one) => roles.includes(one))
export const isHome = (person: Person, one: { jurisdiction: string }) =>
  person.department.jurisdiction === one.jurisdiction

export function seesPending(person: Person, one: Dataset): boolean {
  if (!holds(person, READS_CATALOGUE) || one.pending === null || !isHome(person, one.department)) return false
  return one.department.id === person.department.id || (one.pending === 'signed' && holds(person, ['authority']))
}
export const seesDataset = (person: Person, one: Dataset): boolean =>
  holds(person, READS_CATALOGUE) && isHome(person, one.department) && (one.published || seesPending(person, one))

export function seesRequest(person: Person, one: Request): boolean {
  if (!holds(person, READS_REQUESTS) || !isHome(person, one.provider)) return false
  if (holds(person, OVERSEES) || one.applicant.id === person.department.id) return true
  return one.provider.id === person.department.id && one.reachedProvider
}
export function seesGrant(person: Person, one: Grant): boolean {
  if (!holds(person, READS_GRANTS) || !isHome(person, one.provider)) return false
  return holds(person, OVERSEES) || [one.applicant.id, one.provider.id].includes(person.department.id)
}
export function stateOf(one: Grant): string {
  if (one.revoked) return 'revoked'
  if (one.from > new Date()) return 'not_yet'
  return one.until > new Date() ? 'active' : 'expired'
}

export const READS_REPORT = [...READS_REQUESTS, 'operator']
/** Roles whose report holds every department. */
export const SURVEYS = [...OVERSEES, 'operator']
