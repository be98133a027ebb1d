import { Button, Tooltip, type ButtonProps } from 'antd'
import { useId } from 'react'
import type { Said } from '../words/index.ts'
import { useWords } from '../words/index.ts'

/** What the person may do, as the server says it. */
export interface Allowance {
  readonly allowed: boolean
  readonly reason: Said | null
}

export interface ActionButtonProps extends Omit<ButtonProps, 'disabled'> {
  readonly allowance: Allowance
}

/**
 * A button that stays reachable by keyboard when it is forbidden and says why: a disabled button could not be
 * focused, and its reason never be heard.
 */
export function ActionButton({ allowance, onClick, className, children, htmlType, ...rest }: ActionButtonProps) {
  const { say, t } = useWords()
  const reasonId = useId()
  if (allowance.allowed)
    return (
      <Button {...rest} {...(htmlType ? { htmlType } : {})} {...(className ? { className } : {})} onClick={onClick}>
        {children}
      </Button>
    )
  const reason = allowance.reason ? say(allowance.reason) : t('action.forbidden')
  return (
    <Tooltip title={reason} trigger={['hover', 'focus']}>
      <Button
        {...rest}
        type="default"
        className={`ht-forbidden ${className ?? ''}`}
        aria-disabled
        aria-describedby={reasonId}
        onClick={(event) => event.preventDefault()}
      >
        {children}
        <span id={reasonId} className="ht-unseen">
          {reason}
        </span>
      </Button>
    </Tooltip>
  )
}
