import type { Permission } from '@huitong/contract'
import { useSession } from '../session.tsx'
import type { Allowance } from '../ui/action-button.tsx'

interface Action extends Allowance {
  readonly name: string
}

const NO_PERMISSION = {
  zh: '您的角色没有这项权限',
  en: 'Your role does not hold this permission',
} as const

/**
 * May the person do this? The server's own word about the object comes first; where it says nothing, the permissions
 * of the session decide. Names are accepted whole (`exchange.run.start`) or by their last parts (`run.start`, `start`).
 */
export function allowanceOf(
  actions: readonly Action[],
  names: readonly string[],
  permissions: readonly string[],
  needed: Permission,
): Allowance {
  for (const name of names) {
    const found = actions.find((action) => action.name === name || action.name.endsWith(`.${name}`))
    if (found) return found
  }
  return permissions.includes(needed) ? { allowed: true, reason: null } : { allowed: false, reason: NO_PERMISSION }
}

/** {@link allowanceOf} for the person signed in. */
export function useAllowance(actions: readonly Action[] = []) {
  const { permissions } = useSession()
  return (needed: Permission, ...names: string[]): Allowance => allowanceOf(actions, names, permissions, needed)
}
