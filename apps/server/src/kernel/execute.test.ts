import { endpoint, exact, type Endpoint } from '@huitong/contract'
import { sql } from 'kysely'
import { Type } from 'typebox'
import { describe, expect, test } from 'vitest'
import { usePlatform } from '../../../../tests/harness/platform.ts'
import { refused } from '../../../../tests/harness/guards.ts'
import { PUBLIC, type Actor, type NodeActor, type Person } from './actor.ts'
import { SYSTEM_ROWS, type Writer } from './db.ts'
import { codeOf, refuse } from './errors.ts'
import { execute, type Call } from './execute.ts'
import { command, poll, query, tick, type Verb } from './verb.ts'

const words = { zh: '试验', en: 'Trial' }
const write = endpoint({
  id: 'test.thing.write',
  method: 'POST',
  path: '/api/v1/test-things',
  access: 'person.manage',
  words,
  body: exact({ name: Type.String() }),
  reply: exact({ name: Type.String(), code: Type.String() }),
})
const ask = endpoint({
  id: 'test.thing.read',
  method: 'GET',
  path: '/x',
  access: 'directory.read',
  words,
  reply: exact({}),
})
const nodeAsk = endpoint({ ...ask, id: 'test.node.read', access: 'node' })

describe('execute', () => {
  const platform = usePlatform({ jobs: false })
  const person = (over: Partial<Person> = {}): Person => ({
    kind: 'person',
    id: '11111111-1111-4111-8111-111111111111',
    name: '张三',
    departmentId: platform.departments.civil,
    jurisdiction: '330100',
    roles: [],
    permissions: new Set(['person.manage', 'directory.read']),
    wide: new Set(),
    mustChangePassword: false,
    ...over,
  })
  const node = (): NodeActor => ({ ...person(), kind: 'node', keyId: 'k' }) as unknown as NodeActor
  let calls = 0
  const callOf = (actor: Actor, over: { key?: string; body?: unknown; match?: number; id?: string } = {}): Call => ({
    actor,
    requestId: `request-${++calls}`,
    input: {
      params: over.id ? { id: over.id } : {},
      query: {},
      body: over.body ?? {},
      bytes: Buffer.alloc(0),
      match: over.match ?? 0,
    } as Call['input'],
    object: over.id ?? '-',
    idempotencyKey: over.key ?? null,
    client: { token: null, agent: null, address: '127.0.0.1', holdsKey: () => false },
    setSession: () => undefined,
  })
  const run = (verb: Verb, call: Call) => execute(platform.server.services, verb, call)
  const refusal = (work: Promise<unknown>) => work.then(() => 'done', codeOf)
  const audits = (requestId: string) =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ action: string; outcome: string; object_kind: string; object_id: string; content: string }>(
        sql`select action, outcome, object_kind, object_id, content from audit where request_id = ${requestId}`,
      ),
    )
  const written = async (name: string) =>
    (await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.maybe(sql`select 1 from person where account = ${name}`),
    )) !== null

  const plainWrite = (name: string) => sql`insert into person (id, jurisdiction, department_id, account, name)
    values (gen_random_uuid(), '330100', ${platform.departments.civil}, ${name}, '-')`

  let runs = 0
  const writing = (after: () => void = () => undefined) =>
    command<typeof write>({
      endpoint: write,
      audit: ({ body }) => ({ objectKind: 'thing', objectId: body.name, detail: { run: runs } }),
      async run({ db, emit }, { body }) {
        runs++
        await db.run(
          sql`insert into person (id, jurisdiction, department_id, account, name)
            values (gen_random_uuid(), '330100', ${platform.departments.civil}, ${body.name}, '-')
            on conflict (account) do update set version = person.version + 1`,
        )
        await emit('node.enrolled', { nodeId: body.name })
        after()
        return { name: body.name, code: `secret-${runs}` }
      },
    })

  test('the write, its audit row and its facts commit together', async () => {
    const call = callOf(person(), { body: { name: 'together' } })
    await run(writing(), call)
    expect(await written('together')).toBe(true)
    const [audit, ...more] = await audits(call.requestId)
    expect(more).toEqual([])
    expect(audit).toMatchObject({
      action: 'test.thing.write',
      outcome: 'done',
      object_kind: 'thing',
      object_id: 'together',
    })
    expect(JSON.parse(audit!.content)).toMatchObject({
      actor: { name: '张三' },
      requestId: call.requestId,
      detail: { run: runs },
    })
    const events = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(
        sql`select xid from event where payload->>'nodeId' = 'together' and xid in (select xid from audit where request_id = ${call.requestId})`,
      ),
    )
    expect(events).toHaveLength(1)
  })

  test('an act that fails leaves neither the write nor an audit row of a success nor a fact', async () => {
    const call = callOf(person(), { body: { name: 'failing' } })
    expect(
      await refusal(
        run(
          writing(() => refuse('object.state')),
          call,
        ),
      ),
    ).toBe('object.state')
    expect(await written('failing')).toBe(false)
    expect(await audits(call.requestId)).toEqual([])
    const events = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select 1 from event where payload->>'nodeId' = 'failing'`),
    )
    expect(events).toEqual([])
  })

  test('what a query finds out after its transaction holds no connection, and is audited with its reply', async () => {
    let release = () => {}
    const slow = new Promise<void>((resolve) => (release = resolve))
    const verb = query<typeof ask>({
      endpoint: ask,
      audit: () => ({ objectKind: 'thing', objectId: 'slow' }),
      run: async () => async () => {
        await slow
        return {}
      },
    })
    const call = callOf(person())
    // More than there are connections: were any held, the write below would wait for one in vain.
    const waiting = Array.from({ length: 30 }, () => run(verb, call))
    await run(writing(), callOf(person(), { body: { name: 'meanwhile' } }))
    expect(await audits(call.requestId)).toEqual([])
    release()
    expect(await Promise.all(waiting)).toHaveLength(30)
    expect(await audits(call.requestId)).toHaveLength(30)
  })

  test('an audit row that cannot be written takes the act back', async () => {
    const verb = command<typeof write>({
      endpoint: write,
      audit: () => ({ objectKind: 'thing', objectId: 'x\0y' }),
      run: async ({ db }) => {
        await db.run(plainWrite('unaudited'))
        return { name: '', code: '' }
      },
    })
    expect(await refusal(run(verb, callOf(person(), { body: { name: 'unaudited' } })))).not.toBe('done')
    expect(await written('unaudited')).toBe(false)
  })

  test('a denied act is audited in a transaction of its own, with the object that was tried', async () => {
    const id = platform.departments.works
    for (const [verb, actor, code] of [
      [writing(), person({ permissions: new Set() }), 'permission.denied'],
      [writing(() => refuse('object.not_found')), person(), 'object.not_found'],
      [writing(() => refuse('request.same_person')), person(), 'request.same_person'],
    ] as const) {
      const call = callOf(actor, { id, body: { name: 'denied' } })
      expect(await refusal(run(verb, call))).toBe(code)
      expect(await audits(call.requestId)).toMatchObject([
        { outcome: 'denied', object_kind: 'test.thing', object_id: id },
      ])
      expect(JSON.parse((await audits(call.requestId))[0]!.content)).toMatchObject({ detail: { code } })
    }
    expect(await written('denied')).toBe(false)
  })

  test('a node that tries what is not its own is audited too', async () => {
    const verb = query<typeof nodeAsk>({ endpoint: nodeAsk, audit: null, run: async () => refuse('object.not_found') })
    const call = callOf(node(), { id: platform.departments.works })
    expect(await refusal(run(verb, call))).toBe('object.not_found')
    expect(await audits(call.requestId)).toMatchObject([{ outcome: 'denied' }])
  })

  test('default deny: nobody passes an access word that is not theirs', async () => {
    const reading = query<typeof ask>({ endpoint: ask, audit: null, run: async () => ({}) })
    const forNodes = query<typeof nodeAsk>({ endpoint: nodeAsk, audit: null, run: async () => ({}) })
    expect(await refusal(run(reading, callOf(PUBLIC)))).toBe('session.required')
    expect(await refusal(run(reading, callOf(node())))).toBe('session.required')
    expect(await refusal(run(reading, callOf(person({ permissions: new Set() }))))).toBe('permission.denied')
    expect(await refusal(run(forNodes, callOf(person())))).toBe('signature.invalid')
    expect(await refusal(run(reading, callOf(person())))).toBe('done')
  })

  test('a query runs READ ONLY: it cannot write', async () => {
    const verb = query<typeof ask>({
      endpoint: ask,
      audit: null,
      run: async ({ db }) => {
        await (db as Writer).run(plainWrite('from-query'))
        return {}
      },
    })
    await expect(run(verb, callOf(person()))).rejects.toMatchObject({ code: '25006' })
    expect(await written('from-query')).toBe(false)
  })

  test('a query that reads disclosed data is audited before the reply', async () => {
    const verb = query<typeof ask>({
      endpoint: ask,
      audit: () => ({ objectKind: 'evidence', objectId: '7' }),
      run: async () => ({}),
    })
    const call = callOf(person())
    await run(verb, call)
    expect(await audits(call.requestId)).toMatchObject([{ outcome: 'done', object_kind: 'evidence', object_id: '7' }])
  })

  test('a tick cannot touch a business table', async () => {
    const verb = tick<typeof ask>({
      endpoint: ask,
      run: async ({ db }) => {
        await db.run(plainWrite('from-tick'))
        return {}
      },
    })
    await expect(run(verb, callOf(person()))).rejects.toMatchObject({ code: '42501' })
  })

  describe('Idempotency-Key', () => {
    test('the same request again gets the first reply and acts once', async () => {
      const before = runs
      const first = await run(writing(), callOf(person(), { key: 'key-one', body: { name: 'once' } }))
      const again = await run(writing(), callOf(person(), { key: 'key-one', body: { name: 'once' } }))
      expect(again).toEqual(first)
      expect(runs).toBe(before + 1)
    })

    test('another content, or another version, under the same key is refused', async () => {
      const key = 'key-two'
      await run(writing(), callOf(person(), { key, body: { name: 'one' } }))
      expect(await refusal(run(writing(), callOf(person(), { key, body: { name: 'two' } })))).toBe(
        'request.idempotency_conflict',
      )
      expect(await refusal(run(writing(), callOf(person(), { key, body: { name: 'one' }, match: 2 })))).toBe(
        'request.idempotency_conflict',
      )
      expect(await written('two')).toBe(false)
    })

    test('keys of two people do not meet', async () => {
      const key = 'key-shared'
      await run(writing(), callOf(person(), { key, body: { name: 'mine' } }))
      const other = person({ id: '22222222-2222-4222-8222-222222222222' })
      expect(await run(writing(), callOf(other, { key, body: { name: 'theirs' } }))).toMatchObject({ name: 'theirs' })
    })

    test('two at the same time act once', async () => {
      const before = runs
      const key = 'key-race'
      const replies = await Promise.all(
        Array.from({ length: 5 }, () => run(writing(), callOf(person(), { key, body: { name: 'race' } }))),
      )
      expect(new Set(replies.map((one) => JSON.stringify(one))).size).toBe(1)
      expect(runs).toBe(before + 1)
    })

    test('a refused act does not use up its key', async () => {
      const key = 'key-again'
      const failing = writing(() => refuse('object.state'))
      expect(await refusal(run(failing, callOf(person(), { key, body: { name: 'again' } })))).toBe('object.state')
      expect(await refusal(run(writing(), callOf(person(), { key, body: { name: 'again' } })))).toBe('done')
    })

    test('who lost the permission does not get the reply again; and replies are kept sealed', async () => {
      const key = 'key-lost'
      await run(writing(), callOf(person(), { key, body: { name: 'lost' } }))
      const without = person({ permissions: new Set() })
      expect(await refusal(run(writing(), callOf(without, { key, body: { name: 'lost' } })))).toBe('permission.denied')
      const { kept } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
        db.one<{ kept: string }>(sql`select reply::text as kept from idempotency where key = ${key}`),
      )
      expect(kept).not.toContain('secret-')
    })
  })

  test('a poll answers at once when there is something, when it is woken, and empty at its end', async () => {
    let ready = false
    const waiting = endpoint({
      ...ask,
      id: 'test.poll',
      kind: 'long-poll',
      body: exact({ wait: Type.Number() }),
    }) as unknown as Endpoint
    const verb = poll<typeof waiting>({
      endpoint: waiting,
      on: 'query',
      topic: () => 'test:poll',
      waitSeconds: ({ body }) => (body as { wait: number }).wait,
      empty: () => ({ empty: true }),
      attempt: async () => (ready ? { found: true } : null),
    })
    const timed = async (wait: number) => {
      const begun = performance.now()
      return { reply: await run(verb, callOf(person(), { body: { wait } })), ms: performance.now() - begun }
    }
    const empty = await timed(0.3)
    expect(empty.reply).toEqual({ empty: true })
    expect(empty.ms).toBeGreaterThan(290)
    const later = timed(20)
    await new Promise((resolve) => setTimeout(resolve, 100))
    ready = true
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.many(sql`select pg_notify('huitong_wake', 'test:poll')`),
    )
    const woken = await later
    expect(woken.reply).toEqual({ found: true })
    expect(woken.ms).toBeLessThan(900)
    expect((await timed(20)).ms).toBeLessThan(500)
  })

  test('the words of a refusal of a real verb reach the caller with its status', async () => {
    const civil = await platform.as('civil-officer')
    const error = await refused(civil.call(write, { body: { name: 'x' } }), 'route.not_found')
    expect(error.words).toEqual({ zh: '地址不存在', en: 'No such address' })
  })
})
