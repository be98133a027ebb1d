import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launchNode, type LaunchedNode } from './child-process.ts'
import type { Launched, ProcessSpec } from './children.ts'
import { openLog, type ProcessLog } from './logs.ts'
import { ensurePassword, startPostgres, type PostgresServer, type TunedFor } from './postgres.ts'
import type { PublicPort } from './port.ts'

/** What the rows of the process table share: where they live, and what a running process has made known to the others. */
export interface Site {
  dataDir: string
  repository: string
  port: PublicPort
  logs: ProcessLog[]
  /** Connection strings of running databases, by name; filled before anything that needs them is started. */
  databaseUrls: Map<string, string>
}

/** The common part of each row. */
export type RowBase = Pick<
  ProcessSpec,
  'name' | 'after' | 'once' | 'heartbeatTimeoutMs' | 'readyTimeoutMs' | 'stopTimeoutMs'
>

/** A row that is a Node.js program of this repository. */
export function nodeRow(
  site: Site,
  row: RowBase & {
    /** Path of the script in the repository. */
    entry: string
    nodeOptions?: readonly string[]
    /** Computed at each start, when everything in `after` is ready. */
    env?: () => Record<string, string>
    readyBy?: 'message' | 'spawn'
    /** It serves the public port when it is ready. */
    takesConnections?: boolean
  },
): ProcessSpec {
  const log = openLog(site.dataDir, row.name)
  site.logs.push(log)
  let current: LaunchedNode | undefined
  return {
    ...base(row),
    launch: (spawned) => {
      current = launchNode({
        entry: join(site.repository, row.entry),
        nodeOptions: row.nodeOptions ?? [],
        env: { HUITONG_DATA: site.dataDir, ...row.env?.() },
        cwd: site.repository,
        readyBy: row.readyBy ?? 'message',
        logFd: log.fd,
      })
      spawned(current.identity)
      return current
    },
    ...(row.takesConnections === true
      ? {
          onReady: () => current && site.port.attach(current.child),
          onStopping: () => site.port.detach(),
        }
      : {}),
  }
}

/** A row that is an embedded PostgreSQL cluster; `prepare` runs when it answers, before others may use it. */
export function postgresRow(
  site: Site,
  row: RowBase & {
    cluster: string
    tunedFor: TunedFor
    prepare?: (server: PostgresServer, password: (name: string) => string) => Promise<void>
  },
): ProcessSpec {
  const log = openLog(site.dataDir, row.name)
  site.logs.push(log)
  const secrets = join(site.dataDir, 'secrets')
  mkdirSync(secrets, { recursive: true, mode: 0o700 })
  return {
    ...base(row),
    readyTimeoutMs: Infinity,
    stopTimeoutMs: row.stopTimeoutMs ?? 20_000,
    stopSignal: 'SIGINT',
    launch: async (spawned): Promise<Launched> => {
      const server = await startPostgres({
        name: row.cluster,
        dataDir: site.dataDir,
        tunedFor: row.tunedFor,
        logFd: log.fd,
        onSpawn: spawned,
      })
      const ready = row.prepare?.(server, (name) => ensurePassword(secrets, name)) ?? Promise.resolve()
      // A failed preparation ends the server, so that the table starts both again.
      ready.catch(() => server.stop())
      return { identity: server.process, ready, exited: server.exited, stop: server.stop }
    },
  }
}

function base(row: RowBase): RowBase {
  const { name, after, once, heartbeatTimeoutMs, readyTimeoutMs, stopTimeoutMs } = row
  return {
    name,
    ...(after === undefined ? {} : { after }),
    ...(once === undefined ? {} : { once }),
    ...(heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs }),
    ...(readyTimeoutMs === undefined ? {} : { readyTimeoutMs }),
    ...(stopTimeoutMs === undefined ? {} : { stopTimeoutMs }),
  }
}
