import { describe, test } from 'vitest'
import { LONG } from '../tests/harness/long.ts'
import { STEP_NAMES } from './run/arguments.ts'
import { expectFound, useMainJob, WITH_KILLS } from './testing/main-job.ts'

const WITHOUT_KILLS = STEP_NAMES.filter((name) => !WITH_KILLS.includes(name))
/** Each does all of the steps before it once more. */
const SHORT: readonly string[] = ['exchange']

/** Beside the whole job and the slow steps, which have a platform of their own. */
describe('the main job, spoilt', { timeout: 300_000 }, () => {
  const job = useMainJob()

  test.each(WITHOUT_KILLS.filter((name) => LONG || SHORT.includes(name)))(
    '%s is seen to fail when the world is spoilt in this step, and the steps before it are not',
    async (name) => expectFound(await job(name, name), name),
  )
})
