import { abolishDepartment, createDepartment, listDepartments, renameDepartment } from '@huitong/contract/identity'
import type { BodyOf } from '@huitong/contract'
import { Button, Form, Input, Select } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { DepartmentSelect, useChoices } from '../../parts/selects.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { Mark } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { dayWithWeekday } from '../../ui/time.ts'
import { useToast } from '../../ui/toast.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'

type Row = RowOf<typeof listDepartments>
type Open = { what: 'new' } | { what: 'rename' | 'abolish'; row: Row } | null

export default function DepartmentsPage() {
  const { t } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const [q, setQ] = useFilter('q')
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  return (
    <>
      <PageHead
        title={t('rail.departments')}
        actions={
          can('department.manage') && (
            <ActionButton
              type="primary"
              allowance={allow('department.manage')}
              onClick={() => setOpen({ what: 'new' })}
            >
              {t('department.new')}
            </ActionButton>
          )
        }
      />
      <div className="ht-filters" role="search">
        <Input.Search
          key={q ?? ''}
          defaultValue={q ?? ''}
          onSearch={(value) => setQ(value.trim())}
          placeholder={t('department.search')}
          aria-label={t('department.search')}
          maxLength={64}
          allowClear
          enterButton={<Button>{t('filter.search')}</Button>}
          className="ht-filter-search"
        />
      </div>
      <QueryTable
        endpoint={listDepartments}
        query={q ? { q } : {}}
        columns={useColumns(setOpen)}
        rowKey={(row) => row.id}
        label={t('rail.departments')}
        empty={t(q ? 'department.noneFound' : 'department.none')}
      />
      {open?.what === 'new' && <NewDepartment onClose={close} />}
      {open?.what === 'rename' && <Rename row={open.row} onClose={close} />}
      {open?.what === 'abolish' && <Abolish row={open.row} onClose={close} />}
    </>
  )
}

function useColumns(setOpen: (open: Open) => void): Column<Row>[] {
  const { t, say, choice, language } = useWords()
  const can = useCan()
  const columns: Column<Row>[] = [
    {
      title: t('department.name'),
      key: 'name',
      render: (row) => <Link to={paths.people(row.id)}>{say(row.name)}</Link>,
    },
    { title: t('department.creditCode'), key: 'code', width: 200, render: (row) => <code>{row.creditCode}</code> },
    { title: t('department.division'), key: 'division', render: (row) => row.division, width: 100 },
    { title: t('department.kind'), key: 'kind', width: 120, render: (row) => choice('departmentKind', row.kind) },
    {
      title: t('department.validFrom'),
      key: 'from',
      width: 150,
      render: (row) => <span className="ht-number">{dayWithWeekday(row.validFrom, language)}</span>,
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 200,
      render: (row) =>
        row.validTo ? (
          <Mark tone="idle">{t('department.abolishedOn', { day: row.validTo })}</Mark>
        ) : (
          <Mark tone="good">{t('department.inForce')}</Mark>
        ),
    },
  ]
  if (can('department.manage'))
    columns.push({
      title: t('action.column'),
      key: 'actions',
      width: 150,
      render: (row) =>
        !row.validTo && (
          <span className="ht-marks">
            <Button size="small" onClick={() => setOpen({ what: 'rename', row })}>
              {t('department.rename')}
            </Button>
            <Button size="small" danger onClick={() => setOpen({ what: 'abolish', row })}>
              {t('department.abolish')}
            </Button>
          </span>
        ),
    })
  return columns
}

type NewBody = BodyOf<typeof createDepartment>

function NewDepartment({ onClose }: { onClose(): void }) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(createDepartment)
  const kinds = useChoices('departmentKind', ['department', 'bureau', 'data_centre', 'institution'])
  const send = ({ name, parentId, ...rest }: NewBody) =>
    act
      .run({
        body: {
          ...rest,
          name: { zh: name.zh, ...(name.en ? { en: name.en } : {}) },
          ...(parentId ? { parentId } : {}),
        },
      })
      .then(
        () => {
          toast.good(t('action.saved'))
          return onClose()
        },
        () => undefined,
      )
  const needed = (label: string) => [{ required: true, message: t('form.needed', { label }) }]
  return (
    <SideForm<NewBody>
      open
      title={t('department.new')}
      submitLabel={t('action.save')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ kind: 'department' }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item name={['name', 'zh']} label={t('department.nameZh')} rules={needed(t('department.nameZh'))}>
        <Input maxLength={128} autoFocus />
      </Form.Item>
      <Form.Item name={['name', 'en']} label={t('department.nameEn')}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item
        name="creditCode"
        label={t('department.creditCode')}
        rules={[{ required: true, len: 18, message: t('department.creditCodeLength') }]}
      >
        <Input maxLength={18} spellCheck={false} />
      </Form.Item>
      <Form.Item
        name="division"
        label={t('department.division')}
        rules={[{ required: true, pattern: /^\d{6}$/, message: t('department.divisionFormat') }]}
      >
        <Input maxLength={6} inputMode="numeric" />
      </Form.Item>
      <Form.Item name="kind" label={t('department.kind')} rules={needed(t('department.kind'))}>
        <Select options={kinds} />
      </Form.Item>
      <Form.Item name="parentId" label={t('department.parent')}>
        <DepartmentSelect allowClear />
      </Form.Item>
      <Form.Item name="validFrom" label={t('department.validFrom')} rules={needed(t('department.validFrom'))}>
        <DayField />
      </Form.Item>
    </SideForm>
  )
}

interface RowFormProps {
  readonly row: Row
  onClose(): void
}

function Rename({ row, onClose }: RowFormProps) {
  const { t } = useWords()
  const act = useAct(renameDepartment)
  const send = ({ name }: BodyOf<typeof renameDepartment>) =>
    act
      .run(
        { params: { id: row.id }, body: { name: { zh: name.zh, ...(name.en ? { en: name.en } : {}) } } },
        row.version,
      )
      .then(onClose, () => undefined)
  return (
    <SideForm<BodyOf<typeof renameDepartment>>
      open
      title={t('department.rename')}
      submitLabel={t('action.save')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ name: row.name }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name={['name', 'zh']}
        label={t('department.nameZh')}
        rules={[{ required: true, whitespace: true, message: t('form.needed', { label: t('department.nameZh') }) }]}
      >
        <Input maxLength={128} autoFocus />
      </Form.Item>
      <Form.Item name={['name', 'en']} label={t('department.nameEn')}>
        <Input maxLength={128} />
      </Form.Item>
    </SideForm>
  )
}

function Abolish({ row, onClose }: RowFormProps) {
  const { t, say } = useWords()
  const act = useAct(abolishDepartment)
  const send = (body: BodyOf<typeof abolishDepartment>) =>
    act.run({ params: { id: row.id }, body }, row.version).then(onClose, () => undefined)
  return (
    <SideForm<BodyOf<typeof abolishDepartment>>
      open
      danger
      title={t('department.abolishTitle', { name: say(row.name) })}
      submitLabel={t('department.abolish')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{t('department.abolishHelp')}</p>
      <Form.Item
        name="successorId"
        label={t('department.successor')}
        rules={[{ required: true, message: t('department.pick') }]}
      >
        <DepartmentSelect />
      </Form.Item>
      <Form.Item
        name="validTo"
        label={t('department.validTo')}
        rules={[{ required: true, message: t('form.needed', { label: t('department.validTo') }) }]}
      >
        <DayField />
      </Form.Item>
    </SideForm>
  )
}
