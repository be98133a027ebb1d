import { discover } from './01-discover.ts'
import { catalogue } from './02-catalogue.ts'
import { find } from './03-find.ts'
import { request } from './04-request.ts'
import { grant } from './05-grant.ts'
import { exchange } from './06-exchange.ts'
import { landing } from './06-landing.ts'
import { change } from './07-change.ts'
import { reconcileStep } from './08-reconcile.ts'
import { service } from './09-service.ts'
import { quality } from './10-quality.ts'
import { evidence } from './11-evidence.ts'
import { operate } from './12-operate.ts'
import { report } from './13-report.ts'
import type { Step } from '../run/world.ts'

/** The steps in their order. The kills of step 12 happen during step 6; they are told nearly last. */
export const STEPS: readonly Step[] = [
  discover,
  catalogue,
  find,
  request,
  grant,
  exchange,
  landing,
  change,
  reconcileStep,
  service,
  quality,
  evidence,
  operate,
  report,
]
