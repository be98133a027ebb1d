import type { AddressInfo } from 'node:net'
import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import { Client } from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  callService,
  credential,
  serve,
  signedRequest,
  type Credential,
  type Served,
} from '../../../../../tests/harness/gateway.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { csvLine } from './csv.ts'

const PATH = '/api/v1/services/people/export'
const MANY = 30_000

describe('export of a service', () => {
  const platform = usePlatform({ centre: true })
  let served: Served
  let app: Credential
  let base = ''
  beforeAll(async () => {
    served = await serve(platform)
    app = await credential(platform)
    await platform.server.http.listen({ port: 0, host: '127.0.0.1' })
    base = `http://127.0.0.1:${(platform.server.http.server.address() as AddressInfo).port}`
  })
  const fetched = async (query: Record<string, string>) => {
    const { url, headers } = signedRequest(platform, app, PATH, { query })
    return fetch(base + url, { headers })
  }

  test('CSV: a line of names, granted rows and items, masks, what could be misread in quotes', async () => {
    const reply = await fetched({ items: 'id,name,id_number' })
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    const lines = (await reply.text()).split('\n')
    expect(lines.slice(0, 2)).toEqual(['id,name,id_number', expect.stringMatching(/^2,李梅,\d{6}\*{8}.{4}$/) as string])
    expect(lines.slice(2)).toEqual([expect.stringMatching(/^9007199254740993,王小明,/) as string, ''])
    expect(csvLine([null, '', 'a,b', 'say "a"', ' x', '二\n行', true, '01'])).toBe(
      ',"","a,b","say ""a"""," x","二\n行",true,01\n',
    )
  })

  test('JSON lines, and a filter of the caller’s own', async () => {
    const reply = await fetched({ format: 'jsonl', items: 'id,name', 'id.gt': '2' })
    expect(await reply.text()).toBe('{"id":"9007199254740993","name":"王小明"}\n')
  })

  test('refusals: an item that is not granted, a page, an unknown format', async () => {
    const asked = (query: Record<string, string>) => callService(platform, app, PATH, { query })
    expect(await asked({ items: 'phone' })).toMatchObject({ status: 403, code: 'service.item_not_granted' })
    expect(await asked({ limit: '2' })).toMatchObject({ status: 400, code: 'request.invalid' })
    expect(await asked({ format: 'xml' })).toMatchObject({ status: 400, code: 'request.invalid' })
  })

  test('an export of many parts is whole, each part is in the account, and it uses one call of the quota', async () => {
    await addMany(platform.server.settings.databaseUrl)
    const before = await accounted()
    const text = await (await fetched({ items: 'id' })).text()
    const ids = text.trim().split('\n').slice(1)
    expect([ids.length, new Set(ids).size]).toEqual([MANY + 2, MANY + 2])
    const after = await accounted()
    expect(after.rows - before.rows).toBe(MANY + 2)
    expect(after.quota - before.quota).toBe(1)
  })

  test('a running export is cut within 5 seconds of the revocation, also when nobody reads it', async () => {
    const running = await fetched({})
    const reader = running.body!.getReader()
    await reader.read()
    const idle = await fetched({})
    const head = await platform.as('civil-head')
    const of = { params: { id: served.request.grantId! } }
    const { version } = await head.call(readGrant, of)
    await head.call(revokeGrant, { ...of, body: { reason: '依据已废止' } }, { match: version })
    const begun = performance.now()
    await expect(drained(reader)).rejects.toThrow()
    expect(performance.now() - begun).toBeLessThan(5_000)
    await new Promise((resolve) => setTimeout(resolve, 5_000 - (performance.now() - begun)))
    // What the sender gave to the network before is still there; after it comes the break, and not the end.
    await expect(drained(idle.body!.getReader())).rejects.toThrow()
  }, 20_000)

  /** Reads slowly, so that the export runs for longer than it takes to cut it. */
  async function drained(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    for (;;) {
      const { done } = await reader.read()
      if (done) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  async function accounted(): Promise<{ rows: number; quota: number }> {
    return platform.server.services.db.read(SYSTEM_ROWS, async (db) => {
      const one = await db.one<{ rows: string; quota: string }>(sql`select
        (select coalesce(sum(rows), 0) from service_call)::text as rows,
        (select total_calls from service_use)::text as quota`)
      return { rows: Number(one.rows), quota: Number(one.quota) }
    })
  }

  async function addMany(databaseUrl: string): Promise<void> {
    const url = new URL(databaseUrl)
    url.pathname = `${url.pathname}_centre`
    const owner = new Client({ connectionString: url.href })
    await owner.connect()
    const { table } = (await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ table: string }>(sql`select target_schema || '.' || target_table as table from channel c
        join service s on s.channel_id = c.id`),
    )) as { table: string }
    await owner.query(`insert into ${table} (id, name, village_code, phone, id_number)
      select 1000 + n, repeat('李', 200), '330102001001', '13900005678', '330102199001011234' from generate_series(1, ${MANY}) n`)
    await owner.end()
  }
})
