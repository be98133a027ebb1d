import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CallError, type Endpoint } from '@huitong/contract'
import type { NodeLogLine } from '@huitong/contract/nodes'
import { afterEach, expect, test, vi } from 'vitest'
import { createLog } from './log.ts'
import type { PlatformLink } from './platform.ts'
import { RecentLog } from './recent-log.ts'
import { sendLog } from './send-log.ts'
import { AgentProcess } from './testing/agent-process.ts'
import { TestPlatform } from './testing/platform.ts'

const SECRET = '张三 330102199001011234'

const agents: AgentProcess[] = []
const platforms: TestPlatform[] = []
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.dispose()))
  await Promise.all(platforms.splice(0).map((platform) => platform.stop()))
})

async function started() {
  const platform = new TestPlatform()
  await platform.start()
  platforms.push(platform)
  const { code, departmentId } = platform.enrolmentCode()
  const agent = new AgentProcess({ HUITONG_PLATFORM_URL: platform.url, HUITONG_ENROLMENT_CODE: code })
  agents.push(agent)
  agent.start()
  const node = await platform.node(departmentId)
  return { platform, agent, node }
}
const lastLines = (agent: AgentProcess) => join(agent.dir, 'last-lines.json')
const saved = (agent: AgentProcess) => (existsSync(lastLines(agent)) ? readFileSync(lastLines(agent), 'utf8') : '')

test('the platform is told what was done, by code and number; nothing of what the work was about', async () => {
  const { platform, agent, node } = await started()
  const work = platform.work.queue(node, 'discover', { source: { sourceId: SECRET, secret: SECRET } })
  await platform.work.ended(work)
  const failed = await platform.heard(({ kind }) => kind === 'work.failed')
  expect(failed).toEqual({
    at: expect.any(String) as string,
    level: 'warn',
    kind: 'work.failed',
    work: work.id,
    workKind: 'discover',
    milliseconds: expect.any(Number) as number,
    code: 'request.invalid',
  })
  expect(platform.told.find(({ kind }) => kind === 'agent.started')).toMatchObject({ version: '0.1.0', bytes: '0' })
  expect(JSON.stringify(platform.told)).not.toContain('张三')
  expect(await agent.stop()).toBe(0)
  await platform.heard(({ kind }) => kind === 'agent.stopping')
  expect(saved(agent)).toBe('')
})

test('a warning that no platform took outlives kill -9, and is told once by the next life', async () => {
  const { platform, agent, node } = await started()
  await platform.heard(({ kind }) => kind === 'agent.started')
  // From here on the log does not arrive; everything else does.
  platform.fault = ({ path }) => (path.endsWith('/node/log') ? 'reset' : null)
  const work = platform.work.queue(node, 'discover', {})
  await platform.work.ended(work)
  await sleep(1_500)
  await agent.kill()
  expect(saved(agent)).toContain('work.failed')
  platform.fault = () => null
  agent.start()
  await platform.heard(({ kind, work: id }) => kind === 'work.failed' && id === work.id)
  await platform.heard(({ kind, at }) => kind === 'agent.started' && at > platform.told[0]!.at)
  await vi.waitFor(() => expect(saved(agent)).toBe(''))
  expect(platform.told.filter(({ kind }) => kind === 'work.failed')).toHaveLength(1)
})

test('a reply that is lost, a platform that refuses or knows no logs: work goes on all the same', async () => {
  const { platform, agent, node } = await started()
  for (const fault of ['reset-after', 503, 404] as const) {
    platform.fault = ({ path }) => (path.endsWith('/node/log') ? fault : null)
    const work = platform.work.queue(node, 'discover', {})
    expect((await platform.work.ended(work)).problem).toMatchObject({ code: 'request.invalid' })
  }
  expect(agent.log.filter(({ level }) => level === 'error')).toEqual([])
  expect(await agent.stop()).toBe(0)
})

test('what nobody caught is told by the next life, with its code and not its words', async () => {
  const { platform, agent } = await started()
  await platform.heard(({ kind }) => kind === 'agent.started')
  await agent.kill()
  platform.told.length = 0
  const identity = readFileSync(join(agent.dir, 'node.json'), 'utf8')
  // What is damaged there ends the agent as it starts.
  writeFileSync(join(agent.dir, 'node.json'), `{ "${SECRET}`)
  agent.start()
  expect(await agent.ended()).toBe(1)
  expect(saved(agent)).toContain('agent.failed')
  writeFileSync(join(agent.dir, 'node.json'), identity)
  agent.start()
  expect(await platform.heard(({ kind }) => kind === 'agent.failed')).toMatchObject({
    level: 'error',
    code: 'agent.internal',
  })
  expect(JSON.stringify(platform.told)).not.toContain('张三')
})

test('lines that an older platform does not know are left out, and the others are told', async () => {
  vi.useFakeTimers()
  const stop = new AbortController()
  try {
    const recent = new RecentLog()
    const log = createLog(() => undefined, recent.note)
    const told: NodeLogLine[][] = []
    const call = async (_endpoint: Endpoint, { body }: { body: { lines: NodeLogLine[] } }) => {
      told.push(body.lines)
      const at = body.lines.findIndex(({ kind }) => kind === 'mark.done')
      if (at < 0) return {}
      const problem = { zh: '应为', en: 'one of' }
      throw new CallError(400, {
        error: {
          code: 'request.invalid',
          message: problem,
          hop: 'server',
          requestId: randomUUID(),
          places: [{ path: `/lines/${at}/kind`, problem }],
        },
      })
    }
    log.info('enrolment.done')
    log.info('mark.done', { rows: '1' })
    log.info('agent.stopping')
    const sending = sendLog(recent, { call: call as unknown as PlatformLink['call'] }, stop.signal)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(told.map((lines) => lines.map(({ kind }) => kind))).toEqual([
      ['enrolment.done', 'mark.done', 'agent.stopping'],
      ['enrolment.done', 'agent.stopping'],
    ])
    stop.abort()
    await vi.runAllTimersAsync()
    await sending
  } finally {
    vi.useRealTimers()
  }
})

test('it tells at most every five seconds, and ever more rarely while the platform is away', async () => {
  const recent = new RecentLog()
  const log = createLog(() => undefined, recent.note)
  const stop = new AbortController()
  let calls = 0
  let away = false
  const call = async () => {
    calls++
    if (away) throw new CallError(0, null)
    return {}
  }
  vi.useFakeTimers()
  try {
    const sending = sendLog(recent, { call: call as unknown as PlatformLink['call'] }, stop.signal)
    const chatter = setInterval(() => log.info('enrolment.done'), 100)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(calls).toBeLessThanOrEqual(13)
    expect(calls).toBeGreaterThanOrEqual(11)
    away = true
    calls = 0
    await vi.advanceTimersByTimeAsync(600_000)
    expect(calls).toBeLessThanOrEqual(15)
    clearInterval(chatter)
    stop.abort()
    await vi.runAllTimersAsync()
    await sending
  } finally {
    vi.useRealTimers()
  }
})
