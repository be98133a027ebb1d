import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run, startCluster, type TestCluster } from '../testing/cluster.ts'
import { Followed } from '../testing/follow.ts'
import type { PostgresqlSettings } from './settings.ts'

let cluster: TestCluster
let db: PostgresqlSettings
beforeAll(async () => {
  cluster = await startCluster()
  db = await cluster.database()
})
afterAll(() => cluster.stop())

const KEYS = 12
const WRITERS = 3

/** What a department's programs do to their front table, and when we look. */
type Step =
  | {
      readonly do: 'write'
      readonly writer: number
      readonly id: number
      readonly letter: 'U' | 'D'
      readonly town: string
    }
  | { readonly do: 'commit' | 'rollback'; readonly writer: number }
  | { readonly do: 'follow'; readonly rowsMax: number }
  | { readonly do: 'skew'; readonly id: number; readonly seconds: number }

const writer = fc.integer({ min: 0, max: WRITERS - 1 })
const id = fc.integer({ min: 1, max: KEYS })
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        writer,
        id,
        letter: fc.constantFrom('U' as const, 'U' as const, 'D' as const),
        town: fc.constantFrom('in', 'in', 'out'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('commit' as const, 'rollback' as const), writer }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('follow' as const), rowsMax: fc.integer({ min: 1, max: 5 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('skew' as const), id, seconds: fc.integer({ min: 0, max: 600 }) }),
    },
  ),
  { minLength: 5, maxLength: 60 },
)

const COLUMNS = [
  { name: 'id', type: 'bigint' },
  { name: 'name', type: 'text' },
  { name: 'town', type: 'text' },
]
let tables = 0

async function front(): Promise<Followed> {
  const name = `moving_${tables++}`
  await run(
    db,
    `CREATE TABLE ${name} (id bigint PRIMARY KEY, name text, town text, op char(1) NOT NULL, updated_at timestamptz NOT NULL);
     CREATE INDEX ON ${name} (updated_at);
     INSERT INTO ${name} SELECT n, 'first', CASE WHEN n % 3 = 0 THEN 'out' ELSE 'in' END, 'I', now()
       FROM generate_series(1, ${KEYS / 2}) n`,
  )
  const read = {
    table: { schema: 'public', name },
    select: COLUMNS.map((column) => ({ expression: `"${column.name}"`, as: column.name })),
    where: `"town" = 'in'`,
    convention: { operation: 'op', updatedAt: 'updated_at' },
    key: ['id'],
    // No lag: late commits must be found without it.
    lagSeconds: 0,
  }
  return new Followed(db, db, read, COLUMNS)
}

/** Several writers with transactions that stay open; a key that another one holds is left alone. */
class Writers {
  readonly #clients: Client[] = []
  readonly #held = new Map<number, number>()
  readonly #table: string
  #serial = 0
  constructor(table: string) {
    this.#table = table
  }
  async start(): Promise<void> {
    for (let i = 0; i < WRITERS; i++) {
      const client = new Client({ ...db, ssl: false })
      await client.connect()
      this.#clients.push(client)
    }
  }
  async write({ writer: who, id: key, letter, town }: Extract<Step, { do: 'write' }>): Promise<void> {
    const holder = this.#held.get(key)
    if (holder !== undefined && holder !== who) return
    const client = this.#clients[who]!
    if (![...this.#held.values()].includes(who)) await client.query('BEGIN')
    this.#held.set(key, who)
    await client.query(
      `INSERT INTO ${this.#table} AS t VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT (id) DO UPDATE
       SET name = excluded.name, town = excluded.town, op = excluded.op, updated_at = excluded.updated_at`,
      [key, `version ${this.#serial++}`, town, letter === 'U' ? 'I' : letter],
    )
  }
  async end(who: number, how: 'commit' | 'rollback'): Promise<void> {
    if (![...this.#held.values()].includes(who)) return
    await this.#clients[who]!.query(how)
    for (const [key, holder] of this.#held) if (holder === who) this.#held.delete(key)
  }
  /** A program with a wrong clock changes a row at once. */
  async skewed(key: number, seconds: number): Promise<void> {
    if (this.#held.has(key)) return
    await run(
      db,
      `UPDATE ${this.#table} SET name = 'skewed ${this.#serial++}', op = 'U', updated_at = clock_timestamp() + interval '${seconds} s'
       WHERE id = ${key} RETURNING 1`,
    )
  }
  async stop(): Promise<void> {
    for (let i = 0; i < WRITERS; i++) await this.end(i, 'commit')
    await Promise.all(this.#clients.map((client) => client.end()))
  }
}

it('whatever writers do, and whenever they commit: after a last look both ends hold the same rows', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const one = await front()
      const writers = new Writers(one.read.table.name)
      await writers.start()
      try {
        await one.copy()
        for (const step of list) {
          if (step.do === 'write') await writers.write(step)
          else if (step.do === 'follow') await one.follow(step.rowsMax)
          else if (step.do === 'skew') await writers.skewed(step.id, step.seconds)
          else await writers.end(step.writer, step.do)
        }
      } finally {
        await writers.stop()
      }
      await one.follow(2)
      const rows = (table: string, where: string) =>
        run(db, `SELECT id, name, town FROM ${table} WHERE ${where} ORDER BY id`)
      const sent = await rows(one.read.table.name, `op <> 'D' AND town = 'in'`)
      expect(await rows(one.table.name, 'true')).toEqual(sent)
      // And once more: everything is as it was.
      const { applied } = await one.follow()
      expect(applied.counts).toMatchObject({ inserted: '0', updated: '0', deleted: '0' })
    }),
    { numRuns: 14 },
  )
}, 120_000)
