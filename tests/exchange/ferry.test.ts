import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mountDataset } from '@huitong/contract/curation'
import {
  createChannel,
  readChannel,
  startChannel,
  startReconciliation,
  listSegments,
  startIncrement,
} from '@huitong/contract/exchange'
import { createNode, createSource, discoverSource, listNodes, listTables } from '@huitong/contract/nodes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AgentProcess } from '../../apps/agent/src/testing/agent-process.ts'
import { run, settingsOf } from '../../apps/agent/src/testing/exchange.ts'
import { completeContent, decide, publish, readAs } from '../harness/catalogue.ts'
import { createDatabase, type TestDatabase } from '../harness/database.ts'
import { useEngine } from '../harness/engine.ts'
import { type Channel, grantTo } from '../harness/exchange.ts'
import { eventually } from '../harness/guards.ts'
import { OneWayGate } from '../harness/one-way-gate.ts'
import { usePlatform } from '../harness/platform.ts'

// Two real agents without any line to the real server: real folders, and gates between them that lose, spoil and repeat.

const PATIENCE_MS = 40_000
const ROWS = 30_000
const ITEMS = ['id', 'name', 'note']
const CONVENTION = { operation: 'op', updatedAt: 'updated_at', batch: null }
const MADE = `
  CREATE TABLE person (id bigint PRIMARY KEY, name text, note text, op char(1) NOT NULL DEFAULT 'I',
    updated_at timestamptz NOT NULL DEFAULT now());
  INSERT INTO person (id, name, note) SELECT n, '张 ' || n, (SELECT string_agg(md5(n::text || i), '') FROM generate_series(1, 24) i)
  FROM generate_series(1, ${ROWS}) n`

interface Side {
  readonly agent: AgentProcess
  readonly nodeId: string
  /** Towards the platform, and back. */
  readonly toPlatform: OneWayGate
  readonly fromPlatform: OneWayGate
}

describe('nodes behind one-way gates', () => {
  const platform = usePlatform({ env: { HUITONG_FERRY_ASK_SECONDS: '1' } })
  useEngine(platform)
  const folder = mkdtempSync(join(tmpdir(), 'huitong-ferry-'))
  const databases: TestDatabase[] = []
  const sides = {} as Record<'provider' | 'consumer', Side>

  async function sideOf(name: 'provider' | 'consumer', link: 'ferry' | 'ferry_out'): Promise<Side> {
    const centre = await platform.as('centre')
    const departmentId = platform.departments[name === 'provider' ? 'civil' : 'works']
    const body = { name: { zh: name }, departmentId, link }
    const { node, enrolmentCode } = await centre.call(createNode, { body })
    const [into, out] = [join(folder, name, 'in'), join(folder, name, 'out')]
    for (const one of [into, out]) mkdirSync(one, { recursive: true })
    // No address of a platform: there is no line.
    const env = {
      HUITONG_PLATFORM_URL: 'http://127.0.0.1:9',
      HUITONG_ENROLMENT_CODE: enrolmentCode,
      HUITONG_FERRY_ASK_SECONDS: '1',
    }
    const agent = new AgentProcess({ ...env, HUITONG_FERRY_IN: into, HUITONG_FERRY_OUT: out })
    const there = join(platform.dataDir, 'ferry', node.id)
    const [toPlatform, fromPlatform] = [
      new OneWayGate(out, join(there, 'in')),
      new OneWayGate(join(there, 'out'), into),
    ]
    return { agent, nodeId: node.id, toPlatform, fromPlatform }
  }

  beforeAll(async () => {
    databases.push(await createDatabase(), await createDatabase())
    await run(databases[0]!.url, MADE)
    sides.provider = await sideOf('provider', 'ferry')
    sides.consumer = await sideOf('consumer', 'ferry_out')
    for (const { agent } of Object.values(sides)) agent.start()
    sides.provider.toPlatform.start()
    sides.provider.fromPlatform.start()
    sides.consumer.fromPlatform.start()
  })
  afterAll(async () => {
    for (const { toPlatform, fromPlatform, agent } of Object.values(sides)) {
      toPlatform.stop()
      fromPlatform.stop()
      await agent.dispose()
    }
    await Promise.all(databases.map((database) => database.drop()))
    rmSync(folder, { recursive: true, force: true })
  })

  const nodeOf = async (id: string) => {
    const { items } = await (await platform.as('centre')).call(listNodes, { query: { limit: '200' } })
    return items.find((one) => one.id === id)!
  }
  /** A person brings what the consumer's node has laid out. */
  const byHand = () => sides.consumer.toPlatform.carry()

  async function sourceOf(side: Side, usage: 'provide' | 'receive'): Promise<string> {
    const settings = { ...settingsOf(databases[usage === 'provide' ? 0 : 1]!.url) }
    const body = { name: { zh: usage }, nodeId: side.nodeId, kind: 'postgresql', settings, usage, frontDatabase: true }
    return (await (await platform.as('centre')).call(createSource, { body })).id
  }

  async function readyTask(): Promise<{ id: string; channel: () => Promise<Channel> }> {
    const centre = await platform.as('centre')
    const sourceId = await sourceOf(sides.provider, 'provide')
    const targetSourceId = await sourceOf(sides.consumer, 'receive')
    await centre.call(discoverSource, { params: { id: sourceId } })
    const list = () => centre.call(listTables, { params: { id: sourceId } })
    const { items } = await eventually(list, (page) => page.items.length > 0, PATIENCE_MS)
    const item = (code: string) =>
      ({
        code,
        name: { zh: code },
        type: 'text',
        shareAttribute: 'conditional',
        level: 'general_2',
        key: code === 'id',
        nullable: code !== 'id',
      }) as const
    const dataset = await publish(platform, completeContent({ items: ITEMS.map(item) }))
    const mapping = ITEMS.map((code) => ({ item: code, field: code }))
    const officer = await platform.as('civil-officer')
    await officer.call(mountDataset, {
      params: { id: dataset.id },
      body: { tableId: items[0]!.id, mapping, convention: CONVENTION },
    })
    const request = await grantTo(platform, dataset, { items: ITEMS })
    const body = { grantId: request.grantId!, targetSourceId, targetTable: 'received', intervalSeconds: 86_400 }
    // What asks the platform on the way needs a line.
    await expect(centre.call(createChannel, { body: { ...body, mode: 'log' } })).rejects.toMatchObject({
      code: 'node.ferried',
    })
    const { id } = await centre.call(createChannel, { body: { ...body, mode: 'cursor', lagSeconds: 0 } })
    const asked = () => readAs(platform, 'works-officer', request.id)
    await eventually(asked, ({ step }) => step === 'applicant_confirm')
    await decide(platform, request.id, 'applicant_confirm')
    return { id, channel: () => centre.call(readChannel, { params: { id } }) }
  }

  test('through gates that lose, spoil, cut, repeat and reorder, and kills of both nodes, a copy and what changed after it arrive whole, with both receipts; without a way back a task goes on when a person brings the answers', async () => {
    const { provider, consumer } = sides
    await eventually(
      () => nodeOf(provider.nodeId),
      ({ state }) => state === 'ferried',
      PATIENCE_MS,
    )
    // Nothing of the consumer's comes by itself.
    await eventually(() => Promise.resolve(existsSync(join(folder, 'consumer', 'out'))), Boolean)
    await consumer.agent.logged('enrolment.ferried')
    expect(await nodeOf(consumer.nodeId)).toMatchObject({ state: 'awaiting', link: 'ferry_out' })
    await eventually(
      async () => (byHand(), nodeOf(consumer.nodeId)),
      ({ state }) => state === 'ferried',
      PATIENCE_MS,
    )
    const { id, channel } = await readyTask()
    const centre = await platform.as('centre')
    const { version } = await eventually(channel, ({ state }) => state === 'ready')

    const refusedIn = join(platform.dataDir, 'ferry', provider.nodeId, 'refused')
    provider.toPlatform.passage = (name, times) => {
      const number = Number(/(\d{10})\.ferry$/.exec(name)![1])
      if (number === 0 || times > 2) return 'whole'
      if (number % 5 === 3) return times === 1 ? 'drop' : 'twice'
      if (number % 5 === 4) return times === 1 ? { bytes: spoilt, again: false } : 'whole'
      if (number % 5 === 0) return times === 1 ? { bytes: (whole) => whole.subarray(0, 900), again: true } : 'whole'
      return times === 1 ? 'twice' : 'whole'
    }
    await centre.call(startChannel, { params: { id } }, { match: version })
    // Killed in the middle, both go on from what is in their folders.
    await provider.agent.logged('ferry.taken')
    await Promise.all([provider.agent.kill(), consumer.agent.kill()])
    provider.agent.start()
    consumer.agent.start()
    const applied = () => run(databases[1]!.url, `SELECT to_regclass('public.received') IS NOT NULL AS there`)
    await consumer.agent.logged('work.done', undefined, 60_000)
    expect((await applied())[0]).toEqual({ there: true })
    const sums = `SELECT count(*)::int AS rows, md5(string_agg(id || name || note, ',' ORDER BY id)) AS sum FROM`
    expect(await run(databases[1]!.url, `${sums} received`)).toEqual(await run(databases[0]!.url, `${sums} person`))
    // It is there, and the platform cannot know it: the task runs until somebody brings the answers.
    const unanswered = await eventually(channel, ({ progress }) => progress.segmentsVerified >= 3, PATIENCE_MS)
    expect(unanswered).toMatchObject({ state: 'running' })
    expect(unanswered.progress).toMatchObject({ segmentsApplied: 0, rowsApplied: '0' })
    expect(readdirSync(refusedIn).some((name) => name.endsWith('.reason.json'))).toBe(true)
    expect((await nodeOf(provider.nodeId)).crossing!.problem).toMatchObject({ code: 'refused' })

    const done = await eventually(
      async () => (byHand(), channel()),
      ({ state }) => state === 'following' || state === 'failed',
      PATIENCE_MS,
    )
    expect(done.problem).toBeNull()
    expect(done.progress).toMatchObject({ rowsSealed: String(ROWS), rowsApplied: String(ROWS) })
    const { items } = await centre.call(listSegments, { params: { id }, query: {} })
    expect(items.map(({ state }) => state)).toEqual(items.map(() => 'applied'))
    // Word of every receipt came back to the provider, whose copies are gone.
    await eventually(
      () => Promise.resolve(provider.agent.log.filter(({ event }) => event === 'ferry.receipt').length),
      (receipts) => receipts >= items.length,
      PATIENCE_MS,
    )

    await run(
      databases[0]!.url,
      `UPDATE person SET name = '改', op = 'U', updated_at = clock_timestamp() WHERE id <= 7;
       UPDATE person SET op = 'D', updated_at = clock_timestamp() WHERE id BETWEEN 11 AND 13;
       INSERT INTO person (id, name, updated_at) VALUES (0, '新', clock_timestamp())`,
    )
    await centre.call(startIncrement, { params: { id } })
    const changed = await eventually(
      async () => (byHand(), channel()),
      ({ follow }) => follow!.last?.state === 'done' || follow!.last?.state === 'failed',
      PATIENCE_MS,
    )
    expect(changed.follow!.totals).toMatchObject({ inserted: '1', updated: '7', deleted: '3' })

    await centre.call(startReconciliation, { params: { id } })
    const compared = await eventually(
      async () => (byHand(), channel()),
      ({ reconciliations: [last] }) => last?.finishedAt != null,
      PATIENCE_MS,
    )
    expect(compared.reconciliations[0]).toMatchObject({ state: 'equal', sourceRows: String(ROWS - 2) })
  }, 180_000)
})

function spoilt(whole: Buffer): Buffer {
  const changed = Buffer.from(whole)
  changed[changed.length - 40]! ^= 4
  return changed
}
