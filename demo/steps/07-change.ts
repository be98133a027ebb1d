import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listIncrements, readChannel, readReconciliation, startReconciliation } from '@huitong/contract/exchange'
import { TRUTH_FILE } from '../city/registers.ts'
import { measure, openSql, type Measured, type Sql } from '../run/measure.ts'
import { signedRows, verifyReceipts } from '../run/receipts.ts'
import { faultsOf, needed, pause, tally, until, type Outcome, type Step, type World } from '../run/world.ts'
import { configure, keptFirst, start, stateOf } from './channels.ts'
import { actorsOf, agreeAll, askFor } from './requests.ts'

export interface ChangeFigures {
  planted_inserts: number
  planted_updates: number
  planted_deletes: number
  /** Of the updates: rows that no longer pass the filter of the grant. */
  left_filter: number
  /** What the receiving table has more, otherwise and less than before, row by row. */
  inserted: number
  updated: number
  deleted: number
  /** What the platform says was applied. */
  applied_inserted: number
  applied_updated: number
  applied_deleted: number
  batches: number
  receipts_invalid: number
  killed: string[]
  source_rows: number
  target_rows: number
  source_digest: string
  target_digest: string
  compared: string
  seconds: number
}

const INSERTS = 4_000
const UPDATES = 4_000
const DELETES = 2_000
/** As so many transactions of the department, one after the other, so that changes flow in between. */
const PUSHES = 5
const LATE_ROWS = 200
const LATE_SECONDS = 6
const ITEMS = ['address', 'id', 'name', 'status', 'village_code'] as const
const ACTORS = actorsOf('zhujian', 'gongan')
const AGENT = 'gongan_agent'
const HERE = '正常'

/** The log of the population is followed into the housing bureau's database while its own bureau goes on pushing. */
async function run(world: World): Promise<Outcome<ChangeFigures>> {
  const source = openSql(() => world.platform.superuser('departments', world.platform.databases.gongan.database))
  const table = world.round === 1 ? 'population' : `population_${world.round}`
  const channelId = await followed(world, source, table)
  const here = () => measureHere(source)
  const there = () => measure(world.target, `public.${table}`, 'id', ITEMS)
  const before = await rowsOf(world.target, table)
  const begun = performance.now()
  const planted = await push(world, source, () => appliedOnce(world, channelId))
  await until('the changes', async () => (await there()).digest === (await here()).digest, 240_000)
  const seconds = Math.round((performance.now() - begun) / 10) / 100
  if (world.sabotage === 'change')
    await world.target.rows(`delete from public.${table} where id = (select min(id) from public.${table})`)
  const [left, right] = [await here(), await there()]
  const moved = compared(before, await rowsOf(world.target, table))
  const state = await reconcile(world, channelId)
  const brought = await appliedBy(world, channelId)
  world.made.tally?.atReport.push(() => tallyTravelled(world, channelId, before.size))
  const figures: ChangeFigures = {
    ...planted.figures,
    ...moved,
    ...brought,
    killed: planted.killed,
    source_rows: left.rows,
    target_rows: right.rows,
    source_digest: left.digest,
    target_digest: right.digest,
    compared: state,
    seconds,
  }
  return { figures, faults: faults(figures, right) }
}

function faults(figures: ChangeFigures, right: Measured): string[] {
  const { planted_inserts, planted_updates, planted_deletes, left_filter } = figures
  return faultsOf({
    'every insert arrived': figures.inserted === planted_inserts && planted_inserts > 0,
    'every update arrived': figures.updated === planted_updates - left_filter && figures.updated > 0,
    'what was deleted or left the filter of the grant is gone, and nothing else':
      figures.deleted === planted_deletes + left_filter && planted_deletes > 0 && left_filter > 0,
    'the platform counts of each kind what the receiving table shows':
      figures.applied_inserted === figures.inserted &&
      figures.applied_updated === figures.updated &&
      figures.applied_deleted === figures.deleted,
    'no row twice': right.keys === right.rows,
    'both ends hold the same values': figures.source_digest === figures.target_digest,
    'they came by more than one batch': figures.batches > 1,
    'each segment is acknowledged by both hops with valid signatures': figures.receipts_invalid === 0,
    'a comparison while it is followed finds both ends equal': figures.compared === 'equal',
  })
}

/** Asked for, agreed, configured to follow, copied whole once. */
async function followed(world: World, source: Sql, table: string): Promise<string> {
  const id = await askFor(world, 'zhujian', {
    datasetId: needed(world.made.registers?.['population'], 'the register of people'),
    items: [...ITEMS],
    rowFilter: { op: 'eq', field: 'status', value: { type: 'text', value: HERE } },
    matter: { code: '11330000002482090H4330117004000', name: '公共租赁住房复核' },
    purpose: '公共租赁住房承租人居住情况复核',
    legalBasis: '《公共租赁住房管理办法》第二十九条',
    scenario: '承租人住址变动后当日复核',
    scope: '住房保障科，不向其他单位提供',
    method: 'table',
  })
  const grantId = await agreeAll(world, id, ACTORS, { masks: [{ item: 'name', mask: 'name' }] })
  const channelId = await configure(world, grantId, { id, table }, { actors: ACTORS, log: true })
  await letFollow(source, channelId)
  await start(world, channelId)
  await until('the first full copy', async () => (await stateOf(world, channelId)) === 'following', 300_000)
  world.say('the population is there, and followed')
  return channelId
}

/**
 * What the bureau's own administrator does, because its agent may only read: lets it take the log, publishes the table for
 * this channel, and has the log tell old rows, by which the grant's filter judges them.
 */
async function letFollow(source: Sql, channelId: string): Promise<void> {
  const publication = `huitong_${channelId.replaceAll('-', '')}`
  await source.rows(`alter role ${AGENT} replication`)
  await source.rows('alter table public.population replica identity full')
  await source.rows(
    `create publication ${publication} for table public.population with (publish_via_partition_root = true)`,
  )
}

const measureHere = (source: Sql): Promise<Measured> =>
  measure(
    source,
    `public.population where op <> 'D' and status = '${HERE}'`,
    'id',
    ITEMS.map((item) => (item === 'name' ? keptFirst(item) : item)),
  )

/** Each row's own digest by its key. */
async function rowsOf(sql: Sql, table: string): Promise<Map<string, string>> {
  const rows = await sql.rows<{ id: string; h: string }>(
    `select id, md5(row(${ITEMS.join(', ')})::text) as h from public.${table}`,
  )
  return new Map(rows.map(({ id, h }) => [id, h]))
}

function compared(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  const inserted = [...after.keys()].filter((id) => !before.has(id)).length
  const deleted = [...before.keys()].filter((id) => !after.has(id)).length
  const updated = [...after].filter(([id, hash]) => before.has(id) && before.get(id) !== hash).length
  return { inserted, updated, deleted }
}

/**
 * What the bureau does, in several transactions, one of which commits long after its rows' update time. Rows whose faults
 * the city planted stay as they are, so that the truth about them stays true; each statement is safe to repeat.
 */
async function push(world: World, source: Sql, between: () => Promise<void>) {
  const faulty = faultyIds(world)
  const rows = await source.rows<{ id: string }>(
    `select id from public.population where op <> 'D' and status = '${HERE}' and death_date is null order by id desc`,
  )
  const clean = rows.map(({ id }) => id).filter((id) => !faulty.has(id))
  const updates = clean.splice(0, Math.min(UPDATES, Math.floor(clean.length * 0.4)))
  const deletes = clean.splice(0, Math.min(DELETES, Math.floor(clean.length * 0.3)))
  const late = updates.slice(0, LATE_ROWS)
  const leaving = updates.slice(-Math.ceil(updates.length / 10))
  const rest = updates.slice(LATE_ROWS, -leaving.length)
  const [{ first }] = (await source.rows<{ first: string }>(
    'select max(id)::bigint + 1 as first from public.population',
  )) as [{ first: string }]
  const killed: string[] = []
  const change = (ids: readonly string[], what: string) =>
    source.rows(
      `update public.population set ${what}, updated_at = now(), batch_no = batch_no + 1 where id = any('{${ids.join()}}')`,
    )
  const moved = `op = 'U', address = split_part(address, '#', 1) || '#${world.round}'`
  const committed = source.rows(
    `update public.population set ${moved}, updated_at = now() where id = any('{${late.join()}}');
     select pg_sleep(${LATE_SECONDS})`,
  )
  for (let at = 0; at < PUSHES; at++) {
    await insert(source, BigInt(first), at, updates)
    await change(part(rest, at), moved)
    await change(part(deletes, at), `op = 'D'`)
    await change(part(leaving, at), `op = 'U', status = '迁出'`)
    if (world.operate) killed.push(...killOne(world, at))
    await pause(1_500)
    // However busy the machine is, what follows comes by another increment than what went before.
    if (at === 1) await between()
  }
  await committed
  const figures = {
    planted_inserts: INSERTS,
    planted_updates: updates.length,
    planted_deletes: deletes.length,
    left_filter: leaving.length,
  }
  return { figures, killed }
}

const part = <T>(all: readonly T[], at: number): T[] => all.filter((_one, i) => i % PUSHES === at)

/** New people, in the villages of others; of each only what has no faults. */
async function insert(source: Sql, first: bigint, at: number, others: readonly string[]): Promise<void> {
  const count = INSERTS / PUSHES
  const from = first + BigInt(at * count)
  await source.rows(
    `insert into public.population (id, name, sex, address, village_code, status, op, updated_at, batch_no)
     select g, '新民', '1', '新址' || g, codes[1 + g % cardinality(codes)], '${HERE}', 'I', now(), 2
     from generate_series(${from}, ${from + BigInt(count - 1)}) g,
       (select array_agg(distinct village_code) as codes from public.population
        where id = any('{${others.join()}}') and village_code is not null) v
     on conflict (id) do nothing`,
  )
}

/** Both agents die once while changes are on their way. */
function killOne(world: World, at: number): string[] {
  const name = ({ 1: 'agent-gongan', 3: 'agent-consumer' } as Record<number, string>)[at]
  if (name === undefined || world.platform.kill(name) === null) return []
  world.poller.killed()
  world.say(`killed ${name} while changes flow`)
  return [name]
}

function faultyIds(world: World): Set<string> {
  const lines = readFileSync(join(world.platform.dataDir, 'demo', TRUTH_FILE), 'utf8')
    .trim()
    .split('\n')
  const broken = lines.map((line) => JSON.parse(line) as { table: string; id: string })
  return new Set(broken.filter(({ table }) => table === 'population').map(({ id }) => id))
}

/** Waits until the platform has applied changes at least once. */
async function appliedOnce(world: World, channelId: string): Promise<void> {
  const centre = await world.as('centre')
  await until('the first changes', async () => {
    const { log } = await centre.call(readChannel, { params: { id: channelId } })
    return Number(log?.applied.inserted ?? '0') > 0
  })
}

/** Streams of the log of a channel, ended or not. */
const streams = async (world: World, channelId: string) => {
  const centre = await world.as('centre')
  return (await centre.call(listIncrements, { params: { id: channelId }, query: { limit: '200' } })).items
}

/** What the platform says was done, and whether both hops signed for each batch of what has ended. */
async function appliedBy(world: World, channelId: string) {
  const centre = await world.as('centre')
  const { log } = await centre.call(readChannel, { params: { id: channelId } })
  const ended = (await streams(world, channelId)).filter(({ state }) => state === 'done')
  let invalid = 0
  let batches = 0
  for (const { id } of ended) {
    const receipts = await verifyReceipts(world, id, 'consumer')
    invalid += receipts.invalid
    batches += receipts.segments
  }
  const { inserted, updated, deleted } = needed(log ?? undefined, 'the view of the log').applied
  return {
    applied_inserted: Number(inserted),
    applied_updated: Number(updated),
    applied_deleted: Number(deleted),
    batches,
    receipts_invalid: invalid,
  }
}

/** The rows that the consumer signed for, by the receipts alone: of every generation, because a restart sends some again. */
async function tallyTravelled(world: World, channelId: string, copied: number): Promise<void> {
  let travelled = copied
  for (const { id } of await streams(world, channelId)) travelled += await signedRows(world, id)
  tally(world, 'gongan', 'rows_shared', travelled)
}

/** The consumer compares while the channel is followed. */
async function reconcile(world: World, channelId: string): Promise<string> {
  const officer = await world.as('zhujian-officer')
  const { id } = await officer.call(startReconciliation, { params: { id: channelId } })
  let state = 'running'
  await until('the comparison', async () => {
    state = (await officer.call(readReconciliation, { params: { id } })).state
    return state !== 'running'
  })
  return state
}

export const change: Step<ChangeFigures> = { number: 7, name: 'change', run }
