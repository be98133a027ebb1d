import { appendFileSync, chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PostgresServer, startPostgres } from '../../../apps/server/src/supervisor/postgres.ts'
import { run } from '../../../apps/agent/src/testing/exchange.ts'

const DATABASE = 'department'

/** A PostgreSQL of a test's own, which it may kill, bring back and copy. */
export class OwnCluster {
  readonly #dataDir: string
  readonly #settings: Readonly<Record<string, string>>
  #server: PostgresServer | null = null
  #port: number | undefined

  private constructor(dataDir: string, settings: Readonly<Record<string, string>>) {
    this.#dataDir = dataDir
    this.#settings = { shared_buffers: '32MB', max_connections: '60', ...settings }
  }

  /** Makes one with an empty database. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<OwnCluster> {
    const cluster = new OwnCluster(mkdtempSync(join(tmpdir(), 'huitong-own-')), settings)
    await cluster.start()
    await run(cluster.#server!.superuserUrl(), `CREATE DATABASE ${DATABASE}`)
    return cluster
  }

  /** Superuser's connection string; the port stays through all lives. */
  get url(): string {
    return this.#server!.superuserUrl(DATABASE)
  }

  get port(): number {
    return this.#port!
  }

  async start(): Promise<void> {
    const port = this.#port === undefined ? {} : { port: this.#port }
    const rest = { name: 'own', tunedFor: 'departments', durable: false } as const
    this.#server = await startPostgres({ ...rest, ...port, dataDir: this.#dataDir, settings: this.#settings })
    this.#port = this.#server.port
  }

  /** SIGKILL of the postmaster; what is left of it ends before {@link start} has it back. */
  async kill(): Promise<void> {
    process.kill(this.#server!.process.pid, 'SIGKILL')
    await this.#server!.exited
  }

  async stop(): Promise<void> {
    await this.#server?.stop(5_000)
  }

  /** A standby that follows this one, begun from a copy of its files. Slots made since are not there. */
  async standby(): Promise<OwnCluster> {
    await this.stop()
    const standby = new OwnCluster(mkdtempSync(join(tmpdir(), 'huitong-own-')), this.#settings)
    cpSync(this.#dataDir, standby.#dataDir, { recursive: true })
    rmSync(join(standby.#dataDir, 'postgres/own/port'), { force: true })
    await this.start()
    const data = join(standby.#dataDir, 'postgres/own/pgdata')
    chmodSync(data, 0o700)
    writeFileSync(join(data, 'standby.signal'), '')
    appendFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${this.#server!.superuserUrl()}'\n`)
    await standby.start()
    return standby
  }

  async dispose(): Promise<void> {
    await this.stop()
    rmSync(this.#dataDir, { recursive: true, force: true })
  }
}
