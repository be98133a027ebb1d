import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What `npm start` can be told by environment variables. */
export interface SupervisorSettings {
  /** HUITONG_PORT, default 8080; 0 chooses a free one. */
  port: number
  /** HUITONG_LISTEN, default 127.0.0.1. */
  host: string
  /** HUITONG_DATA, default ./data of the repository; absolute here. */
  dataDir: string
  /** HUITONG_DEMO 1|0; default 1 on a loopback address and 0 on any other, because its accounts are public. */
  demo: boolean
  /** DATABASE_URL: a PostgreSQL server of your own instead of the embedded one. */
  databaseUrl?: string
  /** The folder of the repository. */
  repository: string
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** True when nobody but this machine reaches the address: plain HTTP will do there, and nowhere else. */
export const isLoopback = (host: string): boolean => LOOPBACK.has(host)

/** Reads and checks the settings; throws with the variable's name when one is wrong. */
export function readSettings(env: NodeJS.ProcessEnv): SupervisorSettings {
  const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..')
  const host = env['HUITONG_LISTEN'] || '127.0.0.1'
  const databaseUrl = env['DATABASE_URL'] || undefined
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new Error('DATABASE_URL must begin with postgresql://')
  }
  return {
    port: readPort(env['HUITONG_PORT'] || '8080'),
    host,
    dataDir: env['HUITONG_DATA'] ? resolve(env['HUITONG_DATA']) : join(repository, 'data'),
    demo: readSwitch('HUITONG_DEMO', env['HUITONG_DEMO'], isLoopback(host)),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    repository,
  }
}

function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`HUITONG_PORT must be 0 to 65535, not "${text}"`)
  return port
}

function readSwitch(name: string, text: string | undefined, otherwise: boolean): boolean {
  if (text === undefined || text === '') return otherwise
  if (text !== '0' && text !== '1') throw new Error(`${name} must be 1 or 0, not "${text}"`)
  return text === '1'
}

/** True when the program of a row is part of this checkout. */
export function hasProgram(settings: SupervisorSettings, entry: string): boolean {
  return existsSync(join(settings.repository, entry))
}
