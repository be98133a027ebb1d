import { listDeadlineRules } from '@huitong/contract/standards'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('deadline rules', () => {
  const platform = usePlatform()

  test('200: the ceilings of the regulation, each with its article', async () => {
    const { items } = await (await platform.as('civil-officer')).call(listDeadlineRules)
    expect(items.map((one) => [one.code, one.workingDays, one.workingDaysMax, one.extensionMax, one.source])).toEqual([
      ['D1', 10, 10, 5, '政务数据共享条例 第17条'],
      ['D2', 2, 2, 0, '政务数据共享条例 第17条'],
      ['D3', 1, 1, 10, '政务数据共享条例 第21条'],
      ['D4', 10, 10, 10, '政务数据共享条例 第21条'],
      ['D5', 20, 20, 0, '政务数据共享条例 第22条'],
      ['D6', 10, 10, 0, '政务数据共享条例 第26条'],
    ])
    for (const { words } of items) expect(words).toEqual({ zh: expect.any(String), en: expect.any(String) })
  })

  test('401 without a session', async () => {
    await expect(clientOf(platform.server).call(listDeadlineRules)).rejects.toMatchObject({ status: 401 })
  })
})
