import type { Permission } from '@huitong/contract'
import { PERMISSIONS } from '@huitong/contract'
import { Outlet } from 'react-router'
import { useCan, useSession } from '../session.tsx'
import { Notice } from './notice.tsx'
import { useWords } from '../words/index.ts'

/** Lets a page through to who holds the permission; others learn which one is missing and whom to ask. */
export function Gate({ need }: { readonly need: Permission }) {
  const can = useCan()
  const { person } = useSession()
  const { t, say, listed } = useWords()
  if (can(need)) return <Outlet />
  return (
    <Notice
      code="403"
      title={t('gate.title')}
      text={t('gate.text', {
        permission: say(PERMISSIONS[need]),
        roles: listed(person.roles.map((role) => say(role.words))) || t('gate.noRole'),
      })}
    />
  )
}
