import { Outlet } from 'react-router'
import { useWords } from '../words/index.ts'
import { Switches } from './switches.tsx'

/** The shell of pages that need no session. */
export function PlainShell() {
  const { t } = useWords()
  return (
    <div className="ht-plain">
      <header className="ht-plain-bar">
        <img src="/mark.svg" alt="" width={24} height={24} />
        <span className="ht-plain-name">{t('app.name')}</span>
        <span className="ht-grow" />
        <Switches />
      </header>
      <main className="ht-plain-main">
        <Outlet />
      </main>
    </div>
  )
}
