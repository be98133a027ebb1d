import {
  createRequest,
  decideRequest,
  listRequests,
  readTemplate,
  setTemplate,
  withdrawRequest,
} from '@huitong/contract/catalogue'
import { readHome } from '@huitong/contract/portal'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Person } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { clientOf, PEOPLE, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { personOfToken } from '../identity/sessions.ts'
import { enter, hire } from '../identity/testing/people.ts'
import { isTurnOf, SELECT_REQUEST, type RequestRow } from './request-view.ts'
import { agreeUpTo, askFor, decide, grantRequest, publishDataset, requestFor, VILLAGES } from './testing/content.ts'

type Session = ReturnType<typeof clientOf>

describe('list requests', () => {
  const platform = usePlatform()
  let datasetId = ''
  let worksBoth: Session
  let civilBoth: Session
  const ask = () => askFor(platform, requestFor(datasetId))
  const list = async (account: Account, box?: 'todo' | 'done' | 'sent' | 'overdue') =>
    (await (await platform.as(account)).call(listRequests, { query: box ? { box } : {} })).items

  /** Requests in every state that a request can be in, some made or answered by people with several roles. */
  beforeAll(async () => {
    datasetId = (await publishDataset(platform, VILLAGES)).id
    const { works, civil } = platform.departments
    await hire(platform, 'works-both', works, ['data_officer', 'department_head', 'data_centre'])
    await hire(platform, 'civil-both', civil, ['data_officer', 'department_head', 'authority'])
    worksBoth = await enter(platform, 'works-both')
    civilBoth = await enter(platform, 'civil-both')
    for (const step of ['head_sign', 'form_check', 'authority_accept', 'provider_answer', 'provider_sign'] as const)
      await agreeUpTo(platform, await ask(), step)
    await grantRequest(platform, requestFor(datasetId))
    const back = { decision: 'return', reason: '补充' } as const
    await decide(platform, await ask(), back)
    await decide(platform, await agreeUpTo(platform, await ask(), 'provider_answer'), back)
    await decide(platform, await ask(), { decision: 'refuse', reason: '不需要' })
    const withdrawn = await ask()
    const officer = await platform.as('works-officer')
    await officer.call(withdrawRequest, { params: { id: withdrawn.id } }, { match: withdrawn.version })
    const own = await worksBoth.call(createRequest, { body: requestFor(datasetId) })
    await decide(platform, own, { decision: 'agree' })
    await worksBoth.call(createRequest, { body: requestFor(datasetId) })
    const asked = await agreeUpTo(platform, await ask(), 'provider_answer')
    await civilBoth.call(
      decideRequest,
      { params: { id: asked.id }, body: { step: 'provider_answer', decision: 'agree' } },
      { match: asked.version },
    )
    // Without a configuration by the centre a granted request waits for its applicant, then is done.
    const authority = await platform.as('authority')
    const params = { attribute: 'conditional' as const }
    const { version, steps } = await authority.call(readTemplate, { params })
    const shorter = steps.map((one) => one.step).filter((step) => step !== 'centre_configure')
    await authority.call(setTemplate, { params, body: { steps: shorter } }, { match: version })
    await grantRequest(platform, requestFor(datasetId))
    await decide(platform, await grantRequest(platform, requestFor(datasetId)), { decision: 'agree' })
  }, 60_000)

  test('the states of this file are all there are', async () => {
    const rows = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ state: string; step: string | null }>(sql`select distinct state, step from access_request`),
    )
    expect(new Set(rows.map((one) => one.state))).toEqual(
      new Set(['running', 'supplement', 'refused', 'withdrawn', 'done']),
    )
    const steps = rows.filter((one) => one.state === 'running').map((one) => one.step)
    expect(new Set(steps).size).toBe(7)
  })

  test('todo, `mine` and the home page agree with the rule that decides, for every person and state', async () => {
    const { services } = platform.server
    const rows = await services.db.read(SYSTEM_ROWS, (db) => db.many(sql<RequestRow>`${SELECT_REQUEST}`))
    const accounts = await Promise.all(
      (Object.keys(PEOPLE) as Account[]).map(async (one) => [one as string, await platform.as(one)] as const),
    )
    const people: (readonly [string, Session])[] = [...accounts, ['works-both', worksBoth], ['civil-both', civilBoth]]
    let turns = 0
    for (const [account, session] of people) {
      const person = (await personOfToken(services, session.cookie.split('=')[1]!)) as Person
      const expected = rows.filter((row) => isTurnOf(row, person)).map((row) => row.id)
      const home = await session.call(readHome)
      const links = home.todo.filter((one) => one.link.startsWith('/requests/')).map((one) => one.link.slice(10))
      expect(links.sort(), `${account} on the home page`).toEqual([...expected].sort())
      turns += expected.length
      if (!person.permissions.has('request.read')) continue
      const all = await session.call(listRequests, { query: { limit: '200' } })
      const todo = await session.call(listRequests, { query: { box: 'todo', limit: '200' } })
      expect(todo.items.map((one) => one.id).sort(), account).toEqual([...expected].sort())
      const mine = all.items.filter((one) => one.mine).map((one) => one.id)
      expect(mine.sort(), `mine of ${account}`).toEqual([...expected].sort())
    }
    expect(turns).toBeGreaterThan(20)
  })

  test('200: each party sees its own, newest first; the provider what has reached it', async () => {
    const all = await list('authority')
    expect((await list('works-officer')).map((one) => one.id)).toEqual(all.map((one) => one.id))
    const reached = await list('civil-officer')
    expect(reached.length).toBeGreaterThan(0)
    expect(reached.length).toBeLessThan(all.length)
    for (const one of reached) expect(['head_sign', 'form_check', 'authority_accept']).not.toContain(one.step)
    expect(await list('police-officer')).toEqual([])
    const times = all.map((one) => one.createdAt)
    expect(times).toEqual([...times].sort().reverse())
  })

  test('200: what this person decided, and what his department sent', async () => {
    expect((await list('works-head', 'done')).length).toBeGreaterThan(10)
    expect(await list('works-officer', 'sent')).toHaveLength((await list('authority')).length)
    expect(await list('civil-officer', 'sent')).toEqual([])
    expect(await list('authority', 'overdue')).toEqual([])
  })

  test('200: pages hold each request once', async () => {
    const authority = await platform.as('authority')
    const ids: string[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<typeof authority.call<typeof listRequests>>> = await authority.call(listRequests, {
        query: { limit: '4', ...(after ? { after } : {}) },
      })
      ids.push(...page.items.map((one) => one.id))
      after = page.next
    } while (after)
    expect(ids).toEqual((await list('authority')).map((one) => one.id))
  })

  test('400, 401, 403', async () => {
    const officer = await platform.as('works-officer')
    const after = Buffer.from('["now","x"]').toString('base64url')
    await expect(officer.call(listRequests, { query: { after } })).rejects.toMatchObject({
      places: [{ path: '#/query/after' }],
    })
    await expect(clientOf(platform.server).call(listRequests)).rejects.toMatchObject({ status: 401 })
    await expect(list('operator')).rejects.toMatchObject({ status: 403 })
  })
})
