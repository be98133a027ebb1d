import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, startCluster, type TestCluster } from '../../testing/cluster.ts'
import { Ledger, LEDGER_COLUMNS, random } from '../../testing/ledger.ts'
import { Logged, type LoggedOptions, postgresqlEnd } from '../../testing/logged.ts'
import type { PostgresqlSettings } from '../settings.ts'
import { padded } from '../../log/padded.ts'
import { parseLsn } from './lsn.ts'
import { releaseLog } from './slot.ts'

let cluster: TestCluster
let source: PostgresqlSettings
let target: PostgresqlSettings
beforeAll(async () => {
  cluster = await startCluster()
  source = await cluster.database()
  target = await cluster.database()
})
afterAll(() => cluster.stop())

let tables = 0
const opened: { logged: Logged; ledger: Ledger | null }[] = []
afterAll(async () => {
  for (const { logged, ledger } of opened) {
    await releaseLog(source, logged.channel)
    await ledger?.close()
  }
})

async function ledgerOf(
  options: { identity?: 'DEFAULT' | 'FULL'; seed?: number; accounts?: number } = {},
  over: Partial<LoggedOptions> = {},
) {
  const table = `ledger_${tables++}`
  const ledger = await Ledger.open(source, table, options)
  const logged = new Logged(postgresqlEnd(source), postgresqlEnd(target), table, {
    columns: LEDGER_COLUMNS,
    key: ['account'],
    ...over,
  })
  opened.push({ logged, ledger })
  return { table, ledger, logged }
}

const now = async (): Promise<{ since: string }> => {
  const [row] = await run(source, 'SELECT pg_current_wal_insert_lsn()::text AS lsn')
  return { since: padded(parseLsn(row!['lsn']!)) }
}
const rowsOf = async (settings: PostgresqlSettings, table: string, where = 'true') =>
  (await run(settings, `SELECT t::text AS row FROM public."${table}" t WHERE ${where} ORDER BY account`)).map(
    ({ row }) => row,
  )
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: { code?: string }) => error.code,
  )

describe('following the log of a table', () => {
  it('keeps every state of a ledger: copied while it works, its sum constant at each commit, its rows equal at the end', async () => {
    for (const [identity, pieceBytesMax] of [
      ['DEFAULT', undefined],
      ['FULL', 3000],
      ['DEFAULT', 1500],
    ] as const) {
      const { table, ledger, logged } = await ledgerOf(
        { identity, seed: 7 },
        pieceBytesMax === undefined ? {} : { pieceBytesMax },
      )
      const sums = new Set<string>()
      const steps = new Map<string, bigint>()
      logged.onCommit = async () => {
        const rows = await run(target, `SELECT account, balance, step FROM public."${table}_received"`)
        sums.add(rows.reduce((sum, row) => sum + BigInt(row['balance']!.replace('.', '')), 0n).toString())
        for (const row of rows) {
          const before = steps.get(row['account']!) ?? 0n
          if (BigInt(row['step']!) < before) throw new Error(`account ${row['account']} went back`)
          steps.set(row['account']!, BigInt(row['step']!))
        }
      }
      const working = (async () => {
        for (let i = 0; i < 40; i++) await ledger.work()
      })()
      await logged.copy()
      await working
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 20; i++) await ledger.work()
        if (round === 1) await ledger.sweep(2)
        await logged.followTo(await now())
        expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
      }
      expect(sums).toEqual(new Set([String(50n * 10_000_000n)]))
    }
  }, 120_000)

  it('applies a transaction larger than a piece as one', async () => {
    const { table, ledger, logged } = await ledgerOf({ accounts: 300 }, { pieceBytesMax: 4000 })
    await logged.copy()
    const seen = new Set<string>()
    logged.onCommit = async () => {
      const rows = await run(
        target,
        `SELECT string_agg(DISTINCT step::text, ',') AS steps FROM public."${table}_received"`,
      )
      seen.add(rows[0]!['steps']!)
    }
    await ledger.sweep(3)
    await ledger.sweep(1)
    await logged.followTo(await now())
    expect(logged.pieces.filter(({ from, to }) => from.since === to.since).length).toBeGreaterThan(5)
    expect([...seen]).toEqual(['3', '4'])
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
  })

  it('commits pieces together when several are there, and gives them again alike after a commit that got lost', async () => {
    const { table, ledger, logged } = await ledgerOf({ seed: 5 }, { together: 3, pieceBytesMax: 1500 })
    await logged.copy()
    let commits = 0
    logged.onCommit = async () => void commits++
    for (let i = 0; i < 120; i++) await ledger.work()
    await ledger.sweep(1)
    await logged.followTo(await now())
    expect(commits).toBeGreaterThan(2)
    expect(logged.pieces.length).toBeGreaterThan(3 * commits)
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
    const loader = await logged.loader()
    logged.generation++
    logged.sequence = 0
    for (const piece of logged.pieces) await loader.merge(logged.segment(piece))
    await loader.commit()
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
    // What does not follow what was taken is refused, also when nothing of it is committed yet.
    const last = logged.pieces.at(-1)!
    const beyond = { ...last.to, since: `F${last.to.since.slice(1)}` }
    const unlinked = loader.merge(logged.segment({ ...last, from: beyond, to: beyond }))
    await expect(unlinked).rejects.toMatchObject({ code: 'position_gap' })
    await loader.close()
  })

  it('ends pieces where the receiving table may stand, so that none is applied in part', async () => {
    const { table, ledger, logged } = await ledgerOf({}, { lingerMs: 1000 })
    await logged.copy()
    const from = await logged.position()
    const read = async (cuts: string[]) => {
      const reader = await logged.open(new AbortController().signal, { from, cuts })
      reader.endAt = await now()
      const pieces = []
      for await (const event of reader.events()) if (event.kind === 'piece') pieces.push(event)
      return pieces
    }
    const apply = async (cuts: string[]) => {
      const pieces = await read(cuts)
      const loader = await logged.loader()
      logged.generation++
      logged.sequence = 0
      for (const piece of pieces) await loader.merge(logged.segment(piece))
      await loader.commit()
      await loader.close()
    }
    // A row takes another number, its long note does not travel; then another row takes the number that became free. Nothing
    // is confirmed to the source, as when the receiving side's word got lost.
    await ledger.query(`UPDATE public."${table}" SET account = 901 WHERE account = 3`)
    const between = (await now()).since
    await apply([])
    const { since } = await logged.position()
    await ledger.query(`UPDATE public."${table}" SET account = 3 WHERE account = 6`)
    expect(await read([])).toHaveLength(1)
    for (const cuts of [[since], [between], [between, 'F0000000/00000000', since, from.since]]) {
      expect((await read(cuts)).map((piece) => piece.from.since)).toEqual([from.since, since])
    }
    await apply([since])
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
  })

  it('gives everything again that was read and not committed, and applies it once', async () => {
    const { table, ledger, logged } = await ledgerOf({ seed: 3 })
    await logged.copy()
    for (let i = 0; i < 60; i++) await ledger.work()
    // Read and thrown away: nothing of it was confirmed.
    const stop = new AbortController()
    const reader = await logged.open(stop.signal)
    reader.endAt = await now()
    const before = []
    for await (const event of reader.events()) if (event.kind === 'piece') before.push(event.data.toString())
    expect(before.length).toBeGreaterThan(0)
    await logged.followTo(await now())
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
    // Once more from the beginning, as after an acknowledgement that was lost.
    const loader = await logged.loader()
    logged.generation++
    logged.sequence = 0
    for (const piece of logged.pieces) {
      await loader.merge(logged.segment(piece))
      if (!loader.isInside) await loader.commit()
    }
    await loader.close()
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
  })

  it('lets out only what the filter lets out: rows that move in are inserts, rows that move out are deletes', async () => {
    const filter: NonNullable<LoggedOptions['filter']> = (field) => Number(field('balance')) >= 1000
    const { table, ledger, logged } = await ledgerOf(
      { identity: 'FULL', seed: 11 },
      { filter, filterFields: ['balance'], where: 'balance >= 1000' },
    )
    await logged.copy()
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 60; i++) await ledger.work()
      await logged.followTo(await now())
      expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table, 'balance >= 1000'))
    }
    // Of a row that stays outside not even the key leaves.
    await ledger.query(`INSERT INTO public."${table}" VALUES (900001, '外', 1, now(), NULL, 1)`)
    await ledger.query(`UPDATE public."${table}" SET holder = '仍在外' WHERE account = 900001`)
    await ledger.query(`DELETE FROM public."${table}" WHERE account = 900001`)
    await logged.followTo(await now())
    expect(logged.pieces.some(({ data }) => data.includes('900001'))).toBe(false)
  })

  it('asks for the whole old row when the filter looks at other fields than the key', async () => {
    const filter: NonNullable<LoggedOptions['filter']> = (field) => Number(field('balance')) >= 1000
    const { ledger, logged } = await ledgerOf({}, { filter, filterFields: ['balance'], where: 'balance >= 1000' })
    await logged.copy()
    await ledger.work()
    await ledger.work()
    expect(await codeOf(logged.followTo(await now()))).toBe('log_identity')
  })

  it('stops at TRUNCATE after what was before it, and goes on when a person approved it', async () => {
    const { table, ledger, logged } = await ledgerOf()
    await logged.copy()
    await ledger.sweep(1)
    const before = await rowsOf(source, table)
    await ledger.query(`BEGIN; UPDATE public."${table}" SET step = 99; TRUNCATE public."${table}";
      INSERT INTO public."${table}" VALUES (1, '新', 5, NULL, NULL, 1); COMMIT`)
    await ledger.query(`INSERT INTO public."${table}" VALUES (2, '新', 5, NULL, NULL, 1)`)
    const stopped = await logged.followTo(await now()).then(
      () => null,
      (error: { code: string; detail: string }) => error,
    )
    expect(stopped?.code).toBe('log_truncated')
    expect(await rowsOf(target, `${table}_received`)).toEqual(before)
    logged.approved = [stopped!.detail]
    await logged.followTo(await now())
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
  })

  it('says that there is a gap when the slot is gone, was made anew, or another table took the name', async () => {
    const { ledger, logged, table } = await ledgerOf()
    await logged.copy()
    await ledger.work()
    await logged.followTo(await now())
    const { slot, publication } = logged.slot
    await run(source, `SELECT pg_drop_replication_slot('${slot}')`)
    expect(await codeOf(logged.followTo(await now()))).toBe('log_gap')
    await run(source, `SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`)
    expect(await codeOf(logged.followTo(await now()))).toBe('log_gap')
    const fresh = await ledgerOf()
    await fresh.logged.copy()
    await run(
      source,
      `DROP TABLE public."${fresh.table}"; CREATE TABLE public."${fresh.table}" (LIKE public."${table}" INCLUDING ALL)`,
    )
    expect(await codeOf(fresh.logged.followTo(await now()))).toBe('log_gap')
    expect(publication).toMatch(/^huitong_/)
  })

  it('names the right or the setting that is missing', async () => {
    const table = `ledger_${tables++}`
    await (await Ledger.open(source, table)).close()
    const user = `reader_${table}`
    await run(source, `CREATE ROLE "${user}" LOGIN PASSWORD 'secret'; GRANT SELECT ON public."${table}" TO "${user}"`)
    const poor = { ...source, user, password: 'secret' }
    const options = { columns: LEDGER_COLUMNS, key: ['account'] }
    const asUser = () => new Logged(postgresqlEnd(poor), postgresqlEnd(target), table, options)
    const refused = await asUser()
      .copy()
      .catch((error: unknown) => error as { code: string; detail: string })
    expect(refused).toMatchObject({ code: 'log_rights' })
    expect((refused as { detail: string }).detail).toMatch(/^CREATE PUBLICATION "huitong_/)
    // The administrator runs the statement; now the slot is what is missing.
    const logged = asUser()
    opened.push({ logged, ledger: null })
    const named = await logged.copy().catch((error: unknown) => error as { detail: string })
    await run(source, (named as { detail: string }).detail)
    await expect(logged.copy()).rejects.toMatchObject({ code: 'log_rights', detail: 'ALTER ROLE … REPLICATION' })
    await run(source, `ALTER ROLE "${user}" REPLICATION`)
    await logged.copy()
    await run(source, `UPDATE public."${table}" SET step = 1`)
    await logged.followTo(await now())
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
  })

  it('holds no log for a table where nothing happens', async () => {
    const { logged } = await ledgerOf()
    await logged.copy()
    await run(source, 'CREATE TABLE IF NOT EXISTS public.noise (n int)')
    await run(source, `INSERT INTO public.noise SELECT generate_series(1, 50000)`)
    const stop = new AbortController()
    const reader = await logged.open(stop.signal)
    const wanted = await now()
    for await (const event of reader.events()) {
      if (event.kind !== 'idle') continue
      reader.confirm(event.lsn)
      if (event.lsn >= wanted.since) break
    }
    const confirmed = async () =>
      (
        await run(
          source,
          `SELECT confirmed_flush_lsn >= '${wanted.since}' AS ok
        FROM pg_replication_slots WHERE slot_name = '${logged.slot.slot}'`,
        )
      )[0]!['ok']
    await expect.poll(confirmed).toBe(true)
  })

  it('repeats random numbers by their seed', () => {
    const [a, b] = [random(5), random(5)]
    expect([a(), a(), a()]).toEqual([b(), b(), b()])
  })
})
