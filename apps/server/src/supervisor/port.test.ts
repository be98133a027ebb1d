import { Agent, get, request } from 'node:http'
import { connect } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { launchNode, type LaunchedNode } from './child-process.ts'
import { openLog } from './logs.ts'
import { openPublicPort, type PublicPort } from './port.ts'
import { signal } from './proc.ts'

const ends: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function port(): Promise<PublicPort> {
  const opened = await openPublicPort({ host: '127.0.0.1', port: 0 })
  ends.push(() => opened.close())
  return opened
}

function dummy(startMs = 0): LaunchedNode {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-port-'))
  const launched = launchNode({
    entry: join(import.meta.dirname, 'fixtures/dummy-server.ts'),
    env: { DUMMY_START_MS: String(startMs) },
    cwd: folder,
    readyBy: 'message',
    logFd: openLog(folder, 'dummy').fd,
  })
  ends.push(async () => {
    await launched.stop(3_000)
    rmSync(folder, { recursive: true, force: true })
  })
  return launched
}

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

async function fetchFrom(
  to: PublicPort,
  path: string,
  options: { accept?: string; agent?: Agent } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { accept: options.accept ?? 'application/json' }
    const agent = options.agent ?? false
    get({ host: to.host, port: to.port, path, headers, agent }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      response.on('error', reject)
    }).on('error', reject)
  })
}

test('while no server is ready: 503 with a page for people, an error for programs, and 200 for livez', async () => {
  const open = await port()
  const page = await fetchFrom(open, '/anything', { accept: 'text/html,*/*' })
  expect(page).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1', 'content-type': 'text/html; charset=utf-8' },
  })
  expect(page.body.indexOf('汇通正在启动')).toBeLessThan(page.body.indexOf('Huitong is starting.'))
  expect(page.body).toContain('http-equiv="refresh"')
  const error = await fetchFrom(open, '/api/v1/x')
  expect(error.status).toBe(503)
  expect(JSON.parse(error.body)).toMatchObject({ error: { code: 'platform.starting' } })
  expect((await fetchFrom(open, '/livez')).status).toBe(200)
})

test('a taken port is refused with the name of the setting', async () => {
  const open = await port()
  await expect(openPublicPort({ host: open.host, port: open.port })).rejects.toThrow(/HUITONG_PORT/)
})

test('passes connections to the ready child: bodies whole, the client address kept, kept-alive reused', async () => {
  const open = await port()
  const child = dummy()
  await child.ready
  open.attach(child.child)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  ends.push(() => agent.destroy())
  const body = Buffer.alloc(3_000_000, 'x')
  for (let round = 0; round < 3; round++) {
    const answer = await new Promise<string>((resolve, reject) => {
      const sending = request({ host: open.host, port: open.port, method: 'POST', agent }, (response) => {
        response.setEncoding('utf8').on('data', resolve)
      })
      sending.on('error', reject).end(body)
    })
    expect(JSON.parse(answer)).toEqual({ pid: child.identity.pid, from: '127.0.0.1', bytes: body.length })
  }
})

test('header timeouts work although the child never listens', async () => {
  const open = await port()
  const child = dummy()
  await child.ready
  open.attach(child.child)
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(open.port, open.host, () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n'))
    socket.on('data', (data) => resolve(data.toString('latin1'))).on('error', reject)
  })
  expect(answer).toMatch(/^HTTP\/1\.1 408/)
})

test('connections that a stopped child never took are answered when it dies', async () => {
  const open = await port()
  const child = dummy()
  await child.ready
  open.attach(child.child)
  signal(child.identity.pid, 'SIGSTOP')
  const asked = Array.from({ length: 30 }, () => fetchFrom(open, '/'))
  await sleep(300)
  signal(child.identity.pid, 'SIGKILL')
  const answers = await Promise.all(asked)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
})

test('taken out of service, a child finishes what it has and takes no more', async () => {
  const open = await port()
  const child = dummy()
  await child.ready
  open.attach(child.child)
  const slow = fetchFrom(open, '/?wait=500')
  await sleep(200)
  open.detach()
  const stopped = child.stop(5_000)
  expect((await fetchFrom(open, '/')).status).toBe(503)
  expect(JSON.parse((await slow).body)).toMatchObject({ pid: child.identity.pid })
  await stopped
  expect((await child.exited).code).toBe(0)
})

test('a burst of connections is passed on quickly', async () => {
  const open = await port()
  const child = dummy()
  await child.ready
  open.attach(child.child)
  const begun = performance.now()
  let done = 0
  const lanes = Array.from({ length: 16 }, async () => {
    for (let n = 0; n < 60; n++) {
      const answer = await fetchFrom(open, '/')
      if (answer.status === 200) done++
    }
  })
  await Promise.all(lanes)
  expect(done).toBe(960)
  const perSecond = done / ((performance.now() - begun) / 1000)
  expect(perSecond).toBeGreaterThan(100)
})
