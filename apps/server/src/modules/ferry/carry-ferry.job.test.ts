import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import { readChannel, startChannel, stopChannel } from '@huitong/contract/exchange'
import { FerryTicket, readTicket } from '@huitong/contract/ferry'
import { createNode, createSource, listNodes } from '@huitong/contract/nodes'
import type { ReadInput } from '@huitong/contract/work'
import { type Arrived, Incoming, Outgoing } from '@huitong/ferry'
import { generateKeyPair, verifyReceipt } from '@huitong/segment'
import { sql } from 'kysely'
import { Check } from 'typebox/value'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  acknowledge,
  anotherChannel,
  type Channel,
  channelIn,
  receiptFor,
  seal,
  useChannel,
  verified,
} from '../../../../../tests/harness/exchange.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { sourceSettings, type TestNode } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

type Keys = Pick<TestNode, 'id' | 'signing' | 'sealing' | 'platform'>
type Answers = { answers: { number: number; code: string | null; receipt: string | null }[] }
const NOTHING = new Uint8Array(0)

describe('a node without a line', () => {
  const prepared = useChannel({ env: { HUITONG_FERRY_ASK_SECONDS: '1' } })
  const { platform } = prepared
  const folderOf = (id: string, name: string) => join(platform.dataDir, 'ferry', id, name)
  const provider = () => prepared.ground.provider
  let out: Outgoing
  let into: Incoming

  /** The node's ends, straight in the platform's folders: a gate that carries at once. */
  async function endsOf({ id, signing, sealing, platform: keys }: Keys): Promise<{ out: Outgoing; into: Incoming }> {
    const dir = join(platform.dataDir, `node-${id}`)
    const common = { node: id, now: () => new Date() }
    for (const name of ['in', 'out']) mkdirSync(folderOf(id, name), { recursive: true })
    return {
      out: await Outgoing.open({
        ...common,
        dir: join(dir, 'out'),
        folder: folderOf(id, 'in'),
        direction: 'in',
        signing,
        recipient: keys.sealingKey,
        keptBytesMax: 1_000_000_000,
      }),
      into: await Incoming.open({
        ...common,
        dir: join(dir, 'in'),
        folder: folderOf(id, 'out'),
        refused: join(dir, 'refused'),
        direction: 'out',
        privateKey: sealing.privateKey,
        signerOf: () => keys.signingKey,
      }),
    }
  }

  const send = async (kind: string, head: object, bytes: Uint8Array = NOTHING, to = out) => {
    const number = await to.send(kind, { head, bytes })
    await to.carry()
    return number
  }
  /** The next message of a kind that fits; others are taken on the way. */
  async function come(kind: string, fits: (head: never) => boolean = () => true): Promise<Arrived> {
    const look = async () => {
      for (let next = await into.next(); next !== null; next = await into.next()) {
        await into.commit()
        if (next.header.kind === kind && fits(next.head as never)) return next
      }
      return null
    }
    return (await eventually(look, (found) => found !== null, 15_000))!
  }
  const crossing = async (id: string) => {
    const { items } = await (await platform.as('centre')).call(listNodes, { query: { limit: '200' } })
    return items.find((one) => one.id === id)!
  }
  async function start(channel: Channel) {
    const centre = await platform.as('centre')
    const { version } = await centre.call(readChannel, { params: { id: channel.id } })
    await centre.call(startChannel, { params: { id: channel.id } }, { match: version })
    const order = await come('order', ({ input }: { input: ReadInput }) => input.stream === channel.id)
    return order.head as { id: string; fence: string; kind: string; input: ReadInput }
  }
  const announcements = () =>
    platform.server.services.db.read(SYSTEM_ROWS, async (db) =>
      Number(
        (
          await db.one<{ n: string }>(sql`select count(*) as n from audit
          where action = 'exchange.segment.announce' and actor_id = ${provider().id} and outcome = 'done'`)
        ).n,
      ),
    )

  beforeAll(async () => {
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update node set link = 'ferry' where id = ${provider().id}`),
    )
    ;({ out, into } = await endsOf(provider()))
  })

  test('its work comes as an order, its segment is taken as one that it uploads, with audit and receipt; everything twice changes nothing', async () => {
    const order = await start(prepared.channel)
    expect(order).toMatchObject({ kind: 'read', fence: '1' })
    // Over the line it gets nothing.
    expect((await provider().poll()).work).toEqual([])
    const segment = await seal(order.input, provider().signing, [['1', '甲', '33', null]])
    const manifest = Buffer.from(segment.signed.bytes).toString('utf8')
    const result = { rows: '1', segments: 1, finalDigest: segment.signed.manifest.sealedDigest }
    const ended = { id: order.id, fence: order.fence, state: 'done', result }
    // One that is sealed short, with a byte changed, is refused, and what is kept of it does not spoil the right one.
    const spoilt = Buffer.from(segment.sealed.subarray(0, -1))
    spoilt[0]! ^= 1
    const short = await send('segment', { manifest }, spoilt)
    const told = ({ answers }: Answers) => answers.some((one) => one.number === short)
    expect((await come('answers', told)).head).toMatchObject({
      answers: [{ number: short, code: 'segment.digest', receipt: null }],
    })
    const number = await send('segment', { manifest }, segment.sealed)
    await send('result', ended)
    await send('segment', { manifest }, segment.sealed)
    const last = await send('result', ended)
    const { head } = await come('answers', ({ answers }: Answers) => answers.some((one) => one.number === number))
    const { code, receipt } = (head as Answers).answers.find((one) => one.number === number)!
    expect(code).toBeNull()
    const signed = verifyReceipt(Buffer.from(receipt!), () => provider().platform.signingKey)
    expect(signed.receipt).toMatchObject({ channel: prepared.channel.id, hop: 'platform', rows: '1' })
    const seen = await eventually(
      () => crossing(provider().id),
      (node) => node.crossing!.takenNumber === last,
    )
    expect(seen).toMatchObject({ state: 'ferried', link: 'ferry', crossing: { problem: null } })
    // Twice for the short one, twice for the right one over spoilt bytes, once for its repetition.
    expect(await announcements()).toBe(5)

    await verified(platform, prepared.channel.id, 1)
    const apply = await prepared.ground.consumer.work('apply', prepared.channel.id)
    await acknowledge(prepared.ground.consumer, receiptFor(segment, prepared.ground.consumer.signing))
    await prepared.ground.consumer.finish(apply, { generation: 1, sequence: 1, rows: '1' })
    const done = await channelIn(platform, prepared.channel.id, 'completed')
    expect(done.crossings).toMatchObject([{ end: 'source', link: 'ferry' }])
    // The platform says durably how far it has taken, and the node's copies go.
    const notes = () => into.notes()
    const [note] = await eventually(notes, (found) => found.length > 0)
    const { series, number: upTo, digest } = note!.head as { series: string; number: number; digest: string }
    expect([upTo, await out.acknowledge(series, upTo, digest)]).toEqual([last, true])
    expect(out.kept.files).toBe(0)
    expect(readdirSync(folderOf(provider().id, 'in'))).toEqual([])
  }, 60_000)

  test('an order that is taken back is taken back there; what comes of it all the same is refused and told', async () => {
    const channel = await anotherChannel(prepared)
    const order = await start(channel)
    const centre = await platform.as('centre')
    const { version } = await centre.call(readChannel, { params: { id: channel.id } })
    const params = { id: channel.id }
    await centre.call(stopChannel, { params, body: { reason: '检修' } }, { match: version })
    expect((await come('revoke')).head).toEqual({ id: order.id })
    const segment = await seal(order.input, provider().signing, [['1', '甲', '33', null]])
    const manifest = Buffer.from(segment.signed.bytes).toString('utf8')
    const number = await send('segment', { manifest }, segment.sealed)
    const { head } = await come('answers')
    expect(head).toEqual({ answers: [{ number, code: 'node.fenced', receipt: null }] })
  }, 60_000)

  test('a grant that ends on the way ends what is on the way', async () => {
    const channel = await anotherChannel(prepared)
    const order = await start(channel)
    const authority = await platform.as('authority')
    const grantParams = { id: channel.grantId }
    const { version } = await authority.call(readGrant, { params: grantParams })
    const body = { reason: '超范围使用' }
    const head = await platform.as('civil-head')
    await head.call(revokeGrant, { params: grantParams, body }, { match: version })
    const segment = await seal(order.input, provider().signing, [['1', '甲', '33', null]])
    const manifest = Buffer.from(segment.signed.bytes).toString('utf8')
    const number = await send('segment', { manifest }, segment.sealed)
    const told = ({ answers }: { answers: { number: number }[] }) => answers.some((one) => one.number === number)
    const { answers } = (await come('answers', told)).head as { answers: { code: string }[] }
    expect(['grant.inactive', 'node.fenced']).toContain(answers[0]!.code)
  }, 60_000)

  test('what is missing is named on the page until it comes; a folder that cannot be read is said, and nothing is lost', async () => {
    const ended = { id: randomUUID(), fence: '1', state: 'done', result: {} }
    const first = await out.send('result', { head: ended, bytes: NOTHING })
    await out.send('result', { head: ended, bytes: NOTHING })
    const folder = folderOf(provider().id, 'in')
    const aside = `${folder}-aside`
    renameSync(folder, aside)
    await eventually(
      () => crossing(provider().id),
      (node) => node.crossing!.problem?.code === 'held',
      15_000,
    )
    // A mount point is not filled while nothing is mounted there.
    expect(existsSync(folder)).toBe(false)
    renameSync(aside, folder)
    await out.carry()
    const [lost] = readdirSync(folder).sort()
    const bytes = readFileSync(join(folder, lost!))
    rmSync(join(folder, lost!))
    const waiting = await eventually(
      () => crossing(provider().id),
      (node) => node.crossing!.problem?.code === 'missing',
      15_000,
    )
    expect(waiting.crossing!.problem!.message.zh).toContain(`第 ${first} 号`)
    writeFileSync(join(folder, lost!), bytes)
    await eventually(
      () => crossing(provider().id),
      (node) => node.crossing!.takenNumber === first + 1 && node.crossing!.problem === null,
      15_000,
    )
  }, 60_000)
})

describe('a node is enrolled over the crossing', () => {
  const platform = usePlatform()

  test('by the code of its ticket and its own signature; with another code it stays outside, and uploads need a line', async () => {
    const centre = await platform.as('centre')
    const departmentId = platform.departments.civil
    const made = await centre.call(createNode, { body: { name: { zh: '涉密区节点' }, departmentId, link: 'hand' } })
    const ticket = readTicket(made.enrolmentCode)
    if (!Check(FerryTicket, ticket)) throw new Error('no ticket')
    const id = made.node.id
    expect(ticket).toMatchObject({ nodeId: id, link: 'hand', name: { zh: '涉密区节点' } })
    const folder = join(platform.dataDir, 'ferry', id, 'in')
    const node = async () =>
      (await centre.call(listNodes, { query: { limit: '200' } })).items.find((one) => one.id === id)!
    mkdirSync(folder, { recursive: true })
    const enrol = async (name: string, code: string) => {
      const [signing, sealing] = [generateKeyPair('ed25519'), generateKeyPair('x25519')]
      const outgoing = await Outgoing.open({
        dir: join(platform.dataDir, name),
        folder,
        node: id,
        direction: 'in',
        signing,
        recipient: ticket.platform.sealingKey,
        keptBytesMax: 1_000_000_000,
        now: () => new Date(),
      })
      const head = { code, signingKey: signing.publicKey, sealingKey: sealing.publicKey, version: '0.1.0' }
      await outgoing.send('enrol', { head, bytes: NOTHING }, signing.publicKey)
      await outgoing.carry()
      return { keyId: signing.keyId, outgoing }
    }
    await enrol('stranger', 'not-the-code-of-this-ticket')
    await eventually(node, ({ crossing }) => crossing!.takenNumber === 1, 15_000)
    expect(await node()).toMatchObject({ state: 'awaiting', keyId: null })
    const { keyId, outgoing } = await enrol('right', ticket.code)
    expect(await eventually(node, ({ state }) => state === 'ferried', 15_000)).toMatchObject({
      keyId,
      version: '0.1.0',
    })
    // A newer agent says so in its notes.
    const own = { series: outgoing.series, last: outgoing.put }
    const note = { version: '0.2.0', own, series: null, number: 0, digest: null, missing: [] }
    await outgoing.note({ head: note, bytes: NOTHING })
    await eventually(node, ({ version }) => version === '0.2.0', 15_000)
    // Nobody else is this node from now on.
    await enrol('late', ticket.code)
    const late = await eventually(node, ({ crossing }) => crossing!.problem?.code === 'refused', 15_000)
    expect(late).toMatchObject({ keyId })

    const source = { name: { zh: '库' }, nodeId: id, usage: 'provide' as const, frontDatabase: true }
    const uploads = { ...source, kind: 'uploads', settings: { encoding: 'auto', delimiter: 'auto' } }
    await expect(centre.call(createSource, { body: uploads })).rejects.toMatchObject({ code: 'node.ferried' })
    const database = { ...source, kind: 'postgresql', settings: { ...sourceSettings } }
    expect(await centre.call(createSource, { body: database })).toMatchObject({ nodeId: id })
  }, 60_000)
})
