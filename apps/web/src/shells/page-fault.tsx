import { Button } from 'antd'
import { useRouteError } from 'react-router'
import { toProblem } from '../api.ts'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHead } from '../ui/page-head.tsx'
import { useWords } from '../words/index.ts'

/** After an upgrade of the platform the parts of an old page are gone; loading anew fetches the new ones. */
const isMissingPart = (error: unknown) =>
  error instanceof TypeError && /dynamically imported module|module script/i.test(error.message)

/** A page that failed: says so, with a code, and offers to load it again. */
export function PageFault() {
  const error = useRouteError()
  const { t } = useWords()
  const problem = toProblem(error)
  const shown = isMissingPart(error)
    ? { ...problem, code: 'page.outdated', message: { zh: t('fault.outdated'), en: t('fault.outdated') } }
    : problem
  return (
    <main className="ht-page ht-notice">
      <PageHead title={t('fault.title')} />
      <ErrorPanel problem={shown}>
        {error instanceof Error && <p className="ht-quiet">{error.message.slice(0, 300)}</p>}
      </ErrorPanel>
      <p>
        <Button type="primary" onClick={() => location.reload()}>
          {t('action.reload')}
        </Button>
      </p>
    </main>
  )
}
