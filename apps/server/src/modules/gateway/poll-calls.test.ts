import {
  answerNodeCall,
  createProxiedService,
  pollCalls,
  type NodeCall,
  type NodeCallReply,
} from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callService, credential, type Credential } from '../../../../../tests/harness/gateway.ts'
import { pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { clientOf, usePlatform, type TestPlatform } from '../../../../../tests/harness/platform.ts'
import { serveUpstream, startUpstream, type Upstream } from '../../../../../tests/harness/upstream.ts'
import { createLog } from '../../kernel/log.ts'
import { createServer, type Server } from '../../server.ts'

const FIND = '/api/v1/services/people-live/operations/find'

describe('calls that travel through the department’s node', () => {
  const platform = usePlatform({ centre: true })
  let node: TestNode
  let other: TestNode
  let upstream: Upstream
  let app: Credential
  let made: Awaited<ReturnType<typeof serveUpstream>>
  let second: Server
  beforeAll(async () => {
    node = await enrol(platform, platform.departments.civil)
    other = await enrol(platform, platform.departments.works)
    upstream = await startUpstream()
    // An address that the gateway itself would refuse: the node decides for its own network.
    made = await serveUpstream(platform, upstream, { nodeId: node.id, timeoutMs: 2_000 })
    app = await credential(platform)
    const { settings } = platform.server
    second = await createServer(settings, { jobs: false, log: createLog(settings.logLevel) })
  })
  afterAll(async () => {
    await second.stop()
    await upstream.stop()
  })
  const find = (on: TestPlatform = platform) => callService(on, app, FIND, { query: { id: '2' } })
  const polled = async (by = node, waitSeconds = 5) => (await by.call(pollCalls, { body: { waitSeconds } })).calls
  const answer = (id: string, over: Partial<NodeCallReply> = {}, by = node) =>
    by.call(answerNodeCall, {
      params: { id },
      body: {
        outcome: 'answered',
        status: 200,
        contentType: 'application/json',
        body: Buffer.from('[{"id":"2"}]').toString('base64'),
        ...over,
      },
    })
  const kept = () =>
    platform.server.services.db.tick((db) =>
      db.one<{ n: string; text: string | null }>(
        sql`select count(*) as n, string_agg(encode(request, 'escape'), '') as text from node_call`,
      ),
    )

  test('down the node’s waiting poll and back: what is sent is what was checked, sealed while it waits', async () => {
    const reply = find()
    const [call] = await polled()
    expect(call).toMatchObject({
      method: 'GET',
      url: `${upstream.url}/people?id=2`,
      headers: { 'X-Api-Key': 'key-of-the-gateway', accept: 'application/json' },
      body: null,
      timeoutMs: 2_000,
    })
    expect((await kept()).text).not.toContain('people')
    expect(await answer(call!.id)).toEqual({ awaited: true })
    expect((await reply).body).toEqual([{ id: '2' }])
    expect((await kept()).n).toBe('0')
    expect(upstream.seen).toEqual([])
  })

  test('the caller’s process and the node’s may be two', async () => {
    const reply = find({ ...platform, server: second })
    const [call] = await polled()
    await answer(call!.id)
    expect((await reply).status).toBe(200)
  })

  test('a call goes to its node alone, once; another node can neither take nor answer it', async () => {
    const reply = find()
    const [call] = await polled()
    expect([await polled(other, 0), await polled(node, 0)]).toEqual([[], []])
    expect(await answer(call!.id, {}, other)).toEqual({ awaited: false })
    expect(await answer(call!.id)).toEqual({ awaited: true })
    expect(await answer(call!.id)).toEqual({ awaited: false })
    expect((await reply).status).toBe(200)
  })

  test.each([
    [{ outcome: 'failed' }, 502, 'service.upstream_failed'],
    [{ outcome: 'not_allowed' }, 502, 'service.upstream_failed'],
    [{ outcome: 'timeout' }, 504, 'service.upstream_timeout'],
    [{ outcome: 'too_large' }, 502, 'service.reply_invalid'],
    [{ status: 404 }, 404, 'service.row_not_found'],
    [{ contentType: 'text/html' }, 502, 'service.reply_invalid'],
    [{ body: Buffer.from('[{"id":"2","phone":"139"}]').toString('base64') }, 502, 'service.reply_invalid'],
  ] as const)('what the node says is checked like any reply: %o', async (over, status, code) => {
    const reply = find()
    const [call] = await polled()
    await answer(call!.id, over)
    expect(await reply).toMatchObject({ status, code })
    // One that went well, so that failures do not add up.
    const good = find()
    await answer((await polled())[0]!.id)
    expect((await good).status).toBe(200)
  })

  test('a node that is silent: 504 at the time limit, and nothing stays', async () => {
    const begun = performance.now()
    expect(await find()).toMatchObject({ status: 504, code: 'service.upstream_timeout' })
    expect(performance.now() - begun).toBeLessThan(4_000)
    expect((await kept()).n).toBe('0')
    expect(await polled(node, 0)).toEqual([])
  })

  test('401 for whoever is no node; 400: a node of another department', async () => {
    const stranger = clientOf(platform.server)
    await refused(stranger.call(pollCalls, { body: { waitSeconds: 0 } }), 'signature.invalid')
    const centre = await platform.as('centre')
    const body = { ...made.given, code: 'elsewhere', nodeId: other.id }
    expect(pathsOf(await refused(centre.call(createProxiedService, { body }), 'request.invalid'))).toEqual(['/nodeId'])
    const calls: NodeCall[] = await polled(node, 0)
    expect(calls).toEqual([])
  })
})
