import { currentSession } from '@huitong/contract/identity'
import { CallError } from '@huitong/contract'
import { Navigate, Outlet, useLocation, useNavigation } from 'react-router'
import { toProblem, useRead } from '../api.ts'
import { paths } from '../paths.ts'
import { SessionContext } from '../session.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { useLate } from '../ui/later.tsx'
import { useWords } from '../words/index.ts'
import { Rail } from './rail.tsx'
import { TopBar } from './top-bar.tsx'

const STARTING_EVERY_MS = 2_000

/** The shell of all pages that need a person: rail, top bar, page. Without a session it leads to the login page. */
export function AppShell() {
  const { t } = useWords()
  const location = useLocation()
  const navigation = useNavigation()
  const read = useRead(currentSession)
  const opening = useLate(navigation.state === 'loading')
  const signedOut = read.error instanceof CallError && read.error.status === 401
  if (signedOut) return <Navigate to={paths.login(location.pathname + location.search)} replace />
  if (read.data === undefined)
    return (
      <main className="ht-page ht-notice">
        {read.error ? (
          <Unreachable error={read.error} retry={() => void read.refetch()} />
        ) : (
          <p className="ht-unseen">{t('state.loading')}</p>
        )}
      </main>
    )
  if (read.data.mustChangePassword && location.pathname !== paths.password())
    return <Navigate to={paths.password()} replace />
  return (
    <SessionContext value={read.data}>
      <a className="ht-skip" href="#page">
        {t('shell.skip')}
      </a>
      <div className="ht-app">
        <Rail />
        <div className="ht-main">
          <TopBar />
          <div className="ht-opening" data-on={opening} aria-hidden />
          <main id="page" className="ht-page" tabIndex={-1}>
            <Outlet />
          </main>
        </div>
      </div>
    </SessionContext>
  )
}

/** While the platform starts or recovers the page tries again by itself. */
function Unreachable({ error, retry }: { readonly error: CallError; readonly retry: () => void }) {
  const passing = error.code === 'network' || error.status === 503
  useRead(currentSession, {}, { everyMs: () => (passing ? STARTING_EVERY_MS : false) })
  return <ErrorPanel problem={toProblem(error)} onRetry={retry} />
}
