import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { padded } from '../../../packages/connectors/src/log/padded.ts'
import { parseLsn } from '../../../packages/connectors/src/postgresql/log/lsn.ts'
import { releaseLog } from '../../../packages/connectors/src/postgresql/log/slot.ts'
import type { PostgresqlSettings } from '../../../packages/connectors/src/postgresql/settings.ts'
import { run, startCluster, type TestCluster } from '../../../packages/connectors/src/testing/cluster.ts'
import { Ledger, LEDGER_COLUMNS, random } from '../../../packages/connectors/src/testing/ledger.ts'
import { Logged, postgresqlEnd } from '../../../packages/connectors/src/testing/logged.ts'
import { LONG } from '../../harness/long.ts'

const ROUNDS = LONG ? 60 : 6
const KEYS = 30

let cluster: TestCluster
let source: PostgresqlSettings
let target: PostgresqlSettings
beforeAll(async () => {
  cluster = await startCluster()
  ;[source, target] = await Promise.all([cluster.database(), cluster.database()])
})
afterAll(() => cluster.stop())

/** One transaction in which a few keys come, go, come again and pass to each other many times, in this very order. */
async function toggle(ledger: Ledger, table: string, next: () => number): Promise<void> {
  const key = () => 1 + Math.floor(next() * KEYS)
  await ledger.query('BEGIN')
  for (let i = 0; i < 12; i++) {
    const kind = next()
    const one = key()
    if (kind < 0.4) await ledger.query(`DELETE FROM public."${table}" WHERE account = ${one}`)
    else if (kind < 0.8) {
      const note = next() < 0.5 ? 'NULL' : `repeat(md5('${next()}'), 100)`
      await ledger.query(
        `INSERT INTO public."${table}" VALUES (${one}, '${next()}', ${i}, now(), ${note}, ${i}) ON CONFLICT DO NOTHING`,
      )
    } else if (kind < 0.9) await ledger.query(`UPDATE public."${table}" SET step = step + 1 WHERE account = ${one}`)
    else {
      const other = key()
      await ledger.query(`UPDATE public."${table}" SET account = ${other} WHERE account = ${one}
        AND NOT EXISTS (SELECT FROM public."${table}" WHERE account = ${other})`)
    }
  }
  await ledger.query(next() < 0.1 ? 'ROLLBACK' : 'COMMIT')
}

const rowsOf = (settings: PostgresqlSettings, table: string) =>
  run(settings, `SELECT t::text AS row FROM public."${table}" t ORDER BY account`)

describe('rows that come and go, in one transaction and while they are copied (7, 22)', () => {
  for (const [identity, pieceBytesMax, together] of [
    ['DEFAULT', 4_000_000, 1],
    ['DEFAULT', 1_500, 3],
    ['FULL', 1_500, 2],
  ] as const) {
    it(`none is lost and none comes back: identity ${identity}, pieces of ${pieceBytesMax} bytes`, async () => {
      const table = `toggled_${identity.toLowerCase()}_${pieceBytesMax}`
      const ledger = await Ledger.open(source, table, { accounts: KEYS, identity })
      const options = { columns: LEDGER_COLUMNS, key: ['account'], pieceBytesMax, together }
      const logged = new Logged(postgresqlEnd(source), postgresqlEnd(target), table, options)
      const next = random(pieceBytesMax + together)
      try {
        // Many are committed between the slot's snapshot and the end of its copy.
        const copied = new AbortController()
        const toggling = (async () => {
          for (let n = 0; n < 40 || !copied.signal.aborted; n++) await toggle(ledger, table, next)
        })()
        await logged.copy()
        copied.abort()
        await toggling
        for (let round = 0; round < ROUNDS; round++) {
          const [end] = await run(source, 'SELECT pg_current_wal_insert_lsn()::text AS lsn')
          await logged.followTo({ since: padded(parseLsn(end!['lsn']!)) })
          expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
          for (let n = 0; n < 15; n++) await toggle(ledger, table, next)
        }
        const letters = new Set(logged.pieces.flatMap(({ data }) => data.toString().match(/^[IUD](?=,)/gm) ?? []))
        expect(letters).toEqual(new Set(['I', 'U', 'D']))
      } finally {
        await releaseLog(source, logged.channel)
        await ledger.close()
      }
    })
  }
})
