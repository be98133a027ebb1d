import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { indexDatasets } from '../../apps/server/src/modules/catalogue/search-index.ts'
import { SYSTEM_ROWS } from '../../apps/server/src/kernel/db.ts'
import { usePlatform } from '../harness/platform.ts'
import { reportHolds } from './report.ts'
import {
  holds,
  READS_CATALOGUE,
  READS_GRANTS,
  READS_REQUESTS,
  seesDataset,
  seesGrant,
  seesPending,
  seesRequest,
  stateOf,
} from './rules.ts'
import { searchHolds } from './search.ts'
import { build, clear, liveName, pendingName, plans, type Person, type World } from './world.ts'

/** Invariant 1: what any endpoint shows is what a plain reading of the rules allows, no more and no less. */
const RUNS = 3

describe('what endpoints show', () => {
  const platform = usePlatform({ jobs: false })
  let db: pg.Client
  beforeAll(async () => {
    db = new pg.Client({ connectionString: platform.url })
    await db.connect()
    await db.query('truncate dataset, dataset_version, access_request, access_grant cascade')
  })
  afterAll(() => db.end())

  async function get(person: Person, path: string): Promise<{ status: number; text: string }> {
    const url = `/api/v1${path}`
    const reply = await platform.server.http.inject({ method: 'GET', url, headers: { cookie: person.cookie } })
    return { status: reply.statusCode, text: reply.payload }
  }

  type Item = { id: string; state: string }
  /** All pages of a list, or null where the person is refused. */
  async function listed(person: Person, path: string): Promise<{ items: Item[]; text: string } | null> {
    const items: Item[] = []
    let [text, after] = ['', '']
    for (;;) {
      const reply = await get(person, `${path}${path.includes('?') ? '&' : '?'}limit=3${after}`)
      if (reply.status === 403) return null
      expect([path, reply.status, reply.status === 200 ? '' : reply.text]).toEqual([path, 200, ''])
      const page = JSON.parse(reply.text) as { items: Item[]; next: string | null }
      items.push(...page.items)
      text += reply.text
      if (page.next === null) return { items, text }
      after = `&after=${encodeURIComponent(page.next)}`
    }
  }

  /** List and details of one kind: exactly what `sees` allows, each once; 404 for the rest, 403 without the right. */
  async function compare<T extends { id: string }>(
    person: Person,
    kind: { path: string; readers: readonly string[]; sees: (person: Person, one: T) => boolean },
    all: readonly T[],
  ): Promise<Item[]> {
    const may = holds(person, kind.readers)
    const list = await listed(person, kind.path)
    expect([person.roles, kind.path, list !== null]).toEqual([person.roles, kind.path, may])
    const visible = all.filter((one) => kind.sees(person, one)).map((one) => one.id)
    const given = list?.items ?? []
    expect([person.roles, kind.path, given.map((one) => one.id).sort()]).toEqual([
      person.roles,
      kind.path,
      visible.sort(),
    ])
    for (const { id } of all) {
      const { status } = await get(person, `${kind.path}/${id}`)
      expect([person.roles, kind.path, status]).toEqual([
        person.roles,
        kind.path,
        !may ? 403 : visible.includes(id) ? 200 : 404,
      ])
    }
    return given
  }

  async function datasetsHold(person: Person, { datasets }: World): Promise<void> {
    await compare(person, { path: '/datasets', readers: READS_CATALOGUE, sees: seesDataset }, datasets)
    if (!holds(person, READS_CATALOGUE)) return
    const texts = [(await listed(person, '/datasets'))!.text, (await listed(person, '/datasets?state=pending'))!.text]
    const found = (await listed(person, '/datasets?q=pending-'))!.items.map((one) => one.id)
    const open = (await listed(person, '/datasets?state=pending'))!.items.map((one) => one.id)
    expect(open.sort()).toEqual(
      datasets
        .filter((one) => seesPending(person, one))
        .map((one) => one.id)
        .sort(),
    )
    for (const one of datasets) {
      const may = seesPending(person, one)
      const paths = ['', '?version=pending', '?version=live', '/versions'].map((rest) => `/datasets/${one.id}${rest}`)
      const details = await Promise.all(paths.map((path) => get(person, path)))
      const shown = [...texts, ...details.map(({ text }) => text)].join('\n')
      const facts = { roles: person.roles, published: one.published, pending: one.pending }
      if (!may) {
        expect({ ...facts, leaks: shown.includes(pendingName(one.id)) }).toEqual({ ...facts, leaks: false })
        expect(found).not.toContain(one.id)
        // Not even that a change is under way.
        if (seesDataset(person, one))
          expect(JSON.parse(details[0]!.text)).toMatchObject({ pending: null, pendingState: null })
      } else
        expect({ ...facts, shows: details[1]!.text.includes(pendingName(one.id)) }).toEqual({ ...facts, shows: true })
      const showsLive = details[2]!.text.includes(liveName(one.id))
      expect({ ...facts, showsLive }).toEqual({ ...facts, showsLive: one.published && seesDataset(person, one) })
    }
  }

  test(`${RUNS} random worlds: lists, details, search, facets and report are what the rules say, for every person`, async () => {
    let [compared, found, counted] = [0, 0, 0]
    const property = fc.asyncProperty(plans, async (plan) => {
      await clear(db)
      const world = await build(db, plan)
      const ids = world.datasets.map((one) => one.id)
      await platform.server.services.db.write(SYSTEM_ROWS, (tx) => indexDatasets(tx, ids))
      for (const person of world.people) {
        await datasetsHold(person, world)
        await compare(person, { path: '/requests', readers: READS_REQUESTS, sees: seesRequest }, world.requests)
        found += await searchHolds((path) => get(person, path), person, world, plan.searches)
        counted += await reportHolds((path) => get(person, path), person, world)
        const grants = await compare(person, { path: '/grants', readers: READS_GRANTS, sees: seesGrant }, world.grants)
        for (const one of grants) expect(one.state).toBe(stateOf(world.grants.find(({ id }) => id === one.id)!))
        compared += world.datasets.length + world.requests.length + world.grants.length
      }
    })
    // Small worlds have little to compare: more of them then.
    const isEnough = () => compared > 100 && found > 100 && counted > 20
    for (let round = 0; round < 5 && !isEnough(); round++)
      await fc.assert(property, { numRuns: RUNS, endOnFailure: true })
    expect({ compared, found, counted, isEnough: isEnough() }).toMatchObject({ isEnough: true })
  }, 120_000)
})
