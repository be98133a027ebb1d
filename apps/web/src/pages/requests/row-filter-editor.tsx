import type { ItemContent } from '@huitong/contract/catalogue'
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input, Radio, Select } from 'antd'
import { DayField } from '../../ui/day-field.tsx'
import { useWords } from '../../words/index.ts'
import {
  conditionFault,
  operatorsOf,
  valueTypeOf,
  type Condition,
  type Operator,
  type RowFilter,
  type ValueType,
} from './row-filter.ts'

const CONDITIONS_MAX = 50

interface RowFilterEditorProps {
  readonly id?: string
  readonly items: readonly ItemContent[]
  readonly value?: RowFilter
  readonly onChange?: (value: RowFilter) => void
}

/** Builds a row filter from conditions; no condition means all rows. */
export function RowFilterEditor({ id, items, value, onChange }: RowFilterEditorProps) {
  const { t } = useWords()
  const filter = value ?? { all: true, conditions: [] }
  const typeOf = (code: string) => valueTypeOf(items.find((item) => item.code === code)?.type)
  const set = (conditions: readonly Condition[]) => onChange?.({ ...filter, conditions })
  return (
    <div id={id} tabIndex={-1} className="ht-filter-rows">
      {filter.conditions.length === 0 && <p className="ht-quiet">{t('filterRows.allHelp')}</p>}
      {filter.conditions.length > 1 && (
        <Radio.Group
          value={filter.all}
          onChange={(event) => onChange?.({ ...filter, all: Boolean(event.target.value) })}
          aria-label={t('filterRows.join')}
          options={[
            { value: true, label: t('filterRows.everyOne') },
            { value: false, label: t('filterRows.anyOne') },
          ]}
        />
      )}
      {filter.conditions.map((condition, at) => (
        <ConditionRow
          // oxlint-disable-next-line react/no-array-index-key -- conditions have no name of their own
          key={at}
          number={at + 1}
          condition={condition}
          type={typeOf(condition.field)}
          items={items}
          onSet={(next) => set(filter.conditions.map((old, other) => (other === at ? next : old)))}
          onRemove={() => set(filter.conditions.filter((_, other) => other !== at))}
        />
      ))}
      <Button
        size="small"
        icon={<PlusOutlined aria-hidden />}
        disabled={filter.conditions.length >= CONDITIONS_MAX}
        onClick={() => set([...filter.conditions, { field: '', op: 'eq', values: [] }])}
      >
        {t('filterRows.add')}
      </Button>
    </div>
  )
}

interface ConditionRowProps {
  readonly number: number
  readonly condition: Condition
  readonly type: ValueType
  readonly items: readonly ItemContent[]
  readonly onSet: (condition: Condition) => void
  readonly onRemove: () => void
}

function ConditionRow({ number, condition, type, items, onSet, onRemove }: ConditionRowProps) {
  const { t, say, choice } = useWords()
  const fault = conditionFault(condition, type)
  return (
    <div className="ht-condition" role="group" aria-label={t('filterRows.condition', { number })}>
      <Select
        className="ht-condition-field"
        {...(condition.field ? { value: condition.field } : {})}
        placeholder={t('filterRows.pickItem')}
        aria-label={t('item.name')}
        {...(fault === 'field' ? { status: 'warning' as const } : {})}
        showSearch={{ optionFilterProp: 'label' }}
        options={items.map((item) => ({ value: item.code, label: `${say(item.name)} (${item.code})` }))}
        onChange={(field: string) => onSet({ field, op: 'eq', values: [] })}
      />
      <Select<Operator>
        className="ht-condition-op"
        value={condition.op}
        aria-label={t('filterRows.operator')}
        options={operatorsOf(type).map((op) => ({ value: op, label: choice('operator', op) }))}
        onChange={(op) =>
          onSet({ ...condition, op, values: op === 'in' ? condition.values : condition.values.slice(0, 1) })
        }
      />
      <ValueField condition={condition} type={type} wrong={fault === 'value'} onSet={onSet} />
      <Button
        type="text"
        icon={<DeleteOutlined aria-hidden />}
        aria-label={t('filterRows.remove', { number })}
        onClick={onRemove}
      />
    </div>
  )
}

interface ValueFieldProps {
  readonly condition: Condition
  readonly type: ValueType
  readonly wrong: boolean
  readonly onSet: (condition: Condition) => void
}

function ValueField({ condition, type, wrong, onSet }: ValueFieldProps) {
  const { t } = useWords()
  const { op, values } = condition
  const label = t('filterRows.value')
  const status = wrong ? { status: 'warning' as const } : {}
  const set = (next: readonly string[]) => onSet({ ...condition, values: next })
  if (op === 'isNull' || op === 'notNull') return <span className="ht-condition-value" />
  if (op === 'in')
    return (
      <Select
        className="ht-condition-value"
        mode="tags"
        value={[...values]}
        {...status}
        aria-label={label}
        placeholder={t('filterRows.many')}
        tokenSeparators={[',', '，', '、', '\n']}
        open={false}
        suffixIcon={null}
        onChange={(next: string[]) => set(next)}
      />
    )
  if (type === 'boolean')
    return (
      <Select
        className="ht-condition-value"
        {...(values[0] ? { value: values[0] } : {})}
        {...status}
        aria-label={label}
        options={[
          { value: 'true', label: t('word.yes') },
          { value: 'false', label: t('word.no') },
        ]}
        onChange={(next: string) => set([next])}
      />
    )
  if (type === 'date')
    return (
      <span className="ht-condition-value">
        <DayField
          {...(values[0] ? { value: values[0] } : {})}
          aria-label={label}
          onChange={(day) => set(day ? [day] : [])}
        />
      </span>
    )
  return (
    <Input
      className="ht-condition-value"
      value={values[0] ?? ''}
      {...status}
      aria-label={label}
      maxLength={1000}
      placeholder={type === 'timestamp' ? '2026-01-31 08:00:00' : undefined}
      onChange={(event) => set(event.target.value === '' ? [] : [event.target.value])}
    />
  )
}
