import { appendFileSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { ChildTable, type ProcessEvent, type ProcessSpec } from './children.ts'
import { lockDataFolder } from './lock.ts'
import { openLog } from './logs.ts'
import { openPublicPort, type PublicPort, type PublicPortOptions } from './port.ts'
import { adoptOrStopOrphans } from './run-records.ts'
import type { Site } from './rows.ts'

const ROTATE_INTERVAL_MS = 10_000
const LOG_TAIL_LINES = 5

export interface SupervisorOptions extends PublicPortOptions {
  dataDir: string
  repository: string
  /** The process table, made when the public port is open. */
  processes: (site: Site) => ProcessSpec[]
  /** Takes lines for people. */
  say: (line: string) => void
}

/** A running supervisor. */
export interface Supervisor {
  port: PublicPort
  table: ChildTable
  /** Resolves when everything that runs for ever was ready once. */
  ready: Promise<void>
  /** Stops everything in reverse order and gives the data folder back; a second call kills at once. */
  stop(): Promise<void>
}

/**
 * Locks the data folder, opens the public port, ends what an earlier supervisor left, and starts the process table.
 * Rejects with a message for people when another supervisor runs or the port is taken.
 */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o755 })
  const dataDir = realpathSync(options.dataDir)
  const unlock = lockDataFolder(dataDir)
  const own = openLog(dataDir, 'supervisor')
  const say = (line: string): void => {
    appendFileSync(own.fd, `${new Date().toISOString()} ${line}\n`)
    options.say(line)
  }
  let port: PublicPort | undefined
  try {
    port = await openPublicPort(options)
    for (const name of await adoptOrStopOrphans(dataDir)) say(`${name}: left over from before, stopped`)
  } catch (error) {
    await port?.close()
    own.close()
    unlock()
    throw error
  }
  const site: Site = { dataDir, repository: options.repository, port, logs: [own], databaseUrls: new Map() }
  const table = new ChildTable(options.processes(site), { dataDir, onEvent: (name, event) => tell(name, event) })
  const tell = (name: string, event: ProcessEvent): void => {
    say(`${name}: ${describe(event)}`)
    if (event.kind !== 'failed') return
    const log = site.logs.find(({ path }) => path === join(dataDir, 'logs', `${name}.log`))
    for (const line of log?.tail(LOG_TAIL_LINES) ?? []) say(`${name} | ${line}`)
  }
  const rotation = setInterval(() => site.logs.forEach((log) => log.rotate()), ROTATE_INTERVAL_MS)
  table.start()
  let stopping: Promise<void> | undefined
  const openPort = port
  return {
    port,
    table,
    ready: table.allReady(),
    stop: async () => {
      if (stopping !== undefined) table.killAll()
      stopping ??= (async () => {
        await table.stop()
        await openPort.close()
        clearInterval(rotation)
        for (const log of site.logs) log.close()
        unlock()
      })()
      await stopping
    },
  }
}

function describe(event: ProcessEvent): string {
  switch (event.kind) {
    case 'started':
      return `started (pid ${event.pid})`
    case 'ready':
      return `ready after ${Math.round(event.afterMs)} ms`
    case 'silent':
      return `no heartbeat for ${event.forMs} ms, killed`
    case 'failed':
      return `failed: ${event.reason}; starting again ${event.restartInMs === 0 ? 'now' : `in ${event.restartInMs} ms`}`
    case 'done':
      return 'done'
    case 'stopped':
      return 'stopped'
  }
}
