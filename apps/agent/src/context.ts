import type { Identity } from './enrol.ts'
import type { Keys } from './keys.ts'
import type { Slots, Turns } from './limits.ts'
import type { Log } from './log.ts'
import type { Outbox } from './outbox.ts'
import type { PlatformLink } from './platform.ts'
import type { Snapshots } from './snapshots.ts'

/** What all work of this node shares. */
export interface NodeContext {
  readonly dir: string
  readonly identity: Identity
  readonly keys: Keys
  readonly platform: PlatformLink
  readonly outbox: Outbox
  readonly log: Log
  /** One piece of work at a time per stream. */
  readonly turns: Turns
  /** Tables being read at the same time. */
  readonly readers: Slots
  /** Bytes of segments that are being downloaded, opened or applied. */
  readonly openBytes: Slots
  /** Snapshots at exact positions of the log, held for a comparison. */
  readonly snapshots: Snapshots
}

/** What one piece of work has besides. */
export interface WorkContext extends NodeContext {
  /** Aborted when the platform takes the work back, or the agent ends. */
  readonly signal: AbortSignal
  /** Whether the agent itself is ending: what is on disk is for its next start. */
  stopping(): boolean
  /** Keeps the newest progress for the next report. */
  report(progress: object): void
}
