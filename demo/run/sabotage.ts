import type { StepName } from './arguments.ts'
import type { StepReport } from './job.ts'

/**
 * A sentence for each way in which a job that was spoilt in a step, and ended there, does not prove that the step finds out: the
 * steps before it must be as they should be, and the step itself must have measured what is wrong, not merely stumbled.
 */
export function unprovenOf(steps: readonly StepReport[], name: StepName): string[] {
  const before = steps.slice(0, -1)
  const last = steps.at(-1)
  const flaws = before.flatMap((one) => one.faults.map((fault) => `${one.name} came before: ${fault}`))
  if (last?.name !== name) return [...flaws, `${name} was not reached`]
  if (last.ok) flaws.push(`${name} was spoilt and did not notice`)
  else if (!last.faults.some((one) => one.startsWith('not so: '))) flaws.push(`${name} names nothing that it measured`)
  const stumbled = last.faults.filter((one) => one.startsWith('stopped: '))
  return [...flaws, ...stumbled.map((fault) => `${name} stumbled: ${fault}`)]
}
