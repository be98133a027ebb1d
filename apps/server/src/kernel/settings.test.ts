import { describe, expect, test } from 'vitest'
import { readSettings, SETTINGS } from './settings.ts'

describe('settings', () => {
  test('an empty environment gives the documented defaults', () => {
    const settings = readSettings({})
    for (const [key, { fallback }] of Object.entries(SETTINGS))
      if (key !== 'dataDir') expect([key, settings[key as keyof typeof SETTINGS]]).toEqual([key, fallback])
    expect(settings.listen).toBe('127.0.0.1')
  })

  test('an empty text is as good as none', () => {
    expect(readSettings({ HUITONG_PORT: '', DATABASE_URL: '' })).toEqual(readSettings({}))
  })

  test('what is no number, or out of its limits, is refused naming the setting and its limits', () => {
    for (const bad of ['x', '1.5', '-1', '65536', '0x10 '])
      expect(() => readSettings({ HUITONG_PORT: bad })).toThrow(`HUITONG_PORT=${bad}: must be 0 to 65535`)
    expect(() => readSettings({ HUITONG_LEASE_SECONDS: '1' })).toThrow(/HUITONG_LEASE_SECONDS=1: must be 2 to 600/)
  })

  test('folders lie in the data folder, as absolute paths', () => {
    const settings = readSettings({ HUITONG_DATA: 'relative/data' })
    expect(settings.dataDir.startsWith('/')).toBe(true)
    expect(settings.secretsDir).toBe(`${settings.dataDir}/secrets`)
    expect(settings.engineSocket).toBe(`${settings.dataDir}/run/engine.sock`)
  })
})
