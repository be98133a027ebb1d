import type { AlertRule } from '../alert-rule.ts'
import { checkFailed } from './check-failed.ts'
import { channelBehind } from './channel-behind.ts'
import { channelFailed } from './channel-failed.ts'
import { clockApart } from './clock-apart.ts'
import { crossingHeld } from './crossing-held.ts'
import { diskFilling } from './disk-filling.ts'
import { engineDown } from './engine-down.ts'
import { eventStuck } from './event-stuck.ts'
import { ledgerBehind } from './ledger-behind.ts'
import { nodeSilent } from './node-silent.ts'
import { openingSuspended } from './opening-suspended.ts'
import { reconciliationDifferent } from './reconciliation-different.ts'
import { rowsHeld } from './rows-held.ts'
import { segmentRejected } from './segment-rejected.ts'
import { serviceFailing } from './service-failing.ts'
import { workBacklog } from './work-backlog.ts'

/** Everything that is watched. A new rule is one line here. */
export const ALERT_RULES: readonly AlertRule[] = [
  diskFilling,
  ledgerBehind,
  engineDown,
  nodeSilent,
  crossingHeld,
  channelFailed,
  channelBehind,
  segmentRejected,
  serviceFailing,
  openingSuspended,
  clockApart,
  eventStuck,
  workBacklog,
  rowsHeld,
  checkFailed,
  reconciliationDifferent,
]

const BY_NAME = new Map(ALERT_RULES.map((rule) => [rule.name, rule]))

/** The rule of an alert; one that a later version no longer knows is shown under its name. */
export function ruleOf(name: string): Pick<AlertRule, 'words' | 'advice'> {
  const unknown = { words: { zh: name, en: name }, advice: { zh: '此规则已停用', en: 'This rule is no longer used' } }
  return BY_NAME.get(name) ?? unknown
}
