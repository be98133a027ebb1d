import { resolve } from 'node:path'
import { basesOf } from './calls.ts'

interface Setting<T> {
  readonly name: string
  readonly fallback: T
  readonly help: string
  readonly read: (text: string) => T
}

const define = <T>(name: string, fallback: T, read: (text: string) => T, help: string): Setting<T> => ({
  name,
  fallback,
  read,
  help,
})
const within = (low: number, high: number) => (text: string) => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < low || value > high) throw new RangeError(`must be ${low} to ${high}`)
  return value
}
const asUrl = (text: string) => {
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new RangeError('must be an http or https address')
  return url.href.replace(/\/$/, '')
}

/** Every setting that the agent reads, all from the environment. */
export const SETTINGS = {
  dir: define('HUITONG_AGENT_DIR', '', resolve, 'Folder of this agent alone: keys, identity, outbox. Required'),
  platformUrl: define('HUITONG_PLATFORM_URL', 'http://127.0.0.1:8080', asUrl, 'Address of the platform'),
  enrolmentCode: define(
    'HUITONG_ENROLMENT_CODE',
    '',
    (text) => text.trim(),
    'One-time code; without it the file enrolment-code in the folder is waited for',
  ),
  outboxBytesMax: define(
    'HUITONG_OUTBOX_BYTES_MAX',
    512 * 1024 * 1024,
    within(1024 * 1024, Number.MAX_SAFE_INTEGER),
    'Sealed bytes that may wait on disk; reading pauses above it',
  ),
  ferryIn: define(
    'HUITONG_FERRY_IN',
    '',
    resolve,
    'Of a ferried node: folder into which the gate, or a person, brings the platform’s files',
  ),
  ferryOut: define(
    'HUITONG_FERRY_OUT',
    '',
    resolve,
    'Of a ferried node: folder from which files are carried to the platform; empty: the node dials out',
  ),
  ferryBytesMax: define(
    'HUITONG_FERRY_BYTES_MAX',
    8 * 1024 * 1024 * 1024,
    within(64 * 1024 * 1024, Number.MAX_SAFE_INTEGER),
    'Of a ferried node: bytes kept until the platform has taken them; reading pauses above it',
  ),
  ferryKeepDays: define(
    'HUITONG_FERRY_KEEP_DAYS',
    30,
    within(1, 3650),
    'Of a ferried node without a way back: how long a copy of what was laid out is kept',
  ),
  ferryAskSeconds: define(
    'HUITONG_FERRY_ASK_SECONDS',
    30,
    within(1, 86_400),
    'Of a ferried node: how long a file is missing before it is asked for again; longer than the gate takes',
  ),
  serviceBases: define<readonly string[]>(
    'HUITONG_AGENT_SERVICES',
    [],
    basesOf,
    'Base addresses of the department’s services that the platform may call through this node, parted by commas',
  ),
} as const

/** The settings as read; `dir` is absolute. */
export type Settings = { readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K]['fallback'] }

/** Reads the settings. @throws Error that names the setting which is wrong; its value is not repeated. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const entries = Object.entries(SETTINGS).map(([key, setting]) => {
    const text = env[setting.name]
    try {
      return [key, text === undefined || text === '' ? setting.fallback : setting.read(text)]
    } catch (cause) {
      throw new Error(`${setting.name}: ${(cause as Error).message}`, { cause })
    }
  })
  const settings = Object.fromEntries(entries) as Settings
  if (settings.dir === '') throw new Error(`${SETTINGS.dir.name} is required: ${SETTINGS.dir.help}`)
  if ((settings.ferryIn === '') !== (settings.ferryOut === ''))
    throw new Error(`${SETTINGS.ferryIn.name} and ${SETTINGS.ferryOut.name} are set together`)
  return settings
}
