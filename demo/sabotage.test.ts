import { describe, test } from 'vitest'
import { LONG } from '../tests/harness/long.ts'
import { STEP_NAMES, WITH_KILLS } from './run/arguments.ts'
import { expectFound, useMainJob } from './testing/main-job.ts'

// A long suite of its own. The short form is the demonstration that `tests/readme.test.ts` runs with `--prove`.
describe.runIf(LONG)('the main job, spoilt', { timeout: 300_000 }, () => {
  const job = useMainJob()

  test.each(STEP_NAMES.filter((name) => !WITH_KILLS.includes(name)))(
    '%s is seen to fail when the world is spoilt in this step, and the steps before it are not',
    async (name) => expectFound(await job(name, name), name),
  )
})
