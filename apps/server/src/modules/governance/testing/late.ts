import { createCorrection } from '@huitong/contract/governance'
import { shiftLegalClock } from '@huitong/contract/standards'
import { publish } from '../../../../../../tests/harness/catalogue.ts'
import { deliverAll } from '../../../../../../tests/harness/deliver.ts'
import type { TestPlatform } from '../../../../../../tests/harness/platform.ts'
import { watchDeadlinesJob } from '../../catalogue/watch-deadlines.job.ts'
import { raiseViolations } from '../raise-violations.subscriber.ts'

export const RECORD = { item: 'name', record: '代码 330102001001', reason: '名称与牌匾不符' }

/** An application of the works department about a dataset of civil affairs. */
export async function apply(platform: TestPlatform, datasetId?: string) {
  const id = datasetId ?? (await publish(platform)).id
  return (await platform.as('works-officer')).call(createCorrection, { body: { datasetId: id, ...RECORD } })
}

/** Sets legal time to an instant, for a platform whose clock stands still. */
export async function setLegalTime(platform: TestPlatform, to: string): Promise<void> {
  const offsetSeconds = Math.round((Date.parse(to) - platform.server.services.clock.now().getTime()) / 1000)
  await (await platform.as('centre')).call(shiftLegalClock, { body: { offsetSeconds } })
}

/** Lets the platform notice what is overdue, and what follows from it. */
export async function notice(platform: TestPlatform): Promise<void> {
  const { services } = platform.server
  while (await watchDeadlinesJob.run(services, { fence: '1', signal: new AbortController().signal })) continue
  await deliverAll(platform, raiseViolations)
}
