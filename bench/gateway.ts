import { spawn } from 'node:child_process'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createApplication, createProxiedService, createService, openService } from '@huitong/contract/gateway'
import pg from 'pg'
import { BARE_NAME } from './bare-route.ts'
import { BENCH_MATTER, channelTo, granted, runChannel } from './channel.ts'
import { floorLine, speedLine, type Print } from './line.ts'
import { startPlatform, type BenchPlatform } from './platform.ts'
import { sendAll, type Load } from './raw-load.ts'

const GATE = 0.6
const ROUNDS = 3
const CALLS = Number(process.env['HUITONG_BENCH_CALLS'] ?? 10_000)
/** Callers at once: a using system with a pool of connections. */
const CONNECTIONS = 64
const TABLE = 'villages'
const CODE = 'bench-villages'
const PROXIED_CODE = 'bench-proxied'
/** Calls for each second of the server's processor time. */
const PROXIED_GATE = 10_000
const PATH = `/api/v1/services/${CODE}/row`
const MASKED = [
  { item: 'name', mask: 'name' as const },
  { item: 'street', mask: 'name' as const },
]

/** One row by its key: as a signed call of a service, and by a bare route over the same table, in turns. */
export async function run(print: Print): Promise<void> {
  // The department's service of the second case stands on this machine.
  process.env['HUITONG_UPSTREAM_ALLOW'] = '127.0.0.1'
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
        const signed = codes.map((code) =>
          requestOf(`${PATH}?code=${code}`, signedHeaders(served, PATH, `code=${code}`)),
        )
        const load = whole(await sendAll(platform.baseUrl, signed, CONNECTIONS))
        // The first round warms both up.
        if (round === 0) continue
        native = Math.min(native, nativeLoad.seconds)
        ours = Math.min(ours, load.seconds)
      }
      await requireAccounted(platform, CALLS * (ROUNDS + 1))
      const given = { rows: CALLS, seconds: ours, nativeSeconds: native, nativeName: BARE_NAME, gate: GATE }
      print({ ...speedLine('gateway', 'read-by-key', given), unit: 'calls/s' })
      await proxied(platform, served, codes, print)
    } finally {
      await bare.stop()
    }
  } finally {
    await platform.stop()
  }
}

interface Served {
  readonly datasetId: string
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
  return { datasetId, appId: application.appId, secret, items: service.items.map((one) => one.code) }
}

/** Calls of a department's own service for each second of processor time that the server uses for them. */
async function proxied(platform: BenchPlatform, served: Served, codes: readonly string[], print: Print): Promise<void> {
  const upstream = await startChild('upstream.ts', {})
  try {
    const path = await makeProxied(platform, served, upstream.url)
    const used: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const signed = codes.map((code) => requestOf(`${path}?code=${code}`, signedHeaders(served, path, `code=${code}`)))
      const before = platform.cpuSeconds('server')
      whole(await sendAll(platform.baseUrl, signed, CONNECTIONS))
      if (round > 0) used.push(platform.cpuSeconds('server') - before)
    }
    const plain = codes.map(() => requestOf('/', {}))
    const native = whole(await sendAll(upstream.url, plain, CONNECTIONS))
    print(
      floorLine('gateway', 'proxied-per-cpu-second', {
        value: CALLS / Math.min(...used),
        unit: 'calls/CPU s',
        native: CALLS / native.seconds,
        nativeName: 'the department’s service without a gateway, calls/s',
        gate: PROXIED_GATE,
      }),
    )
  } finally {
    await upstream.stop()
  }
}

async function makeProxied(platform: BenchPlatform, { datasetId, items }: Served, baseUrl: string): Promise<string> {
  const centre = await platform.as('centre')
  const text = { type: 'string' }
  const service = await centre.call(createProxiedService, {
    body: {
      datasetId,
      code: PROXIED_CODE,
      name: { zh: '村级区划实时查询' },
      baseUrl,
      timeoutMs: 5_000,
      replyBytesMax: 65_536,
      operations: [
        {
          code: 'find',
          name: { zh: '按代码查询' },
          method: 'GET',
          path: '/villages',
          items: [...items],
          parameters: [{ name: 'code', type: 'text', required: true, lengthMax: 20 }],
          body: null,
          reply: { type: 'array', items: { type: 'object', properties: { code: text, name: text } } },
          cacheSeconds: 0,
        },
      ],
    },
  })
  const { grantId } = await granted(platform, datasetId, { applicant: 'zhujian', method: 'service' })
  const quota = { perSecondMax: 10_000, perDayMax: 100_000_000 }
  await centre.call(openService, { params: { id: service.id }, body: { grantId, ...quota } })
  return `/api/v1/services/${PROXIED_CODE}/operations/find`
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
function signedHeaders({ appId, secret }: Served, path: string, signedQuery: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const nonce = randomBytes(16).toString('hex')
  const lines = ['HUITONG-HMAC-SHA256', 'GET', path, signedQuery, EMPTY, appId, timestamp, nonce, BENCH_MATTER]
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

const startBare = (url: string, items: readonly string[]) =>
  startChild('bare-route.ts', {
    BARE_DATABASE_URL: url,
    BARE_SELECT: `select ${items.join(', ')} from ${TABLE} where code = $1`,
  })

/** A server of the other side, in a process of its own; the first line that it says is its address. */
async function startChild(file: string, env: NodeJS.ProcessEnv): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], {
    env: { ...process.env, ...env },
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
