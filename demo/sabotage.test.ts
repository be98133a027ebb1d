import { describe, test } from 'vitest'
import { STEP_NAMES } from './run/arguments.ts'
import { expectFound, useMainJob, WITH_KILLS } from './testing/main-job.ts'

/** Beside the whole job and the slow steps, which have a platform of their own. */
describe('the main job, spoilt', { timeout: 300_000 }, () => {
  const job = useMainJob()

  test.each(STEP_NAMES.filter((name) => !WITH_KILLS.includes(name)))(
    '%s is seen to fail when the world is spoilt in this step, and the steps before it are not',
    async (name) => expectFound(await job(name, name), name),
  )
})
