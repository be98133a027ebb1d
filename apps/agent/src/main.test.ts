import { fork } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { bundleAgent } from '../build.ts'
import { AgentProcess } from './testing/agent-process.ts'
import { TestPlatform } from './testing/platform.ts'

const agents: AgentProcess[] = []
const platforms: TestPlatform[] = []

async function platformOf(): Promise<TestPlatform> {
  const platform = new TestPlatform()
  await platform.start()
  platforms.push(platform)
  return platform
}

function agentOf(env: NodeJS.ProcessEnv, program?: string): AgentProcess {
  const agent = new AgentProcess(env, program)
  agents.push(agent)
  return agent
}

afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.dispose()))
  await Promise.all(platforms.splice(0).map((platform) => platform.stop()))
})

test('a code that is written later is waited for; a wrong one is not shown twice; the identity outlives restarts', async () => {
  const platform = await platformOf()
  const { code, departmentId } = platform.enrolmentCode()
  const agent = agentOf({ HUITONG_PLATFORM_URL: platform.url })
  agent.start()
  await agent.logged('enrolment.waiting')
  writeFileSync(join(agent.dir, 'enrolment-code'), 'a-wrong-code-of-nobody\n')
  await agent.logged('enrolment.refused')
  writeFileSync(join(agent.dir, 'enrolment-code'), `${code}\n`)
  const node = await platform.node(departmentId)
  await agent.logged('agent.started')
  await agent.kill()
  const enrolments = platform.answered.get('nodes.node.enrol')
  agent.log.length = 0
  agent.start()
  expect(await agent.logged('agent.started')).toMatchObject({ node: node.id })
  expect(platform.answered.get('nodes.node.enrol')).toBe(enrolments)
  expect(agent.output).not.toContain(code)
})

test('an enrolment whose reply was lost is repeated with the same key', async () => {
  const platform = await platformOf()
  const { code } = platform.enrolmentCode()
  let asked = 0
  platform.fault = ({ path }) => (path.endsWith('node-enrolments') && ++asked === 1 ? 'reset-after' : null)
  const agent = agentOf({ HUITONG_PLATFORM_URL: platform.url, HUITONG_ENROLMENT_CODE: code })
  agent.start()
  await agent.logged('agent.started')
  expect([asked, platform.nodes.length]).toEqual([2, 1])
})

test('a platform that is away is waited for', async () => {
  const platform = await platformOf()
  const { code } = platform.enrolmentCode()
  await platform.stop()
  const agent = agentOf({ HUITONG_PLATFORM_URL: platform.url, HUITONG_ENROLMENT_CODE: code })
  agent.start()
  await sleep(1_000)
  await platform.start()
  await agent.logged('agent.started')
  await platform.stop()
  await agent.logged('platform.away')
  await platform.start()
  await agent.logged('platform.back')
})

test('a wrong setting is named and ends the program', async () => {
  const agent = agentOf({ HUITONG_PLATFORM_URL: 'ftp://nowhere' })
  agent.start()
  expect(await agent.ended()).toBe(2)
  expect(agent.log.at(-1)).toMatchObject({ event: 'agent.failed' })
  expect(agent.output).toContain('HUITONG_PLATFORM_URL')
})

test('it ends with the supervisor that started it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'huitong-agent-'))
  try {
    const child = fork(join(import.meta.dirname, 'main.ts'), {
      env: { HUITONG_AGENT_DIR: dir, HUITONG_PLATFORM_URL: 'http://127.0.0.1:9' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    await new Promise((resolve) => child.stdout!.once('data', resolve))
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.disconnect()
    expect(await exited).toBe(0)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('the bundle is one file that starts and enrols without the repository', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-bundle-'))
  try {
    const program = await bundleAgent(join(folder, 'huitong-agent.mjs'))
    expect(readdirSync(folder).filter((name) => name.endsWith('.mjs'))).toEqual(['huitong-agent.mjs'])
    const platform = await platformOf()
    const { code, departmentId } = platform.enrolmentCode()
    const agent = agentOf({ HUITONG_PLATFORM_URL: platform.url, HUITONG_ENROLMENT_CODE: code }, program)
    agent.start()
    const node = await platform.node(departmentId)
    expect(await agent.logged('agent.started')).toMatchObject({ node: node.id, version: '0.1.0' })
    const work = platform.work.queue(node, 'discover', { source: 'malformed' })
    expect((await platform.work.ended(work)).problem).toMatchObject({ code: 'request.invalid' })
    expect(await agent.stop()).toBe(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
