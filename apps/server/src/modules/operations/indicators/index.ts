import type { Indicator } from '../indicator.ts'
import { callsMade } from './calls-made.ts'
import { calls } from './calls.ts'
import { datasets } from './datasets.ts'
import { evidenceEntries } from './evidence-entries.ts'
import { incidentsOnTime } from './incidents-on-time.ts'
import { incidents } from './incidents.ts'
import { items } from './items.ts'
import { quality } from './quality.ts'
import { requestsMade } from './requests-made.ts'
import { requestsOnTime } from './requests-on-time.ts'
import { rowsShared } from './rows-shared.ts'
import { workOrdersClosed } from './work-orders-closed.ts'
import { workOrders } from './work-orders.ts'

/** The columns of the report in their order. A new indicator is one line here. */
export const INDICATORS: readonly Indicator[] = [
  datasets,
  items,
  requestsMade,
  requestsOnTime,
  rowsShared,
  calls,
  callsMade,
  quality,
  workOrders,
  workOrdersClosed,
  evidenceEntries,
  incidents,
  incidentsOnTime,
]
