import { join, resolve } from 'node:path'

interface Setting<T> {
  readonly name: string
  readonly fallback: T
  readonly help: string
  readonly read: (text: string) => T
}

const asText = (text: string) => text
const asFlag = (text: string) => text !== '0' && text !== 'false'
const within = (low: number, high: number) => (text: string) => {
  const value = Number(text)
  if (!/^\d{1,16}$/.test(text) || value < low || value > high) throw new RangeError(`must be ${low} to ${high}`)
  return value
}
const define = <T>(name: string, fallback: T, read: (text: string) => T, help: string): Setting<T> => ({
  name,
  fallback,
  read,
  help,
})

/** Every setting that the server reads, all from the environment. docs/operations.md lists them; `tidy` compares. */
export const SETTINGS = {
  dataDir: define('HUITONG_DATA', './data', resolve, 'Folder that holds everything'),
  port: define('HUITONG_PORT', 8080, within(0, 65535), 'Public port'),
  listen: define('HUITONG_LISTEN', '127.0.0.1', asText, 'Public address; loopback by default'),
  demo: define('HUITONG_DEMO', true, asFlag, '1: the demonstration city; 0: an empty platform with a set-up token'),
  databaseUrl: define('DATABASE_URL', '', asText, 'An external PostgreSQL (owner role); empty: the embedded one'),
  centreDatabaseUrl: define(
    'HUITONG_CENTRE_DATABASE_URL',
    '',
    asText,
    'Read-only account of the resource centre’s database; empty: made beside the platform’s own',
  ),
  tlsKey: define('HUITONG_TLS_KEY', '', asText, 'Key file (PEM) when the server speaks TLS; set by the supervisor'),
  tlsCert: define('HUITONG_TLS_CERT', '', asText, 'Certificate file (PEM) beside it'),
  logLevel: define('HUITONG_LOG_LEVEL', 'info', asText, 'fatal, error, warn, info, debug or trace'),
  sessionIdleMinutes: define(
    'HUITONG_SESSION_IDLE_MINUTES',
    30,
    within(1, 1440),
    'Idle time after which a session ends',
  ),
  sessionHoursMax: define('HUITONG_SESSION_HOURS', 12, within(1, 72), 'Longest life of a session'),
  lockoutFailures: define('HUITONG_LOCKOUT_FAILURES', 5, within(3, 20), 'Wrong passwords before an account locks'),
  lockoutMinutes: define('HUITONG_LOCKOUT_MINUTES', 10, within(1, 1440), 'How long a locked account stays locked'),
  reserveBytes: define(
    'HUITONG_RESERVE_BYTES',
    268_435_456,
    within(0, Number.MAX_SAFE_INTEGER),
    'Free space below which nothing more is accepted',
  ),
  uploadBytesMax: define(
    'HUITONG_UPLOAD_BYTES_MAX',
    68_719_476_736,
    within(1, 1_099_511_627_776),
    'Largest file that is uploaded by the portal',
  ),
  uploadQuotaBytes: define(
    'HUITONG_UPLOAD_QUOTA_BYTES',
    274_877_906_944,
    within(1, Number.MAX_SAFE_INTEGER),
    'Uploaded files of one data source, together',
  ),
  uploadIdleHours: define(
    'HUITONG_UPLOAD_IDLE_HOURS',
    72,
    within(1, 8760),
    'How long an interrupted upload waits to go on before it is removed',
  ),
  ferryDir: define(
    'HUITONG_FERRY_DIR',
    '',
    resolve,
    'Folder of the files of nodes without a line, `<node>/in` and `<node>/out`; empty: `ferry` in the data folder',
  ),
  ferryBytesMax: define(
    'HUITONG_FERRY_BYTES_MAX',
    8_589_934_592,
    within(67_108_864, Number.MAX_SAFE_INTEGER),
    'Bytes kept for one node until it has taken them; nothing more is laid out above it',
  ),
  ferryKeepDays: define(
    'HUITONG_FERRY_KEEP_DAYS',
    30,
    within(1, 3650),
    'Where nothing comes back by itself: how long a copy of what was laid out is kept',
  ),
  ferryAskSeconds: define(
    'HUITONG_FERRY_ASK_SECONDS',
    30,
    within(1, 86_400),
    'How long a ferried file is missing before it is asked for again; longer than the gate takes',
  ),
  personRate: define(
    'HUITONG_PERSON_RATE',
    200,
    within(0, 100_000),
    'Requests a second by one person, ten seconds’ worth at once; 0: no limit',
  ),
  addressRate: define(
    'HUITONG_ADDRESS_RATE',
    50,
    within(0, 100_000),
    'Requests a second without a valid session from one address, likewise; 0: no limit',
  ),
  upstreamAllow: define(
    'HUITONG_UPSTREAM_ALLOW',
    '',
    asText,
    'Hosts of proxied services that may lie on this machine or its link, parted by commas; empty: none',
  ),
  leaseSeconds: define('HUITONG_LEASE_SECONDS', 8, within(2, 600), 'How long a node holds work without a sign of life'),
} as const

export type Settings = { readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K]['fallback'] } & {
  readonly secretsDir: string
  readonly objectsDir: string
  readonly engineSocket: string
}

/** Reads the settings; throws naming the setting that is wrong. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const entries = Object.entries(SETTINGS).map(([key, setting]) => {
    const text = env[setting.name]
    try {
      return [key, text === undefined || text === '' ? setting.fallback : setting.read(text)]
    } catch (error) {
      throw new Error(`${setting.name}=${text}: ${(error as Error).message}`, { cause: error })
    }
  })
  const settings = Object.fromEntries(entries) as Omit<Settings, 'secretsDir' | 'objectsDir' | 'engineSocket'>
  const dataDir = resolve(settings.dataDir)
  return {
    ...settings,
    dataDir,
    secretsDir: join(dataDir, 'secrets'),
    objectsDir: join(dataDir, 'objects'),
    engineSocket: env['HUITONG_ENGINE_SOCKET'] ?? join(dataDir, 'run', 'engine.sock'),
  }
}
