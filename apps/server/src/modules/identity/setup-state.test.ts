import { setupState } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('set-up state of an empty platform', () => {
  const platform = usePlatform({ empty: true, demo: false })
  test('200: open, for anybody', async () => {
    expect(await clientOf(platform.server).call(setupState)).toEqual({ open: true, demo: false })
  })
})

describe('set-up state of a platform with a city', () => {
  const platform = usePlatform()
  test('200: closed', async () => {
    expect(await clientOf(platform.server).call(setupState)).toEqual({ open: false, demo: true })
  })
})
