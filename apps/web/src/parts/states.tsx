import { useWords } from '../words/index.ts'
import { Mark, type Tone } from '../ui/marks.tsx'

const TONES: Record<string, Record<string, Tone>> = {
  shareAttribute: { unconditional: 'good', conditional: 'warn', refused: 'bad' },
  datasetState: { draft: 'idle', published: 'good', withdrawn: 'bad' },
  versionState: {
    draft: 'idle',
    submitted: 'wait',
    signed: 'wait',
    published: 'good',
    returned: 'warn',
    superseded: 'idle',
  },
  requestState: {
    draft: 'idle',
    running: 'busy',
    supplement: 'warn',
    agreed: 'good',
    refused: 'bad',
    withdrawn: 'idle',
    done: 'good',
  },
  stepState: { waiting: 'idle', current: 'busy', agreed: 'good', refused: 'bad', returned: 'warn', skipped: 'idle' },
  grantState: { active: 'good', revoked: 'bad', expired: 'idle', not_yet: 'wait' },
  channelState: {
    configured: 'wait',
    ready: 'wait',
    running: 'busy',
    following: 'good',
    completed: 'good',
    failed: 'bad',
    stopped: 'warn',
  },
  incrementState: { running: 'busy', done: 'good', empty: 'wait', failed: 'bad', stopped: 'warn' },
  segmentState: { received: 'busy', verified: 'busy', rejected: 'bad', applied: 'good' },
  reconciliationState: {
    running: 'busy',
    equal: 'good',
    different: 'warn',
    failed: 'bad',
    repairing: 'busy',
    repaired: 'good',
  },
  statementState: { balanced: 'good', unbalanced: 'bad', running: 'busy', empty: 'idle' },
  statementRunState: { balanced: 'good', unbalanced: 'bad', running: 'busy', abandoned: 'idle' },
  repairState: { proposed: 'wait', declined: 'idle', running: 'busy', done: 'good', failed: 'bad' },
  nodeState: { awaiting: 'wait', online: 'good', offline: 'bad', ferried: 'idle' },
  discoveryState: { queued: 'wait', running: 'busy', done: 'good', failed: 'bad' },
  outcome: { done: 'good', denied: 'warn', failed: 'bad' },
  runState: { queued: 'wait', running: 'busy', done: 'good', failed: 'bad' },
  orderState: { open: 'warn', rechecking: 'busy', closed: 'good' },
  correctionState: { submitted: 'wait', corrected: 'good', rejected: 'idle' },
  violationState: { suspected: 'warn', stated: 'wait', confirmed: 'bad', dismissed: 'idle' },
  workState: { queued: 'wait', leased: 'busy', done: 'good', failed: 'bad', cancelled: 'idle' },
  alertLevel: { '1': 'bad', '2': 'warn', '3': 'wait' },
  alertState: { open: 'bad', closed: 'good' },
  incidentState: { open: 'bad', handling: 'busy', recovered: 'good', closed: 'idle' },
  serviceState: { running: 'good', stopped: 'warn' },
  openingState: { active: 'good', suspended: 'warn', revoked: 'bad', expired: 'idle', not_yet: 'wait' },
  healthState: { up: 'good', down: 'bad', degraded: 'warn' },
}

/** A state of an enumeration as icon and word. */
export function State({ list, value }: { readonly list: string; readonly value: string | null | undefined }) {
  const { choice } = useWords()
  if (value === null || value === undefined) return <span className="ht-quiet">–</span>
  return <Mark tone={TONES[list]?.[value] ?? 'idle'}>{choice(list, value)}</Mark>
}
