import { spawn } from 'node:child_process'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createApplication, createService, openService } from '@huitong/contract/gateway'
import pg from 'pg'
import { BARE_NAME } from './bare-route.ts'
import { BENCH_MATTER, channelTo, granted, runChannel } from './channel.ts'
import { speedLine, type Print } from './line.ts'
import { startPlatform, type BenchPlatform } from './platform.ts'
import { sendAll, type Load } from './raw-load.ts'

const GATE = 0.6
const ROUNDS = 3
const CALLS = Number(process.env['HUITONG_BENCH_CALLS'] ?? 10_000)
/** Callers at once: a using system with a pool of connections. */
const CONNECTIONS = 64
const TABLE = 'villages'
const CODE = 'bench-villages'
const PATH = `/api/v1/services/${CODE}/row`
const MASKED = [
  { item: 'name', mask: 'name' as const },
  { item: 'street', mask: 'name' as const },
]

/** One row by its key: as a signed call of a service, and by a bare route over the same table, in turns. */
export async function run(print: Print): Promise<void> {
  const platform = await startPlatform((line) => console.error(line))
  try {
    const served = await makeService(platform)
    const url = platform.centreUrl()
    const codes = await someCodes(url)
    const bare = await startBare(url, served.items)
    try {
      let [ours, native] = [Infinity, Infinity]
      for (let round = 0; round <= ROUNDS; round++) {
        const plain = codes.map((code) => requestOf(`/row?code=${code}`, {}))
        const nativeLoad = whole(await sendAll(bare.url, plain, CONNECTIONS))
        const signed = codes.map((code) => requestOf(`${PATH}?code=${code}`, signedHeaders(served, `code=${code}`)))
        const load = whole(await sendAll(platform.baseUrl, signed, CONNECTIONS))
        // The first round warms both up.
        if (round === 0) continue
        native = Math.min(native, nativeLoad.seconds)
        ours = Math.min(ours, load.seconds)
      }
      await requireAccounted(platform, CALLS * (ROUNDS + 1))
      const given = { rows: CALLS, seconds: ours, nativeSeconds: native, nativeName: BARE_NAME, gate: GATE }
      print({ ...speedLine('gateway', 'read-by-key', given), unit: 'calls/s' })
    } finally {
      await bare.stop()
    }
  } finally {
    await platform.stop()
  }
}

interface Served {
  readonly appId: string
  readonly secret: string
  readonly items: readonly string[]
}

/** The villages land in the centre, become a service, and are opened for the housing bureau with two masks. */
async function makeService(platform: BenchPlatform): Promise<Served> {
  const { datasetId, channelId } = await channelTo(platform, 'zhongxin', TABLE, TABLE)
  await runChannel(platform, channelId)
  const centre = await platform.as('centre')
  const service = await centre.call(createService, { body: { channelId, code: CODE, name: { zh: '村级区划查询' } } })
  const { grantId } = await granted(platform, datasetId, { applicant: 'zhujian', method: 'service', masks: MASKED })
  const quota = { perSecondMax: 10_000, perDayMax: 100_000_000 }
  await centre.call(openService, { params: { id: service.id }, body: { grantId, ...quota } })
  const developer = await platform.as('developer')
  const { application, secret } = await developer.call(createApplication, { body: { name: '速度测量' } })
  return { appId: application.appId, secret, items: service.items.map((one) => one.code) }
}

async function query<T extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<T>(text, values)).rows
  } finally {
    await client.end()
  }
}

async function someCodes(url: string): Promise<string[]> {
  const rows = await query<{ code: string }>(url, `select code from ${TABLE} order by md5(code) limit $1`, [CALLS])
  return Array.from({ length: CALLS }, (_, at) => rows[at % rows.length]!.code)
}

const requestOf = (target: string, headers: Readonly<Record<string, string>>): Buffer => {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from(`GET ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
}

const EMPTY = createHash('sha256').digest('hex')

/** Signed before the clock runs: signing is the caller's cost in both worlds. */
function signedHeaders({ appId, secret }: Served, signedQuery: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const nonce = randomBytes(16).toString('hex')
  const lines = ['HUITONG-HMAC-SHA256', 'GET', PATH, signedQuery, EMPTY, appId, timestamp, nonce, BENCH_MATTER]
  return {
    'X-Huitong-App': appId,
    'X-Huitong-Timestamp': timestamp,
    'X-Huitong-Nonce': nonce,
    'X-Huitong-Matter': BENCH_MATTER,
    'X-Huitong-Signature': createHmac('sha256', secret).update(lines.join('\n')).digest('hex'),
  }
}

function whole(load: Load): Load {
  if (load.answered !== CALLS) throw new Error(`${load.answered} of ${CALLS} calls were answered: ${load.others[0]}`)
  return load
}

/** Every answered call has its own durable row: speed without the account would be no speed. */
async function requireAccounted(platform: BenchPlatform, calls: number): Promise<void> {
  const [row] = await query<{ n: string }>(
    platform.platformUrl(),
    `select count(*) as n from service_call where outcome = 'ok'`,
  )
  if (Number(row!.n) !== calls) throw new Error(`${row!.n} of ${calls} calls are in the account`)
}

async function startBare(url: string, items: readonly string[]): Promise<{ url: string; stop(): Promise<void> }> {
  const select = `select ${items.join(', ')} from ${TABLE} where code = $1`
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-route.ts')], {
    env: { ...process.env, BARE_DATABASE_URL: url, BARE_SELECT: select },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [told] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    url: told.toString('utf8').trim(),
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
