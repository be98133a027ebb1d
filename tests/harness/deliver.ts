import { deliverNext, type Subscriber } from '../../apps/server/src/kernel/subscribers.ts'
import type { TestPlatform } from './platform.ts'
import { othersCommitted } from './quiet.ts'

/** Delivers to a subscriber every fact that is committed now, whatever other tests' transactions are open. */
export async function deliverAll(platform: TestPlatform, one: Subscriber): Promise<void> {
  await othersCommitted(platform.url)
  while (await deliverNext(platform.server.services, one));
}
