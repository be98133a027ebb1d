import { Button } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { PageHead } from '../ui/page-head.tsx'
import { useWords } from '../words/index.ts'

/** A page that only says something, and where to go on. */
export function Notice({
  code,
  title,
  text,
  children,
}: {
  readonly code: string
  readonly title: string
  readonly text: string
  readonly children?: ReactNode
}) {
  const { t } = useWords()
  return (
    <div className="ht-notice">
      <PageHead title={title} code={code} />
      <p>{text}</p>
      {children}
      <p>
        <Link to={paths.home()}>
          <Button type="primary" tabIndex={-1}>
            {t('action.home')}
          </Button>
        </Link>
      </p>
    </div>
  )
}
