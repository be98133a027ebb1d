import { processTable } from './processes.ts'
import { ensureCertificate } from './certificate.ts'
import { demoAccounts } from './demo-accounts.ts'
import { isLoopback, readSettings } from './settings.ts'
import { setupHint } from './setup-hint.ts'
import { startSupervisor } from './supervisor.ts'
import { buildWebWhenStale } from './web-build.ts'

// A closed terminal must not end the supervisor by EPIPE.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

/** `npm start`: starts everything, keeps it running, and ends with everything. */
async function main(): Promise<void> {
  const begunAt = performance.now()
  const settings = readSettings(process.env)
  const web = buildWebWhenStale(settings.repository)
  web.catch(() => undefined) // told below; a platform without its pages still serves its API
  // Secure cookies fail over plain HTTP, so any address that others reach speaks TLS.
  const tls = isLoopback(settings.host) ? undefined : await ensureCertificate(settings.dataDir, settings.host)
  const supervisor = await startSupervisor({
    ...settings,
    ...(tls === undefined ? {} : { tls }),
    processes: (site) => processTable({ ...settings, ...(tls === undefined ? {} : { tls }) }, site),
    say: (line) => console.log(`[huitong] ${line}`),
  })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => void supervisor.stop().then(() => process.exit(0), fail))
  }
  await supervisor.ready
  const built = await web.catch((error: unknown) => (console.error('[huitong] web build failed:', error), 'failed'))
  const seconds = ((performance.now() - begunAt) / 1000).toFixed(1)
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  console.log(`[huitong] web: ${built}; ready after ${seconds} s`)
  console.log(`\n  汇通 Huitong  ${tls ? 'https' : 'http'}://${host}:${supervisor.port.port}/`)
  console.log(`  数据目录 data folder: ${settings.dataDir}`)
  console.log('  按 Ctrl-C 停止 · press Ctrl-C to stop\n')
  for (const line of settings.demo ? await demoAccounts(settings.dataDir) : setupHint(settings.dataDir))
    console.log(`  ${line}`)
}

function fail(error: unknown): never {
  console.error(`[huitong] ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}

await main().catch(fail)
