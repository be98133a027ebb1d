import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localObjectStore } from '@huitong/objects'
import type { FastifyInstance } from 'fastify'
import { createEngineClient } from './engine-worker/client.ts'
import { centreUrls, ensureCentreDatabase, openCentreDb } from './kernel/centre-database.ts'
import type { Admission } from './kernel/admission.ts'
import type { Authenticator } from './kernel/authenticate.ts'
import { systemClock, type Clock } from './kernel/clock.ts'
import { openDb, SYSTEM_ROWS } from './kernel/db.ts'
import { endIfFatal } from './kernel/fatal.ts'
import { createHttp, sessionToken } from './kernel/http.ts'
import { startJobs } from './kernel/jobs.ts'
import { openKeys } from './kernel/keys.ts'
import { createLog, type Log } from './kernel/log.ts'
import { createMetrics } from './kernel/metrics.ts'
import { migrate } from './kernel/migrate.ts'
import { openSecrets, type Secrets } from './kernel/secrets.ts'
import type { Services } from './kernel/services.ts'
import type { Settings } from './kernel/settings.ts'
import { jobOf } from './kernel/subscribers.ts'
import { openWake } from './kernel/wake.ts'
import { authenticateSession, identityVerbs, renewSetupToken, seedIdentity } from './modules/identity/index.ts'
import { evidenceJobs, evidenceVerbs, openLedger } from './modules/evidence/index.ts'
import { standardsJobs, standardsSubscribers, standardsVerbs } from './modules/standards/index.ts'
import {
  admitNode,
  authenticateNode,
  nodesJobs,
  nodesSubscribers,
  nodesVerbs,
  tusRoute,
} from './modules/nodes/index.ts'
import { engineJobs } from './modules/engine/index.ts'
import { catalogueJobs, catalogueSubscribers, catalogueVerbs } from './modules/catalogue/index.ts'
import { curationVerbs } from './modules/curation/index.ts'
import { governanceJobs, governanceSubscribers, governanceVerbs } from './modules/governance/index.ts'
import { exchangeJobs, exchangeSubscribers, exchangeVerbs } from './modules/exchange/index.ts'
import { ferryJobs } from './modules/ferry/index.ts'
import {
  admitApplication,
  authenticateApplication,
  gatewayJobs,
  gatewayVerbs,
  openGateway,
  tokenRoute,
} from './modules/gateway/index.ts'
import { centreJobs, centreVerbs } from './modules/centre/index.ts'
import { operationsJobs, operationsVerbs } from './modules/operations/index.ts'
import { portalVerbs } from './modules/portal/index.ts'
import { servePortal } from './portal-files.ts'

export interface Server {
  readonly settings: Settings
  readonly services: Services
  readonly http: FastifyInstance
  stop(): Promise<void>
}

export interface ServerOptions {
  /** Serves the built pages as well. */
  readonly portal?: boolean
  /** Runs jobs and subscribers; tests may drive them by hand instead. */
  readonly jobs?: boolean
  readonly clock?: Clock
  readonly log?: Log
}

/** Wires the server together, in reading order: services, modules from left to right, HTTP, jobs. */
export async function createServer(settings: Settings, options: ServerOptions = {}): Promise<Server> {
  const services = await openServices(settings, options)
  const ledger = await openLedger(services)
  const gateway = openGateway(services)
  const verbs = [
    ...identityVerbs,
    ...evidenceVerbs(ledger),
    ...standardsVerbs,
    ...nodesVerbs,
    ...catalogueVerbs,
    ...curationVerbs,
    ...governanceVerbs,
    ...exchangeVerbs,
    ...gatewayVerbs(gateway),
    ...centreVerbs,
    ...operationsVerbs,
    ...portalVerbs,
  ]
  const subscribers = [
    ...standardsSubscribers,
    ...nodesSubscribers,
    ...catalogueSubscribers,
    ...governanceSubscribers,
    ...exchangeSubscribers,
  ]
  const jobs = [
    ...evidenceJobs(ledger),
    ...standardsJobs,
    ...nodesJobs,
    ...engineJobs,
    ...catalogueJobs,
    ...governanceJobs,
    ...exchangeJobs,
    ...ferryJobs,
    ...gatewayJobs,
    ...centreJobs,
    ...operationsJobs,
    ...subscribers.map(jobOf),
  ]
  const authenticate: Authenticator = (endpoint, request, raw) => {
    if (endpoint.access === 'node') return authenticateNode(services, request, raw)
    if (endpoint.access === 'application') return authenticateApplication(services, gateway, request, raw)
    return authenticateSession(services, endpoint, sessionToken(request))
  }
  const admit: Admission = async (endpoint, request) => {
    if (endpoint.access === 'node') await admitNode(services, request)
    else if (endpoint.access === 'application') await admitApplication(services, gateway, request)
    else await authenticateSession(services, endpoint, sessionToken(request))
  }
  const http = await createHttp(services, verbs, authenticate, admit)
  await http.register(tokenRoute(services, gateway))
  await http.register(tusRoute(services, authenticate))
  if (options.portal) await servePortal(http)
  await firstRun(services)
  const running = options.jobs === false ? null : startJobs(services, jobs)
  return {
    settings,
    services,
    http,
    async stop() {
      await running?.stop()
      await http.close()
      await gateway.stop()
      await services.wake.end()
      await services.centre.end()
      await services.db.end()
    },
  }
}

async function openServices(settings: Settings, options: ServerOptions): Promise<Services> {
  const log = options.log ?? createLog(settings.logLevel)
  const secrets = openSecrets(settings.secretsDir)
  const passwords = { app: secrets.derive('database/app'), tick: secrets.derive('database/tick') }
  await migrate(settings.databaseUrl, passwords)
  const urlOf = (role: string, password: string) => {
    const url = new URL(settings.databaseUrl)
    url.username = role
    url.password = password
    return url.href
  }
  const urls = { app: urlOf('huitong_app', passwords.app), tick: urlOf('huitong_tick', passwords.tick) }
  const db = openDb(urls)
  await db.write(SYSTEM_ROWS, seedIdentity)
  const centre = await centreOf(settings, secrets, log)
  await mkdir(settings.objectsDir, { recursive: true, mode: 0o700 })
  return {
    settings,
    log,
    clock: options.clock ?? systemClock,
    db,
    centre: openCentreDb(centre.readerUrl),
    centreLoaderUrl: centre.loaderUrl,
    wake: openWake(urls.tick, log),
    secrets,
    keys: await openKeys(db, secrets),
    objects: await localObjectStore(settings.objectsDir, { reserveBytes: settings.reserveBytes }),
    engine: createEngineClient(settings.engineSocket),
    metrics: createMetrics(),
  }
}

/** The resource centre's database: the one that the setting names, or one of our own beside the platform's. */
async function centreOf(settings: Settings, secrets: Secrets, log: Log) {
  if (settings.centreDatabaseUrl !== '') return { readerUrl: settings.centreDatabaseUrl, loaderUrl: null }
  const passwords = {
    loader: secrets.derive('database/centre-loader'),
    reader: secrets.derive('database/centre-reader'),
  }
  const made = await ensureCentreDatabase(settings.databaseUrl, passwords)
  if (!made) log.warn('no database for the resource centre: the owner role may not create one; see docs/operations.md')
  const urls = centreUrls(settings.databaseUrl, passwords)
  return { readerUrl: urls.reader, loaderUrl: made ? urls.loader : null }
}

/** A platform that is not set up yet leaves its one-time token in the data folder, readable by its owner only. */
async function firstRun({ db, settings, log }: Services): Promise<void> {
  const path = join(settings.secretsDir, 'setup-token')
  const token = await db.write(SYSTEM_ROWS, renewSetupToken)
  if (token === null) return rm(path, { force: true })
  await writeFile(path, `${token}\n`, { mode: 0o600 })
  log.info({ path }, 'the platform waits for its first administrators: the one-time set-up token is in this file')
}

/** A failed fsync ends the process; the supervisor starts it again and nothing that was not durable was acknowledged. */
process.on('uncaughtException', endOnFatal)
process.on('unhandledRejection', endOnFatal)
function endOnFatal(error: unknown): void {
  endIfFatal(error)
  throw error
}
