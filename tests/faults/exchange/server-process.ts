import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { freePort } from '../../../apps/server/src/supervisor/postgres.ts'
import type { TestPlatform } from '../../harness/platform.ts'

const MAIN = join(import.meta.dirname, '../../../apps/server/src/main.ts')
const START_MS_MAX = 30_000

/** Another server of a test's platform, as a process of its own that can be killed; it has the same database and folder. */
export class ServerProcess {
  readonly port: number
  readonly #platform: TestPlatform
  #child: ChildProcess | null = null

  private constructor(platform: TestPlatform, port: number) {
    this.#platform = platform
    this.port = port
  }

  static async start(platform: TestPlatform): Promise<ServerProcess> {
    const server = new ServerProcess(platform, await freePort())
    await server.start()
    return server
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const { url, dataDir } = this.#platform
    const env = {
      PATH: process.env['PATH'],
      DATABASE_URL: url,
      HUITONG_CENTRE_DATABASE_URL: `${url}_no_centre`,
      HUITONG_DATA: dataDir,
      HUITONG_PORT: String(this.port),
      HUITONG_RESERVE_BYTES: '0',
      HUITONG_LEASE_SECONDS: '60',
      HUITONG_LOG_LEVEL: 'fatal',
    }
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    this.#child = child
    for (const end = Date.now() + START_MS_MAX; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      if (child.exitCode !== null || Date.now() > end) throw new Error('the server did not start')
      const reply = await fetch(`http://127.0.0.1:${this.port}/api/v1/health`).catch(() => null)
      if (reply !== null) return
    }
  }

  /** SIGKILL, and waits for the end. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
}
