import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type CustomTypesConfig } from 'pg'

/** A connection of the demonstration's own, as superuser of a cluster; it survives restarts of the database. */
export interface Sql {
  /** Rows as texts. Asked again while the database comes back, so `text` must be safe to repeat. */
  rows<T = Record<string, string | null>>(text: string, values?: readonly unknown[]): Promise<T[]>
}

const AWAY = /ECONNREFUSED|ECONNRESET|EPIPE|Connection terminated|57P0|08006|starting up|shutting down/
const PATIENCE_MS = 60_000
const texts = { getTypeParser: () => (value: string) => value }

/** One query, one connection. `urlOf` is asked anew each time, because a restarted cluster may have moved. */
export function openSql(urlOf: () => string): Sql {
  return {
    async rows<T>(text: string, values: readonly unknown[] = []) {
      const until = performance.now() + PATIENCE_MS
      for (;;) {
        const client = new Client({
          connectionString: urlOf(),
          application_name: 'huitong-demo',
          types: texts as unknown as CustomTypesConfig, // the declared parsers are of `any`
        })
        client.on('error', () => undefined)
        try {
          await client.connect()
          return (await client.query(text, [...values])).rows as T[]
        } catch (error) {
          const { code = '', message } = error as Error & { code?: string }
          if (!AWAY.test(`${code} ${message}`) || performance.now() > until) throw error
          await sleep(200)
        } finally {
          client.end().catch(() => undefined)
        }
      }
    },
  }
}

/** What a set of rows holds, measured by the demonstration itself. */
export interface Measured {
  readonly rows: number
  /** Different values of the key: fewer than `rows` means doubled rows. */
  readonly keys: number
  /** Digest over all values of all rows, whatever their order. */
  readonly digest: string
}

/**
 * Measures rows: each row's own text is hashed, and both halves of the 128-bit hashes are summed exactly, so that any
 * missing, doubled or changed row changes the digest. `expressions` give the same columns in the same order at both ends.
 */
export async function measure(sql: Sql, from: string, key: string, expressions: readonly string[]): Promise<Measured> {
  const half = (start: number) => `sum(('x' || substr(h, ${start}, 16))::bit(64)::bigint::numeric)`
  const [row] = await sql.rows<{ rows: string; keys: string; digest: string }>(
    `select count(*) as rows, count(distinct k) as keys,
       md5(count(*)::text || '/' || coalesce(${half(1)}, 0)::text || '/' || coalesce(${half(17)}, 0)::text) as digest
     from (select ${key} as k, md5(row(${expressions.map((one) => `(${one})::text`).join(', ')})::text) as h from ${from}) x`,
  )
  return { rows: Number(row!.rows), keys: Number(row!.keys), digest: row!.digest }
}
