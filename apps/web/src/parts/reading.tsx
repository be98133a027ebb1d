import type { CallError } from '@huitong/contract'
import type { UseQueryResult } from '@tanstack/react-query'
import { Alert } from 'antd'
import type { ReactNode } from 'react'
import { toProblem } from '../api.ts'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Later } from '../ui/later.tsx'
import { useWords } from '../words/index.ts'

interface ReadingProps<R> {
  readonly read: UseQueryResult<R, CallError>
  readonly rows?: number
  readonly children: (reply: R) => ReactNode
}

/** Shows what was read; before that its place, on failure the reason. An old reply stays, marked, while reading fails. */
export function Reading<R>({ read, rows, children }: ReadingProps<R>) {
  const { t } = useWords()
  if (read.data === undefined)
    return read.error ? (
      <ErrorPanel problem={toProblem(read.error)} onRetry={() => void read.refetch()} />
    ) : (
      <Later {...(rows === undefined ? {} : { rows })} />
    )
  return (
    <>
      {read.error && <Alert type="warning" showIcon banner title={t('state.stale')} />}
      {children(read.data)}
    </>
  )
}
