import { randomUUID } from 'node:crypto'
import { OPERATION_COLUMN, sha256Hex } from '@huitong/segment'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cursor } from '../connector.ts'
import { run, startCluster, type TestCluster } from '../testing/cluster.ts'
import { startProxy } from '../testing/proxy.ts'
import type { ChangeSegment, TargetTable } from '../database.ts'
import { ChangeLoader } from './apply-changes.ts'
import { Loader } from './load-rows.ts'
import { claimChannel, claimTable } from './position.ts'
import type { PostgresqlSettings } from './settings.ts'
import { ensureTable } from './target.ts'

let cluster: TestCluster
let db: PostgresqlSettings
beforeAll(async () => {
  cluster = await startCluster()
  db = await cluster.database()
})
afterAll(() => cluster.stop())

const at = (second: number): Cursor => {
  const time = `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000Z`
  return { since: time, at: time, writer: '0' }
}
const COLUMNS = [
  { name: 'id', type: 'bigint', nullable: false },
  { name: 'name', type: 'text', nullable: false },
  { name: 'facts', type: 'json', nullable: true },
]
let tables = 0

/** A table with the rows 1 to 5, copied when the source stood at second 10. */
async function setUp(over: Partial<TargetTable> = {}) {
  const table: TargetTable = { schema: 'public', name: `补贴_${tables++}`, columns: COLUMNS, key: ['id'], ...over }
  const channel = randomUUID()
  await ensureTable(db, table)
  const { fence } = await claimChannel(db, channel, table)
  const loader = await Loader.open(db, { channel, table, fence })
  const plain = Buffer.from([1, 2, 3, 4, 5].map((n) => `${n},row ${n},\n`).join(''))
  const columns = COLUMNS.map(({ name, type }) => ({ name, type }))
  const load = { generation: 1, sequence: 1, final: true, columns, rows: '5', plain }
  await loader.apply({ ...load, cursor: JSON.stringify(at(10)) })
  await loader.close()
  const open = async (stream: string, through = db) => {
    const claimed = await claimTable(db, table)
    return ChangeLoader.open(through, { channel, stream, table, fence: claimed.position.fence })
  }
  const rows = async () =>
    (await run(db, `SELECT id, name FROM public."${table.name}" ORDER BY id`)).map(
      (row) => `${row['id']} ${row['name']}`,
    )
  return { table, channel, open, rows, stream: randomUUID() }
}

function segment(sequence: number, final: boolean, text: string, over: Partial<ChangeSegment> = {}): ChangeSegment {
  const plain = Buffer.from(text)
  return {
    generation: 1,
    sequence,
    final,
    columns: [OPERATION_COLUMN, ...COLUMNS.map(({ name, type }) => ({ name, type }))],
    rows: String(text.split('\n').length - 1),
    plain,
    plainDigest: sha256Hex(plain),
    from: at(10),
    to: at(20),
    ...over,
  }
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: { code: string }) => error.code,
  )

const FIRST = segment(1, false, 'U,1,changed,"{""a"": 1}"\nD,2,,\nI,6,new,\n')
const LAST = segment(2, true, 'D,9,,\nU,3,row 3,\n')
const AFTER = ['1 changed', '3 row 3', '4 row 4', '5 row 5', '6 new']

describe('changes of one stream', () => {
  it('take effect as a whole with the final segment, and the cursor moves with them', async () => {
    const { open, rows, stream } = await setUp()
    const loader = await open(stream)
    expect(await loader.take(FIRST)).toBeNull()
    expect(await rows()).toEqual(['1 row 1', '2 row 2', '3 row 3', '4 row 4', '5 row 5'])
    expect((await loader.position()).cursor).toBe(JSON.stringify(at(10)))
    const applied = await loader.take(LAST)
    expect(applied!.counts).toEqual({ inserted: '1', updated: '1', deleted: '1', unchanged: '1', absent: '1' })
    expect(await rows()).toEqual(AFTER)
    const position = await loader.position()
    expect(position).toMatchObject({ cursor: JSON.stringify(at(20)), rows: '5', staged: null })
    await loader.close()
  })

  it('are applied once, however often each segment comes, by whatever holder', async () => {
    const { open, rows, stream } = await setUp()
    for (const one of [FIRST, FIRST, LAST, LAST, FIRST]) {
      const loader = await open(stream)
      await loader.take(one)
      await loader.close()
    }
    expect(await rows()).toEqual(AFTER)
    const loader = await open(stream)
    expect(await loader.reached(1)).toBe(2)
    expect((await loader.take(LAST))!.counts).toMatchObject({ inserted: '1', updated: '1', deleted: '1' })
    await loader.close()
  })

  it('begun by another generation or stream are dropped whole', async () => {
    const { open, rows, stream } = await setUp()
    const loader = await open(stream)
    await loader.take(FIRST)
    expect(await loader.reached(2)).toBe(0)
    await loader.take(segment(1, true, 'U,1,second generation,\n', { generation: 2 }))
    expect(await rows()).toEqual(['1 second generation', '2 row 2', '3 row 3', '4 row 4', '5 row 5'])
    await loader.close()
  })

  it('may overlap what was applied, but neither begin after it nor end before it', async () => {
    const { open, stream } = await setUp()
    const loader = await open(stream)
    const late = segment(1, true, '', { from: at(11), to: at(30) })
    expect(await codeOf(loader.take(late))).toBe('position_gap')
    const old = segment(1, true, '', { from: at(5), to: at(9) })
    expect(await codeOf(loader.take(old))).toBe('position_gap')
    const overlapping = segment(1, true, 'U,1,row 1,\n', { from: at(5), to: at(12) })
    expect((await loader.take(overlapping))!.counts).toMatchObject({ unchanged: '1' })
    await loader.close()
  })

  it('an old holder cannot write once another has taken over', async () => {
    const { open, rows, stream } = await setUp()
    const old = await open(stream)
    await old.take(FIRST)
    const young = await open(stream)
    expect(await codeOf(old.take(LAST))).toBe('fenced')
    expect(await rows()).toHaveLength(5)
    await young.take(LAST)
    expect(await rows()).toEqual(AFTER)
    await Promise.all([old.close(), young.close()])
  })

  it.each([
    ['a gap', segment(2, true, ''), 'sequence_gap'],
    ['other bytes than signed', { ...FIRST, plain: Buffer.from('U,1,x,\nD,2,,\nI,6,y,\n') }, 'digest_mismatch'],
    ['fewer rows than signed', { ...FIRST, rows: '4' }, 'row_count_mismatch'],
    ['a value that does not fit', segment(1, true, 'U,one,x,\n'), 'bad_value'],
    ['a key that occurs twice', segment(1, true, 'U,1,x,\nU,1,y,\n'), 'duplicate_key'],
    ['a required field that is empty', segment(1, true, 'U,8,,\n'), 'null_value'],
    ['a key that is empty', segment(1, true, 'D,,,\n'), 'null_value'],
    ['columns without an operation', { ...FIRST, columns: FIRST.columns.slice(1) }, 'schema_changed'],
  ])('are refused as a whole: %s', async (_name, bad, code) => {
    const { open, rows, stream } = await setUp()
    const loader = await open(stream)
    expect(await codeOf(loader.take(bad))).toBe(code)
    expect(await rows()).toEqual(['1 row 1', '2 row 2', '3 row 3', '4 row 4', '5 row 5'])
    expect((await loader.position()).cursor).toBe(JSON.stringify(at(10)))
    await loader.close()
  })

  it('a line that breaks at any moment leaves either nothing or all of it', async () => {
    const { open, rows, stream } = await setUp()
    const before = await rows()
    const proxy = await startProxy(db)
    const through = { ...db, host: '127.0.0.1', port: proxy.port }
    const twin = await setUp()
    const whole = await twin.open(twin.stream, through)
    for (const one of [FIRST, LAST]) await whole.take(one)
    const bytes = proxy.bytes()
    await whole.close()
    for (let cut = 1; cut <= 16; cut++) {
      proxy.cutAfter(Math.floor((bytes * cut) / 17))
      try {
        const loader = await open(stream, through)
        for (const one of [FIRST, LAST]) await loader.take(one)
        await loader.close()
      } catch {
        // The line was cut: what is there must be whole.
      }
      expect([before, AFTER]).toContainEqual(await rows())
    }
    await proxy.stop()
    const loader = await open(stream)
    await loader.take(FIRST)
    await loader.take(LAST)
    await loader.close()
    expect(await rows()).toEqual(AFTER)
  })

  it('a table that no full copy filled has no position to go on from', async () => {
    const table: TargetTable = { schema: 'public', name: `empty_${tables++}`, columns: COLUMNS, key: ['id'] }
    await ensureTable(db, table)
    const channel = randomUUID()
    const { fence } = await claimChannel(db, channel, table)
    const loader = await ChangeLoader.open(db, { channel, stream: randomUUID(), table, fence })
    expect(await codeOf(loader.take(segment(1, true, '')))).toBe('position_gap')
    await loader.close()
  })
})
