import { askQuestion, readQuestion } from '@huitong/contract/workbench'
import { eventually } from '../../../../../../tests/harness/guards.ts'
import type { Account, TestPlatform } from '../../../../../../tests/harness/platform.ts'

/** Asks, and waits until there is an answer, or why there is none. */
export async function answered(platform: TestPlatform, who: Account, text: string) {
  const person = await platform.as(who)
  const { id } = await person.call(askQuestion, { body: { text } })
  return eventually(
    () => person.call(readQuestion, { params: { id } }),
    ({ question }) => ['done', 'failed', 'stopped'].includes(question.state),
    30_000,
  )
}
