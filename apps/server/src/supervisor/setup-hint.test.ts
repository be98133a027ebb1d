import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { setupHint } from './setup-hint.ts'

test('names the file of the set-up token as long as there is one, and never the token', () => {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-hint-'))
  try {
    expect(setupHint(folder)).toEqual([])
    mkdirSync(join(folder, 'secrets'))
    writeFileSync(join(folder, 'secrets/setup-token'), 'not-to-be-shown\n')
    const lines = setupHint(folder).join('\n')
    expect(lines).toContain(join(folder, 'secrets', 'setup-token'))
    expect(lines).not.toContain('not-to-be-shown')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
