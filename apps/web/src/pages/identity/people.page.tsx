import {
  assignRoles,
  createPerson,
  disablePerson,
  listPeople,
  listRoles,
  resetPassword,
} from '@huitong/contract/identity'
import { THREE_ADMINISTRATORS, type BodyOf } from '@huitong/contract'
import { Checkbox, Form, Input } from 'antd'
import { useState } from 'react'
import { toProblem, useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { DepartmentSelect } from '../../parts/selects.tsx'
import { useCan, useSession } from '../../session.tsx'
import { ActionButton, type Allowance } from '../../ui/action-button.tsx'
import { Mark } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'

type Row = RowOf<typeof listPeople>

export default function PeoplePage() {
  const { t } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const [departmentId, setDepartment] = useFilter('departmentId')
  const [creating, setCreating] = useState(false)
  const [assigning, setAssigning] = useState<Row | null>(null)
  const [resetting, setResetting] = useState<Row | null>(null)
  return (
    <>
      <PageHead
        title={t('rail.people')}
        actions={
          can('person.manage') && (
            <ActionButton type="primary" allowance={allow('person.manage')} onClick={() => setCreating(true)}>
              {t('person.new')}
            </ActionButton>
          )
        }
      />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <DepartmentSelect
          value={departmentId}
          onChange={setDepartment}
          allowClear
          placeholder={t('filter.allDepartments')}
          aria-label={t('department.name')}
          className="ht-filter-wide"
        />
      </div>
      <QueryTable
        endpoint={listPeople}
        query={departmentId ? { departmentId } : {}}
        columns={useColumns(setAssigning, setResetting)}
        rowKey={(row) => row.id}
        label={t('rail.people')}
        empty={t('person.none')}
      />
      {creating && <NewPerson departmentId={departmentId} onClose={() => setCreating(false)} />}
      {assigning && <AssignRoles person={assigning} onClose={() => setAssigning(null)} />}
      {resetting && <ResetPassword person={resetting} onClose={() => setResetting(null)} />}
    </>
  )
}

function useColumns(onAssign: (row: Row) => void, onReset: (row: Row) => void): Column<Row>[] {
  const { t, say, listed } = useWords()
  const can = useCan()
  const columns: Column<Row>[] = [
    { title: t('person.name'), key: 'name', render: (row) => row.name, width: 140 },
    { title: t('login.account'), key: 'account', width: 180, render: (row) => <code>{row.account}</code> },
    { title: t('department.name'), key: 'department', render: (row) => say(row.departmentName) },
    {
      title: t('person.roles'),
      key: 'roles',
      render: (row) => listed(row.roles.map((role) => say(role.words))) || t('gate.noRole'),
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 110,
      render: (row) =>
        row.disabled ? <Mark tone="idle">{t('person.suspended')}</Mark> : <Mark tone="good">{t('person.active')}</Mark>,
    },
  ]
  if (can('person.manage') || can('role.assign'))
    columns.push({
      title: t('action.column'),
      key: 'actions',
      width: 240,
      render: (row) => (
        <span className="ht-marks">
          {can('role.assign') && <AssignButton row={row} onAssign={onAssign} />}
          {can('person.manage') && <ResetButton row={row} onReset={onReset} />}
          {can('person.manage') && <Suspend row={row} />}
        </span>
      ),
    })
  return columns
}

const SELF = { zh: '不能操作自己的账号', en: 'Not possible for your own account' }

function AssignButton({ row, onAssign }: { readonly row: Row; readonly onAssign: (row: Row) => void }) {
  const { t } = useWords()
  const { person } = useSession()
  const allow = useAllowance()
  return (
    <ActionButton
      size="small"
      allowance={row.id === person.id ? { allowed: false, reason: SELF } : allow('role.assign')}
      aria-label={`${t('person.assign')} ${row.name}`}
      onClick={() => onAssign(row)}
    >
      {t('person.assign')}
    </ActionButton>
  )
}

const BY_ADMINISTRATOR = { zh: '三员账号只能由另一位管理员重置', en: 'Only another administrator resets this one' }
const isAdministrator = (roles: Row['roles']) => roles.some((role) => THREE_ADMINISTRATORS.includes(role.name))

/** Why the person signed in may not reset this one's password; null when he may. The server decides the same. */
function useResetBar(row: Row): Allowance['reason'] {
  const { person } = useSession()
  if (row.id === person.id) return SELF
  return isAdministrator(row.roles) && !isAdministrator(person.roles) ? BY_ADMINISTRATOR : null
}

function ResetButton({ row, onReset }: { readonly row: Row; readonly onReset: (row: Row) => void }) {
  const { t } = useWords()
  const allow = useAllowance()
  const bar = useResetBar(row)
  return (
    <ActionButton
      size="small"
      allowance={bar ? { allowed: false, reason: bar } : allow('person.manage')}
      aria-label={`${t('person.reset')} ${row.name}`}
      onClick={() => onReset(row)}
    >
      {t('person.reset')}
    </ActionButton>
  )
}

function Suspend({ row }: { readonly row: Row }) {
  const { t, say } = useWords()
  const toast = useToast()
  const { person } = useSession()
  const allow = useAllowance()
  const act = useAct(disablePerson)
  const label = t(row.disabled ? 'person.resume' : 'person.suspend')
  const change = () =>
    act.run({ params: { id: row.id }, body: { disabled: !row.disabled } }, row.version).catch((error: unknown) => {
      toast.bad(say(toProblem(error).message))
    })
  return (
    <ActionButton
      size="small"
      {...(row.disabled ? {} : { danger: true })}
      allowance={row.id === person.id ? { allowed: false, reason: SELF } : allow('person.manage')}
      loading={act.busy}
      aria-label={`${label} ${row.name}`}
      onClick={() => void change()}
    >
      {label}
    </ActionButton>
  )
}

function NewPerson({ departmentId, onClose }: { readonly departmentId: string | undefined; onClose(): void }) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(createPerson)
  const send = (body: BodyOf<typeof createPerson>) =>
    act.run({ body }).then(
      () => {
        toast.good(t('person.created'))
        return onClose()
      },
      () => undefined,
    )
  return (
    <SideForm<BodyOf<typeof createPerson>>
      open
      title={t('person.new')}
      submitLabel={t('action.save')}
      busy={act.busy}
      problem={act.problem}
      initialValues={departmentId ? { departmentId } : {}}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="account"
        label={t('login.account')}
        rules={[{ required: true, min: 3, message: t('person.accountFormat') }]}
      >
        <Input maxLength={64} autoFocus autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item
        name="name"
        label={t('person.name')}
        rules={[{ required: true, whitespace: true, message: t('form.needed', { label: t('person.name') }) }]}
      >
        <Input maxLength={64} autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="departmentId"
        label={t('department.name')}
        rules={[{ required: true, message: t('department.pick') }]}
      >
        <DepartmentSelect />
      </Form.Item>
      <FirstPassword />
    </SideForm>
  )
}

function ResetPassword({ person, onClose }: { readonly person: Row; onClose(): void }) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(resetPassword)
  const send = (body: BodyOf<typeof resetPassword>) =>
    act.run({ params: { id: person.id }, body }, person.version).then(
      () => {
        toast.good(t('person.resetDone'))
        return onClose()
      },
      () => undefined,
    )
  return (
    <SideForm<BodyOf<typeof resetPassword>>
      open
      title={t('person.resetTo', { name: person.name })}
      submitLabel={t('person.reset')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{}}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p className="ht-quiet">{t('person.resetHelp')}</p>
      <FirstPassword autoFocus />
    </SideForm>
  )
}

/** The password that the administrator tells the person, for one sign-in and its change. */
function FirstPassword({ autoFocus = false }: { readonly autoFocus?: boolean }) {
  const { t } = useWords()
  return (
    <Form.Item
      name="password"
      label={t('person.firstPassword')}
      extra={t('password.rule')}
      rules={[{ required: true, message: t('login.passwordNeeded') }]}
    >
      <Input.Password maxLength={256} autoComplete="new-password" autoFocus={autoFocus} />
    </Form.Item>
  )
}

function AssignRoles({ person, onClose }: { readonly person: Row; onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(assignRoles)
  const roles = useRead(listRoles)
  const send = (body: BodyOf<typeof assignRoles>) =>
    act.run({ params: { id: person.id }, body }, person.version).then(
      () => {
        toast.good(t('action.saved'))
        return onClose()
      },
      () => undefined,
    )
  return (
    <SideForm<BodyOf<typeof assignRoles>>
      open
      title={t('person.assignTo', { name: person.name })}
      submitLabel={t('action.save')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ roles: person.roles.map((role) => role.name) }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p className="ht-quiet">{t('person.assignHelp')}</p>
      <Form.Item name="roles" label={t('person.roles')}>
        <Checkbox.Group
          className="ht-checks"
          options={(roles.data?.items ?? []).map((role) => ({ value: role.name, label: say(role.words) }))}
        />
      </Form.Item>
    </SideForm>
  )
}
