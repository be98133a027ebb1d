import { PERMISSIONS, type Permission } from '@huitong/contract'
import { listRoles } from '@huitong/contract/identity'
import type { ReplyOf } from '@huitong/contract'
import { toProblem, useRead } from '../../api.ts'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'

type Role = ReplyOf<typeof listRoles>['items'][number]

export default function RolesPage() {
  const { t, say, choice, listed } = useWords()
  const read = useRead(listRoles)
  const named = (permission: string) =>
    permission in PERMISSIONS ? say(PERMISSIONS[permission as Permission]) : permission
  const columns: Column<Role>[] = [
    {
      title: t('role.name'),
      key: 'name',
      width: 180,
      render: (role) => (
        <span className="ht-two">
          {say(role.words)}
          <small className="ht-code">{role.name}</small>
        </span>
      ),
    },
    { title: t('role.scope'), key: 'scope', width: 120, render: (role) => choice('roleScope', role.scope) },
    {
      title: t('role.permissions'),
      key: 'permissions',
      render: (role) => <span className="ht-wrap">{listed(role.permissions.map(named))}</span>,
    },
  ]
  return (
    <>
      <PageHead title={t('rail.roles')} facts={t('role.help')} />
      <ListTable
        label={t('rail.roles')}
        columns={columns}
        rows={read.data?.items}
        rowKey={(role) => role.name}
        loading={read.isPending}
        problem={read.error ? toProblem(read.error) : null}
        onRetry={() => void read.refetch()}
        empty={t('role.none')}
      />
    </>
  )
}
