import { currentSession } from '@huitong/contract/identity'
import type { Permission, ReplyOf } from '@huitong/contract'
import { createContext, useContext } from 'react'

export type Session = ReplyOf<typeof currentSession>

export const SessionContext = createContext<Session | null>(null)

/** Who is signed in. Pages under the app shell always have one. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('useSession outside the app shell')
  return session
}

/** Does the person hold this permission? The server decides again; this is for what a page shows. */
export function useCan(): (permission: Permission) => boolean {
  const { permissions } = useSession()
  return (permission) => permissions.includes(permission)
}
