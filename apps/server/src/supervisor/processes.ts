import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessSpec } from './children.ts'
import { ensureOwner } from './postgres-owner.ts'
import { nodeRow, postgresRow, type Site } from './rows.ts'
import type { Certificate } from './certificate.ts'
import { hasProgram, type SupervisorSettings } from './settings.ts'

const SERVER = 'apps/server/src/main.ts'
const ENGINE = 'apps/server/src/engine-worker/main.ts'
const AGENT = 'apps/agent/src/main.ts'
const BUILDER = 'demo/city/build.ts'
/**
 * Segments pass as buffers outside V8's heap. By itself V8 marks the whole heap for every 64 MB of them, which took a third
 * of the processor time of a copy; with this they count towards the one limit of the heap.
 */
const BUFFERS_IN_HEAP_LIMIT = '--external-memory-accounted-in-global-limit'
/**
 * Room for new objects of an agent, MiB. Rows of a log live until their piece is sealed: in a larger room they are copied to
 * and fro before they are moved to the old ones, which measured took a third of the time and 80 MiB more.
 */
const AGENT_NEW_SPACE = '--max-semi-space-size=8'
/** Options of node for an agent: with them it stays below 256 MiB. */
export const AGENT_OPTIONS = ['--max-old-space-size=120', AGENT_NEW_SPACE, BUFFERS_IN_HEAP_LIMIT]

/** The processes of an installation, in the order in which they are started. This is the one place that lists them. */
export function processTable(settings: SupervisorSettings & { tls?: Certificate }, site: Site): ProcessSpec[] {
  const own = settings.databaseUrl === undefined
  if (settings.databaseUrl !== undefined) site.databaseUrls.set('platform', settings.databaseUrl)
  const platformUrl = `${settings.tls ? 'https' : 'http'}://${reachable(settings.host)}:${site.port.port}`
  const url = (name: string): string => site.databaseUrls.get(name) ?? ''
  const shared = {
    HUITONG_DEMO: settings.demo ? '1' : '0',
    HUITONG_PLATFORM_URL: platformUrl,
    // Children that call the public port trust our own certificate beside the usual ones.
    ...(settings.tls ? { NODE_EXTRA_CA_CERTS: settings.tls.certFile } : {}),
  }
  const ownTls: Record<string, string> = settings.tls
    ? { HUITONG_TLS_KEY: settings.tls.keyFile, HUITONG_TLS_CERT: settings.tls.certFile }
    : {}

  const rows: (ProcessSpec | false)[] = [
    // The platform's own database, unless DATABASE_URL names one.
    own &&
      postgresRow(site, {
        name: 'postgres',
        cluster: 'platform',
        tunedFor: 'platform',
        prepare: async (server, password) => {
          const owner = {
            role: 'huitong_owner',
            password: password('huitong_owner'),
            database: 'huitong',
            others: ['huitong_centre'],
          }
          site.databaseUrls.set('platform', await ensureOwner(server.superuserUrl(), owner))
        },
      }),

    // DuckDB; may use much memory, so it is a process that can be killed without harm to the others.
    hasProgram(settings, ENGINE) &&
      nodeRow(site, {
        name: 'engine',
        entry: ENGINE,
        nodeOptions: ['--max-old-space-size=256', BUFFERS_IN_HEAP_LIMIT],
        env: () => shared,
        heartbeatTimeoutMs: 30_000,
      }),

    // Portal, API, gateway and background work; serves the public port.
    nodeRow(site, {
      name: 'server',
      entry: SERVER,
      after: own ? ['postgres'] : [],
      nodeOptions: ['--max-old-space-size=400', BUFFERS_IN_HEAP_LIMIT],
      env: () => ({ ...shared, ...ownTls, DATABASE_URL: url('platform') }),
      heartbeatTimeoutMs: 15_000,
      takesConnections: true,
    }),
  ]
  rows.push(agentRow(settings, site, { name: 'agent-centre', folder: 'centre/agent', after: ['server'], shared }))
  if (settings.demo) rows.push(...demoRows(settings, site, { shared, url }))
  return rows.filter((row) => row !== false)
}

/** The address under which this machine itself reaches what listens on `host`. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

/**
 * An agent with a folder of its own, where it waits for its enrolment code. The centre's own stands beside every
 * platform: it lands tables in the resource centre.
 */
function agentRow(
  settings: SupervisorSettings,
  site: Site,
  row: { name: string; folder: string; after: readonly string[]; shared: Record<string, string> },
): ProcessSpec | false {
  const folder = join(site.dataDir, row.folder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return (
    hasProgram(settings, AGENT) &&
    nodeRow(site, {
      name: row.name,
      entry: AGENT,
      after: [...row.after],
      nodeOptions: AGENT_OPTIONS,
      env: () => ({ ...row.shared, HUITONG_AGENT_DIR: folder }),
      readyBy: 'spawn',
    })
  )
}

/** The demonstration: the departments' databases, their agents, and the builder that makes the city once. */
function demoRows(
  settings: SupervisorSettings,
  site: Site,
  { shared, url }: { shared: Record<string, string>; url: (name: string) => string },
): (ProcessSpec | false)[] {
  const agent = (name: string): ProcessSpec | false =>
    agentRow(settings, site, {
      name: `agent-${name}`,
      folder: join('demo/agents', name),
      after: ['departments', 'server'],
      shared,
    })
  return [
    postgresRow(site, {
      name: 'departments',
      cluster: 'departments',
      tunedFor: 'departments',
      prepare: async (server) => void site.databaseUrls.set('departments', server.superuserUrl()),
    }),
    agent('provider'),
    agent('consumer'),
    agent('gongan'),
    agent('shichang'),
    hasProgram(settings, BUILDER) &&
      nodeRow(site, {
        name: 'demo-builder',
        entry: BUILDER,
        after: ['server', 'departments'],
        once: true,
        env: () => ({ ...shared, DATABASE_URL: url('platform'), HUITONG_DEPARTMENTS_URL: url('departments') }),
        readyBy: 'spawn',
      }),
  ]
}
