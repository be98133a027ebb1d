import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Report } from '../demo/run/job.ts'
import { checkReport } from '../demo/run/report.ts'
import { read, ROOT } from './tidy/sources.ts'

/** The commands of the READMEs are run as they stand; `npm ci` and `npm test` are what runs us. */

const OURS = new Set(['npm ci', 'npm test'])

function commandsOf(readme: string): string[] {
  return [...read(readme).matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((match) => match[1]!.trim().split('\n'))
}

const commands = commandsOf('README.md').filter((command) => !OURS.has(command))

interface Ended {
  readonly code: number | null
  readonly output: string
}

function run(
  command: string,
  env: Record<string, string> = {},
): { ended: Promise<Ended>; stop(): void; output(): string } {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<Ended>((resolve) => child.once('exit', (code) => resolve({ code, output })))
  // Ctrl-C in a terminal goes to the whole foreground group.
  return { ended, stop: () => process.kill(-child.pid!, 'SIGINT'), output: () => output }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('README', () => {
  test('both languages show the same commands', () => {
    expect(commandsOf('README.zh.md')).toEqual(commandsOf('README.md'))
    expect(commands.length).toBeGreaterThanOrEqual(4)
  })

  test(
    'npm start: ready, prints address and accounts, Ctrl-C leaves nothing behind',
    { timeout: 240_000 },
    async () => {
      expect(commands).toContain('npm start')
      const dataDir = mkdtempSync(join(tmpdir(), 'huitong-readme-'))
      const port = await freePort()
      const started = run('npm start', {
        HUITONG_DATA: dataDir,
        HUITONG_PORT: String(port),
        HUITONG_DEMO_VILLAGES: '1000',
      })
      const until = Date.now() + 180_000
      while (!started.output().includes('minzheng-officer') && Date.now() < until) await sleep(200)
      expect(started.output()).toContain(`http://127.0.0.1:${port}/`)
      expect(started.output()).toMatch(/密码 password: \S+/)
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
      expect(await (await fetch(`http://127.0.0.1:${port}/login`)).text()).toContain('<div id="root">')
      const processes = JSON.parse(readFileSync(join(dataDir, 'run/processes.json'), 'utf8')) as {
        pid: number | null
      }[]
      started.stop()
      await started.ended
      for (let waited = 0; waited < 50 && processes.some(({ pid }) => pid !== null && isAlive(pid)); waited++)
        await sleep(100)
      expect(processes.filter(({ pid }) => pid !== null && isAlive(pid))).toEqual([])
      rmSync(dataDir, { recursive: true, force: true })
    },
  )

  test(
    'npm run demo: the whole main job, every step as it should be (here on fewer villages than the whole table), and seen to fail when it is spoilt',
    { timeout: 900_000 },
    async () => {
      expect(commands).toContain('npm run demo')
      const folder = mkdtempSync(join(tmpdir(), 'huitong-readme-'))
      const file = join(folder, 'report.json')
      const { code, output } = await run(`npm run demo -- --json ${file} --prove exchange`, {
        HUITONG_DEMO_VILLAGES: '5000',
      }).ended
      expect(code, output.slice(-4000)).toBe(0)
      const report = JSON.parse(readFileSync(file, 'utf8')) as Report
      expect(checkReport(report)).toEqual([])
      expect(checkReport({ ...report, steps: report.steps.slice(1) })).not.toEqual([])
      rmSync(folder, { recursive: true, force: true })
    },
  )

  test.each(commands.filter((command) => !['npm start', 'npm run demo'].includes(command)))(
    '%s',
    { timeout: 120_000 },
    async (command) => {
      const { code, output } = await run(command).ended
      expect(code, output.slice(-2000)).toBe(0)
      expect(output.trim()).not.toBe('')
    },
  )
})
