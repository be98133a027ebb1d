import { Tooltip } from 'antd'
import { exactNumber } from '../../ui/number.ts'
import { fill, useWords } from '../../words/index.ts'
import { BINDING } from './design-words.ts'

/** 落标率: the share of values that keep to the standards, the counts on hover; without a check it says so. */
export function Conformance({ judged, broken }: { readonly judged: string | null; readonly broken: string | null }) {
  const { say } = useWords()
  if (judged === null || broken === null || judged === '0')
    return <span className="ht-quiet">{say(BINDING.notChecked)}</span>
  const right = BigInt(judged) - BigInt(broken)
  const share = Number((right * 10_000n) / BigInt(judged)) / 100
  const counts = { right: exactNumber(right.toString()), judged: exactNumber(judged) }
  return (
    <Tooltip title={fill(say(BINDING.values), counts)}>
      <span className="ht-number">{share.toFixed(2)} %</span>
    </Tooltip>
  )
}
