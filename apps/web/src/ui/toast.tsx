import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons'
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react'

const SHOWN_MS = 4_000

interface Toast {
  readonly id: number
  readonly tone: 'good' | 'bad'
  readonly text: string
}
interface Say {
  good(text: string): void
  bad(text: string): void
}

const Context = createContext<Say | null>(null)

/** Holds short messages at the top of the page; screen readers hear them. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const last = useRef(0)
  const show = useCallback((tone: Toast['tone'], text: string) => {
    const id = ++last.current
    setToasts((before) => [...before, { id, tone, text }])
    setTimeout(() => setToasts((before) => before.filter((toast) => toast.id !== id)), SHOWN_MS)
  }, [])
  const say = useMemo<Say>(() => ({ good: (text) => show('good', text), bad: (text) => show('bad', text) }), [show])
  return (
    <Context value={say}>
      {children}
      <div className="ht-toasts" role="status" aria-live="polite">
        {toasts.map((toast) => (
          <div key={toast.id} className={`ht-toast ht-mark-${toast.tone}`}>
            {toast.tone === 'good' ? <CheckCircleFilled aria-hidden /> : <CloseCircleFilled aria-hidden />}
            <span>{toast.text}</span>
          </div>
        ))}
      </div>
    </Context>
  )
}

/** Says shortly that something was done, or was not. */
export function useToast(): Say {
  const say = useContext(Context)
  if (!say) throw new Error('useToast outside ToastProvider')
  return say
}
