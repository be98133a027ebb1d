import type { Server } from 'node:http'
import { afterAll, beforeAll } from 'vitest'
import { listenForJobs } from '../../apps/server/src/engine-worker/server.ts'
import { readEngineSettings } from '../../apps/server/src/engine-worker/settings.ts'
import type { TestPlatform } from './platform.ts'

/** The engine worker's own server on the platform's socket, in this process. Call after `usePlatform`. */
export function useEngine(platform: TestPlatform): void {
  let server: Server | null = null
  beforeAll(async () => {
    const env = { HUITONG_DATA: platform.dataDir, HUITONG_ENGINE_MEMORY_MB: '256' }
    server = await listenForJobs(readEngineSettings(env), () => undefined)
  })
  afterAll(() => {
    server?.close()
    server?.closeAllConnections()
  })
}
