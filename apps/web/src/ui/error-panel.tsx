import { Alert, Button } from 'antd'
import type { ReactNode } from 'react'
import { useWords } from '../words/index.ts'
import type { Problem } from './problem.ts'

/** One rule may be broken in several ways; people need to read it once. */
function distinct(places: Problem['places']): Problem['places'] {
  const keys = places.map((place) => `${place.path} ${place.problem.zh}`)
  return places.filter((_, at) => keys.indexOf(keys[at]!) === at)
}

interface ErrorPanelProps {
  readonly problem: Problem
  readonly onRetry?: (() => void) | undefined
  /** What to do, where the page knows better than the code. */
  readonly children?: ReactNode
  /** Leads to the field of a place, where the page has one. */
  readonly onPlace?: ((path: string) => void) | undefined
}

/** What happened, where, what to do, and the code that can be searched in the docs. */
export function ErrorPanel({ problem, onRetry, children, onPlace }: ErrorPanelProps) {
  const { t, say } = useWords()
  const places = distinct(problem.places)
  return (
    <Alert
      className="ht-error"
      type="error"
      showIcon
      role="alert"
      title={say(problem.message)}
      description={
        <>
          {places.length > 0 && (
            <ul className="ht-places">
              {places.map((place) => (
                <li key={`${place.path} ${place.problem.zh}`}>
                  {onPlace ? (
                    <Button type="link" size="small" className="ht-inline-link" onClick={() => onPlace(place.path)}>
                      {say(place.problem)}
                    </Button>
                  ) : (
                    <>
                      {say(place.problem)} {place.path && <code>{place.path}</code>}
                    </>
                  )}
                </li>
              ))}
            </ul>
          )}
          {children}
          <p className="ht-error-code">
            {t('error.code')} <code>{problem.code}</code>
            {problem.requestId && (
              <>
                {' · '}
                {t('error.request')} <code>{problem.requestId}</code>
              </>
            )}
          </p>
        </>
      }
      action={
        onRetry && (
          <Button size="small" onClick={onRetry}>
            {t('action.retry')}
          </Button>
        )
      }
    />
  )
}
