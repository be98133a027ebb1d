import { listDepartments } from '@huitong/contract/identity'
import { listSources, listTables } from '@huitong/contract/nodes'
import { Select } from 'antd'
import { useState } from 'react'
import { useRead } from '../api.ts'
import { useWords } from '../words/index.ts'

interface PickProps {
  readonly id?: string
  readonly value?: string | undefined
  readonly onChange?: (value: string | undefined) => void
  readonly allowClear?: boolean
  readonly placeholder?: string
  readonly 'aria-label'?: string
  readonly className?: string
}
const LIMIT = '200'

/** Picks a department by name. */
export function DepartmentSelect({ onChange, ...rest }: PickProps) {
  const { say, t } = useWords()
  const [q, setQ] = useState('')
  const read = useRead(listDepartments, { query: { limit: LIMIT, ...(q ? { q } : {}) } }, { keep: true })
  const options = (read.data?.items ?? []).map((item) => ({
    value: item.id,
    label: item.validTo ? `${say(item.name)} (${t('department.abolished')})` : say(item.name),
  }))
  return (
    <Select
      placeholder={t('department.pick')}
      {...rest}
      {...(rest.value === undefined ? {} : { value: rest.value })}
      onChange={(value: string | undefined) => onChange?.(value)}
      options={options}
      showSearch={{ filterOption: false, onSearch: setQ }}
      loading={read.isFetching}
    />
  )
}

/** Picks a data source, of one department or for one use. */
export function SourceSelect({
  onChange,
  departmentId,
  usage,
  ...rest
}: PickProps & { readonly departmentId?: string | undefined; readonly usage?: 'provide' | 'receive' }) {
  const { say, t } = useWords()
  const read = useRead(listSources, { query: { limit: LIMIT, ...(departmentId ? { departmentId } : {}) } })
  const options = (read.data?.items ?? [])
    .filter((source) => !usage || source.usage === usage || source.usage === 'both')
    .map((source) => ({ value: source.id, label: say(source.name) }))
  return (
    <Select
      placeholder={t('source.pick')}
      notFoundContent={t('source.none')}
      {...rest}
      {...(rest.value === undefined ? {} : { value: rest.value })}
      onChange={(value: string | undefined) => onChange?.(value)}
      options={options}
      showSearch={{ optionFilterProp: 'label' }}
      loading={read.isFetching}
    />
  )
}

/** Picks a discovered table of a data source. */
export function TableSelect({ onChange, sourceId, ...rest }: PickProps & { readonly sourceId: string | undefined }) {
  const { t } = useWords()
  const read = useRead(
    listTables,
    { params: { id: sourceId ?? '' }, query: { limit: LIMIT } },
    { enabled: sourceId !== undefined },
  )
  const options = (read.data?.items ?? []).map((table) => ({
    value: table.id,
    label: `${[table.schema, table.name].filter(Boolean).join('.')}${table.comment ? ` · ${table.comment}` : ''}`,
  }))
  return (
    <Select
      placeholder={t('table.pick')}
      notFoundContent={t('table.none')}
      {...rest}
      {...(rest.value === undefined ? {} : { value: rest.value })}
      disabled={sourceId === undefined}
      onChange={(value: string | undefined) => onChange?.(value)}
      options={options}
      showSearch={{ optionFilterProp: 'label' }}
      loading={read.isFetching}
    />
  )
}

/** Options of an enumeration with its words. */
export function useChoices(list: string, values: readonly string[]) {
  const { choice } = useWords()
  return values.map((value) => ({ value, label: choice(list, value) }))
}
