import { DatePicker } from 'antd'
import dayjs from 'dayjs'

interface DayFieldProps {
  readonly id?: string
  readonly value?: string
  readonly onChange?: (value: string | undefined) => void
  readonly 'aria-label'?: string
}

/** A calendar day CCYY-MM-DD, typed or picked. */
export function DayField({ value, onChange, ...rest }: DayFieldProps) {
  return (
    <DatePicker
      {...rest}
      className="ht-day"
      value={value ? dayjs(value) : null}
      onChange={(day) => onChange?.(day ? day.format('YYYY-MM-DD') : undefined)}
    />
  )
}
