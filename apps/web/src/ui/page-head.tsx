import { useEffect, useRef, type ReactNode } from 'react'
import { useWords } from '../words/index.ts'

interface PageHeadProps {
  readonly title: string
  /** Number or code of the thing. */
  readonly code?: ReactNode
  readonly state?: ReactNode
  readonly facts?: ReactNode
  readonly actions?: ReactNode
}

/** Title, code, state, facts and actions of a page. Gives the title to the browser and the focus to screen readers. */
export function PageHead({ title, code, state, facts, actions }: PageHeadProps) {
  const { t } = useWords()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`
  }, [title, t])
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) heading.current?.focus()
  }, [])
  return (
    <header className="ht-head">
      <div className="ht-head-text">
        <div className="ht-head-line">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {code && <span className="ht-code">{code}</span>}
          {state}
        </div>
        {facts && <div className="ht-head-facts">{facts}</div>}
      </div>
      {actions && <div className="ht-head-actions">{actions}</div>}
    </header>
  )
}

/** A titled part of a page. */
export function Section({
  title,
  extra,
  children,
  id,
}: {
  readonly title: string
  readonly extra?: ReactNode
  readonly children: ReactNode
  readonly id?: string
}) {
  return (
    <section className="ht-section" id={id}>
      <div className="ht-section-head">
        <h2>{title}</h2>
        {extra}
      </div>
      {children}
    </section>
  )
}

export interface Fact {
  readonly label: string
  readonly value: ReactNode
  /** Takes the whole width. */
  readonly wide?: boolean
}

/** Labelled values, two columns. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="ht-facts">
      {facts.map((fact) => (
        <div key={fact.label} className={fact.wide ? 'ht-fact ht-fact-wide' : 'ht-fact'}>
          <dt>{fact.label}</dt>
          <dd>{fact.value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  )
}
