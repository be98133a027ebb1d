import type { ObjectStore } from '@huitong/objects'
import type { CentreDb } from './centre-database.ts'
import type { Clock } from './clock.ts'
import type { Db } from './db.ts'
import type { EngineClient } from '../engine-worker/client.ts'
import type { Keys } from './keys.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Secrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import type { Wake } from './wake.ts'

/** What the process is made of, opened once in `main.ts`. */
export interface Services {
  readonly settings: Settings
  readonly log: Log
  readonly clock: Clock
  readonly db: Db
  /** The tables that landed in the resource centre, read only. */
  readonly centre: CentreDb
  /** Where the centre's node lands tables (holds a password: never logged); null when the centre is elsewhere or missing. */
  readonly centreLoaderUrl: string | null
  readonly wake: Wake
  readonly secrets: Secrets
  readonly keys: Keys
  readonly objects: ObjectStore
  readonly engine: EngineClient
  readonly metrics: Metrics
}
