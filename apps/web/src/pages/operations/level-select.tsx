import { Select } from 'antd'
import { useChoices } from '../../parts/selects.tsx'
import { useWords } from '../../words/index.ts'

const LEVELS = ['1', '2', '3'] as const

/** Filters by level. */
export function LevelSelect({
  value,
  onChange,
}: {
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
}) {
  const { t } = useWords()
  return (
    <Select
      key={value ?? ''}
      {...(value ? { value } : {})}
      onChange={(next: string | undefined) => onChange(next)}
      options={useChoices('alertLevel', LEVELS)}
      allowClear
      placeholder={t('alert.allLevels')}
      aria-label={t('alert.level')}
      className="ht-filter"
    />
  )
}
