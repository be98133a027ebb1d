import { State } from '../../parts/states.tsx'
import { Moment } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'
import type { Request } from './request.page.tsx'

/** Every step with who acted, what they said, and when. */
export function StepsTimeline({ steps }: { readonly steps: Request['steps'] }) {
  const { t, say } = useWords()
  return (
    <ol className="ht-steps">
      {steps.map((step, number) => (
        <li
          key={step.step}
          className={`ht-step ht-step-${step.state}`}
          {...(step.state === 'current' ? { 'aria-current': 'step' as const } : {})}
        >
          <span className="ht-step-number" aria-hidden>
            {number + 1}
          </span>
          <div>
            <div className="ht-step-line">
              <strong>{say(step.words)}</strong>
              <State list="stepState" value={step.state} />
              {step.legal && <small className="ht-quiet">{t('request.legalStep')}</small>}
            </div>
            {(step.actor || step.departmentName) && (
              <div className="ht-quiet">
                {[step.departmentName && say(step.departmentName), step.actor].filter(Boolean).join(' · ')}
              </div>
            )}
            {step.at && (
              <div className="ht-quiet">
                <Moment at={step.at} />
              </div>
            )}
            {step.reason && <blockquote>{step.reason}</blockquote>}
          </div>
        </li>
      ))}
    </ol>
  )
}
