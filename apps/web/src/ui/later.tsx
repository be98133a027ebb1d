import { Skeleton } from 'antd'
import { useEffect, useState } from 'react'
import { useWords } from '../words/index.ts'

const SKELETON_AFTER_MS = 300

/** True once a wait has lasted long enough to be worth showing. */
export function useLate(waiting: boolean, afterMs = SKELETON_AFTER_MS): boolean {
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (!waiting) return
    const timer = setTimeout(() => setLate(true), afterMs)
    return () => {
      clearTimeout(timer)
      setLate(false)
    }
  }, [waiting, afterMs])
  return waiting && late
}

/** Holds the place of something that is being read; draws nothing in the first 300 ms. */
export function Later({ rows = 6 }: { readonly rows?: number }) {
  const { t } = useWords()
  const late = useLate(true)
  return (
    <div className="ht-later" style={{ minHeight: rows * 36 }} aria-busy="true" aria-live="polite">
      {late && (
        <>
          <span className="ht-unseen">{t('state.loading')}</span>
          <Skeleton active={false} title={false} paragraph={{ rows }} />
        </>
      )}
    </div>
  )
}
