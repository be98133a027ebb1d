import { join } from 'node:path'
import { serveCalls } from './calls.ts'
import type { NodeContext } from './context.ts'
import { enrol } from './enrol.ts'
import { makeFolder } from './files.ts'
import { openFerry } from './ferry/board.ts'
import { type Keys, loadKeys } from './keys.ts'
import { Slots, Turns } from './limits.ts'
import type { Log } from './log.ts'
import { Outbox } from './outbox.ts'
import { Platform } from './platform.ts'
import type { RecentLog } from './recent-log.ts'
import { Runner } from './run.ts'
import { sendLog } from './send-log.ts'
import type { Settings } from './settings.ts'
import { Snapshots } from './snapshots.ts'
import { VERSION } from './version.ts'

/** Tables read at the same time: each holds some packs of 8 MiB. */
const READERS_MAX = 2
/** Bytes of segments being downloaded, opened or applied, sealed and plain together. */
const OPEN_BYTES_MAX = 48 * 1024 * 1024

/**
 * The agent: keys, enrolment, then work until `signal` is aborted.
 * @param fatal told of errors after which the process must end at once.
 */
export async function runAgent(
  settings: Settings,
  { log, recent }: { readonly log: Log; readonly recent: RecentLog },
  signal: AbortSignal,
  fatal: (error: Error) => void,
): Promise<void> {
  await makeFolder(settings.dir)
  const keys = await loadKeys(settings.dir)
  // Of a ferried node the log stays where it is.
  if (settings.ferryOut === '') recent.open(settings.dir)
  const { identity, platform, courier } = await reach(settings, keys, log, signal)
  const outbox = await Outbox.open(join(settings.dir, 'outbox'), settings.outboxBytesMax, keys.signing.publicKey)
  const context: NodeContext = {
    dir: settings.dir,
    identity,
    keys,
    platform,
    outbox,
    log,
    turns: new Turns(),
    readers: new Slots(READERS_MAX),
    openBytes: new Slots(OPEN_BYTES_MAX),
    snapshots: new Snapshots(),
  }
  log.info('agent.started', { version: VERSION, node: identity.nodeId, bytes: outbox.bytes })
  // Calls need an answer within seconds, which no crossing gives.
  const bases = courier === null ? settings.serviceBases : []
  const carrying = courier?.run(signal).catch((error: unknown) => fatal(error as Error))
  const telling = courier === null ? sendLog(recent, platform, signal) : null
  await Promise.all([new Runner(context, signal, fatal).run(), serveCalls(context, bases, signal), carrying, telling])
  context.snapshots.dropAll()
}

/** The platform, over the line or by the ferry, and who this node is to it. */
async function reach(settings: Settings, keys: Keys, log: Log, signal: AbortSignal) {
  if (settings.ferryOut !== '') {
    const { identity, link, courier } = await openFerry(settings, keys, log, signal)
    return { identity, platform: link, courier }
  }
  const platform = new Platform(settings.platformUrl, keys.signing)
  return { identity: await enrol(settings, keys, platform, log, signal), platform, courier: null }
}
