import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, '..', 'main.ts')

interface LogLine {
  readonly level: string
  readonly event: string
  readonly [field: string]: unknown
}

/** An agent as a process of its own, in a folder of its own, that can be killed and started again. */
export class AgentProcess {
  readonly dir = mkdtempSync(join(tmpdir(), 'huitong-agent-'))
  readonly log: LogLine[] = []
  /** Everything it has written, for tests that look for secrets. */
  output = ''
  readonly #env: NodeJS.ProcessEnv
  readonly #program: string
  readonly #flags: readonly string[]
  #child: ChildProcess | null = null
  #exited: Promise<number | null> = Promise.resolve(null)

  /** @param flags of Node.js itself. */
  constructor(env: NodeJS.ProcessEnv, program = MAIN, flags: readonly string[] = []) {
    this.#env = env
    this.#flags = flags
    this.#program = program
  }

  start(): void {
    const env = { PATH: process.env['PATH'], HUITONG_AGENT_DIR: this.dir, ...this.#env }
    const child = spawn(process.execPath, [...this.#flags, this.#program], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let rest = ''
    child.stdout.on('data', (data: Buffer) => {
      this.output += data.toString()
      const lines = (rest + data.toString()).split('\n')
      rest = lines.pop()!
      for (const line of lines) if (line.startsWith('{')) this.log.push(JSON.parse(line) as LogLine)
    })
    child.stderr.on('data', (data: Buffer) => {
      this.output += data.toString()
    })
    this.#exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)))
    this.#child = child
  }

  /** SIGKILL, and waits for the end. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#exited
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM')
    return this.#exited
  }

  /** The exit code, once it has ended by itself. */
  ended(): Promise<number | null> {
    return this.#exited
  }

  /** Process id of the present life. */
  pid(): number {
    return this.#child!.pid!
  }

  /** Largest memory that it has held so far, in MiB. */
  peakMib(): number {
    const status = readFileSync(`/proc/${this.#child!.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) / 1024
  }

  /** Waits for a line of the log. */
  async logged(event: string, work?: string, timeoutMs = 15_000): Promise<LogLine> {
    const until = Date.now() + timeoutMs
    for (;;) {
      const found = this.log.find((line) => line.event === event && (work === undefined || line['work'] === work))
      if (found !== undefined) return found
      if (Date.now() > until) throw new Error(`no ${event} in:\n${this.output}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Ends it and removes its folder. */
  async dispose(): Promise<void> {
    await this.kill()
    rmSync(this.dir, { recursive: true, force: true })
  }
}
