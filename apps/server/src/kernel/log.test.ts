import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const logged = (statement: string) => {
  const url = JSON.stringify(join(import.meta.dirname, 'log.ts'))
  const script = `const { createLog } = await import(${url}); const log = createLog('info'); ${statement}`
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
}

describe('log', () => {
  test('one line of JSON each, whatever breaks stand in the text', () => {
    const lines = logged(`log.info({ user: 'a\\r\\nfake\\u001b[31m' }, 'x\\ny')`).trimEnd().split('\n')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toMatchObject({ user: 'a\r\nfake\u001b[31m', msg: 'x\ny', level: 30 })
    expect(lines[0]).not.toContain('\u001b')
  })

  test('secrets are redacted by name', () => {
    const text =
      logged(`log.info({ password: 'hunter2', settings: { password: 'hunter2', host: 'db' }, token: 'hunter2',
      headers: { cookie: 'hunter2' } }, 'x')`)
    expect(text).not.toContain('hunter2')
    expect(JSON.parse(text)).toMatchObject({ settings: { password: '[redacted]', host: 'db' } })
  })
})
