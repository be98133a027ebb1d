import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from 'pg'
import { run, startCluster, type TestCluster } from '../../testing/cluster.ts'
import { Ledger, random } from '../../testing/ledger.ts'
import type { LogTuple } from '../../log/types.ts'
import { connect } from '../connect.ts'
import type { PostgresqlSettings } from '../settings.ts'
import { parseLsn } from './lsn.ts'
import { decodeMessage, LogFormatError, type LogMessage } from './pgoutput.ts'
import { type LogItem, LogStream } from './stream.ts'

let cluster: TestCluster
let source: PostgresqlSettings
beforeAll(async () => {
  cluster = await startCluster()
  source = await cluster.database()
})
afterAll(() => cluster.stop())

const TRANSACTIONS = 150
const KINDS = `id int, yes boolean, small smallint, ratio double precision, short real, code char(6), at time, day date, span interval,
  doc jsonb, list text[], raw bytea, net inet, flags bit(5), one uuid, "odd ""name""" text, note text`

const NAMES = `id, yes, small, ratio, short, code, at, day, span, doc, list, raw, net, flags, one, "odd ""name""", note`

/** Another table that is changed in the same transactions: values of many types, keys that change, rows that go. */
async function workOnKinds(ledger: Ledger, next: () => number): Promise<void> {
  const id = Math.floor(next() * 40)
  const maybe = (sql: string) => (next() < 0.2 ? 'NULL' : sql)
  const values = [
    maybe(String(next() < 0.5)),
    maybe(String(Math.floor(next() * 1000) - 500)),
    maybe(next() < 0.1 ? `'NaN'` : String(next() * 1e9)),
    maybe(String(next())),
    maybe(`'区${Math.floor(next() * 100)}'`),
    maybe(`'12:34:56.${Math.floor(next() * 1e6)}'`),
    maybe(next() < 0.1 ? `'infinity'` : `date '1990-09-16' - ${Math.floor(next() * 1e6)}`),
    maybe(`interval '${Math.floor(next() * 90)} days 3 seconds'`),
    maybe(`'{"it''s": "${Math.floor(next() * 9)}\\\\"}'`),
    maybe(`ARRAY['a,"b', NULL, '𠮷', '']`),
    maybe(`decode(md5('${id}'), 'hex')`),
    maybe(`'10.0.${id}.0/24'`),
    maybe(`B'10110'`),
    maybe(`md5('${next()}')::uuid`),
    maybe(`E'line\\n''quoted'' [x]: null'`),
    maybe(next() < 0.5 ? `''` : `repeat(md5('${next()}'), 200)`),
  ]
  const kind = next()
  if (kind < 0.5) {
    await ledger.query(`INSERT INTO public.kinds (${NAMES}) VALUES (${id}, ${values.join(', ')}) ON CONFLICT (id)
      DO UPDATE SET small = excluded.small, doc = excluded.doc`)
  } else if (kind < 0.7) await ledger.query(`UPDATE public.kinds SET ratio = ${values[2]} WHERE id = ${id}`)
  else if (kind < 0.85) await ledger.query(`DELETE FROM public.kinds WHERE id = ${id}`)
  else
    await ledger.query(
      `UPDATE public.kinds SET id = id + 1000 * (1 + (SELECT max(id) / 1000 FROM public.kinds)) WHERE id = ${id}`,
    )
}

/** What the log said from a position up to now. */
async function decoded(slot: string, publication: string, from: bigint): Promise<LogMessage[]> {
  const [end] = await run(source, 'SELECT pg_current_wal_insert_lsn()::text AS lsn')
  const client = await connect(source, 'source', { replication: true })
  const stream = new LogStream(client, { slot, publication, from })
  const items: LogItem[] = []
  stream.start()
  try {
    for (;;) {
      const taken = await stream.take(1000)
      items.push(...taken)
      stream.goOn()
      if (taken.some((item) => item.kind === 'keepalive' && item.end >= parseLsn(end!['lsn']!))) break
    }
  } finally {
    stream.close()
  }
  return items.filter((item) => item.kind !== 'keepalive')
}

/** Messages as the server's own plugin `test_decoding` writes them. */
class Retold {
  readonly lines: string[] = []
  readonly #types: ReadonlyMap<string, string>
  readonly #quoted: ReadonlyMap<string, string>
  readonly #relations = new Map<number, Extract<LogMessage, { kind: 'relation' }>>()

  constructor(types: ReadonlyMap<string, string>, quoted: ReadonlyMap<string, string>) {
    this.#types = types
    this.#quoted = quoted
  }

  take(message: LogMessage): void {
    switch (message.kind) {
      case 'begin':
        this.lines.push(`BEGIN ${message.xid}`)
        return
      case 'commit':
        this.lines.push('COMMIT')
        return
      case 'relation':
        this.#relations.set(message.id, message)
        return
      case 'insert':
        return this.#line(message.relation, 'INSERT', this.#tuple(message.relation, message.row))
      case 'delete':
        return this.#line(message.relation, 'DELETE', this.#tuple(message.relation, message.old, true))
      case 'update': {
        const row = this.#tuple(message.relation, message.row)
        const old = message.old === null ? null : this.#tuple(message.relation, message.old, true)
        return this.#line(message.relation, 'UPDATE', old === null ? row : ` old-key:${old} new-tuple:${row}`)
      }
      case 'truncate':
        for (const relation of message.relations) this.#line(relation, 'TRUNCATE', ' (no-flags)')
        return
      default:
        throw new Error(`unexpected ${message.kind}`)
    }
  }

  #line(relation: number, what: string, rest: string): void {
    const { schema, name } = this.#relations.get(relation)!
    this.lines.push(`table ${schema}.${name}: ${what}:${rest}`)
  }

  #tuple(relation: number, tuple: LogTuple, isOld = false): string {
    return tuple
      .map((value, i) => {
        if (value === null && isOld) return ''
        const { name, type } = this.#relations.get(relation)!.columns[i]!
        return ` ${this.#quoted.get(name)}[${this.#types.get(String(type))}]:${this.#value(value, type)}`
      })
      .join('')
  }

  #value(value: LogTuple[number], type: number): string {
    if (value === null) return 'null'
    if (value === undefined) return 'unchanged-toast-datum'
    switch (this.#types.get(String(type))) {
      case 'smallint':
      case 'integer':
      case 'bigint':
      case 'real':
      case 'double precision':
      case 'numeric':
        return value
      case 'bit':
        return `B'${value}'`
      case 'boolean':
        return value === 't' ? 'true' : 'false'
      default:
        return `'${value.replaceAll("'", "''")}'`
    }
  }
}

async function retell(judge: Client, messages: readonly LogMessage[]): Promise<string[]> {
  const { rows: types } = await judge.query<{ oid: string; name: string }>(
    'SELECT oid::text, format_type(oid, NULL) AS name FROM pg_type',
  )
  const { rows: names } = await judge.query<{ name: string; quoted: string }>(
    `SELECT DISTINCT attname AS name, quote_ident(attname) AS quoted FROM pg_attribute`,
  )
  const told = new Retold(
    new Map(types.map(({ oid, name }) => [oid, name])),
    new Map(names.map(({ name, quoted }) => [name, quoted])),
  )
  for (const message of messages) told.take(message)
  return told.lines
}

describe('decoding the log', () => {
  for (const identity of ['DEFAULT', 'FULL'] as const) {
    it(`says of random work what the server's own test_decoding says, row by row (identity ${identity})`, async () => {
      const table = `ledger_${identity.toLowerCase()}`
      const ledger = await Ledger.open(source, table, { identity, seed: 17 })
      await ledger.query(`DROP TABLE IF EXISTS public.kinds; CREATE TABLE public.kinds (${KINDS}, PRIMARY KEY (id))`)
      await ledger.query(`ALTER TABLE public.kinds ALTER note SET STORAGE EXTERNAL, REPLICA IDENTITY ${identity}`)
      const name = `judged_${identity.toLowerCase()}`
      await ledger.query(`CREATE PUBLICATION ${name} FOR TABLE public.${table}, public.kinds`)
      const judge = await connect(source, 'source')
      try {
        const { rows } = await judge.query<{ lsn: string }>(
          `SELECT lsn::text FROM pg_create_logical_replication_slot('${name}', 'pgoutput')`,
        )
        await judge.query(`SELECT pg_create_logical_replication_slot('${name}_judge', 'test_decoding')`)
        const next = random(31)
        for (let n = 0; n < TRANSACTIONS; n++) {
          await ledger.work()
          await ledger.query('BEGIN')
          for (let i = 0; i < 4; i++) await workOnKinds(ledger, next)
          await ledger.query(`UPDATE public.${table} SET step = step WHERE account % 17 = ${n % 17}`)
          await ledger.query(next() < 0.1 ? 'ROLLBACK' : 'COMMIT')
          if (n === 50)
            await ledger.query(
              `ALTER TABLE public.kinds ADD more numeric(9,2) DEFAULT 7, DROP small; ALTER TABLE public.kinds ADD small int`,
            )
          if (n === 100) await ledger.query(`TRUNCATE public.kinds`)
        }
        await ledger.sweep(2)
        const ours = await retell(judge, await decoded(name, name, parseLsn(rows[0]!.lsn)))
        const { rows: said } = await judge.query<{ data: string }>(
          `SELECT data FROM pg_logical_slot_peek_changes('${name}_judge', NULL, NULL, 'skip-empty-xacts', '1')`,
        )
        const theirs = said.map(({ data }) => (data.startsWith('COMMIT') ? 'COMMIT' : data))
        expect(ours.length).toBeGreaterThan(4 * TRANSACTIONS)
        for (const kind of ['INSERT', 'DELETE', 'TRUNCATE', 'old-key', 'unchanged-toast-datum']) {
          expect(
            theirs.some((line) => line.includes(kind)),
            kind,
          ).toBe(true)
        }
        expect(ours).toEqual(theirs)
      } finally {
        await judge.query(`SELECT pg_drop_replication_slot('${name}_judge')`)
        await judge.end()
        await ledger.close()
      }
    })
  }

  it('refuses every message that is cut short or has bytes left', () => {
    const text = (value: string) => Buffer.concat([Buffer.from([0x74, 0, 0, 0, value.length]), Buffer.from(value)])
    const whole = Buffer.concat([Buffer.from([0x49, 0, 0, 0, 9, 0x4e, 0, 3]), text('7'), Buffer.from([0x6e, 0x75])])
    expect(decodeMessage(whole)).toEqual({ kind: 'insert', relation: 9, row: ['7', null, undefined] })
    for (let end = 0; end < whole.length; end++) {
      expect(() => decodeMessage(whole.subarray(0, end)), `${end} bytes`).toThrow(LogFormatError)
    }
    expect(() => decodeMessage(Buffer.concat([whole, Buffer.from([0])]))).toThrow(LogFormatError)
  })
})
