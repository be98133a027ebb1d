import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { PostgresqlSettings } from '../../../packages/connectors/src/postgresql/settings.ts'
import { settingsOf } from '../../../apps/agent/src/testing/exchange.ts'
import { run } from '../../../packages/connectors/src/testing/cluster.ts'
import { Followed } from '../../../packages/connectors/src/testing/follow.ts'
import { random } from '../../../packages/connectors/src/testing/ledger.ts'
import { LONG } from '../../harness/long.ts'
import { OwnCluster } from './own-cluster.ts'

const WRITERS = 50
const SECONDS = LONG ? 60 : 4
const COLUMNS = [
  { name: 'id', type: 'bigint' },
  { name: 'name', type: 'text' },
]

// Of its own: whoever follows by cursor waits for all writers of a cluster, other tests' followers too.
let cluster: OwnCluster
let source: PostgresqlSettings
beforeAll(async () => {
  cluster = await OwnCluster.start({ max_connections: '100' })
  source = settingsOf(cluster.url)
})
afterAll(() => cluster.dispose())

it(
  `${WRITERS} writers whose numbers and times are older than their commits: a cursor misses none of their rows (2)`,
  async () => {
    await run(
      source,
      `CREATE TABLE numbered (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, op char(1) NOT NULL DEFAULT 'I',
         updated_at timestamptz NOT NULL DEFAULT clock_timestamp());
       CREATE INDEX ON numbered (updated_at); INSERT INTO numbered (name) VALUES ('first')`,
    )
    const read = {
      table: { schema: 'public', name: 'numbered' },
      select: COLUMNS.map(({ name }) => ({ expression: `"${name}"`, as: name })),
      where: null,
      convention: { operation: 'op', updatedAt: 'updated_at' },
      key: ['id'],
      lagSeconds: 0,
    }
    const followed = new Followed(source, source, read, COLUMNS)
    await followed.copy()
    const until = performance.now() + SECONDS * 1000
    const committed: number[] = []
    const writing = Array.from({ length: WRITERS }, async (_, who) => {
      const next = random(who + 1)
      const client = new Client({ ...source, ssl: false })
      await client.connect()
      try {
        while (performance.now() < until) {
          await client.query('BEGIN')
          const { rows } = await client.query<{ id: string }>(
            `INSERT INTO numbered (name) VALUES ('writer ${who}') RETURNING id`,
          )
          await sleep(next() * 300)
          await client.query(next() < 0.1 ? 'ROLLBACK' : 'COMMIT')
          committed.push(Number(rows[0]!.id))
        }
      } finally {
        await client.end()
      }
    })
    const done = Promise.all(writing)
    while (performance.now() < until) await followed.follow()
    await done
    await followed.follow()
    const ids = (table: string) => run(source, `SELECT id, name FROM ${table} ORDER BY id`)
    const rows = await ids('numbered')
    expect(rows.length).toBeGreaterThan(WRITERS * 2)
    expect(committed.some((id, i) => i > 0 && id < committed[i - 1]!)).toBe(true)
    expect(await ids('numbered_received')).toEqual(rows)
  },
  SECONDS * 1000 + 60_000,
)
