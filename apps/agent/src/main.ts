import { runAgent } from './agent.ts'
import { createLog } from './log.ts'
import { codeOf, describeError } from './problem.ts'
import { RecentLog } from './recent-log.ts'
import { readSettings } from './settings.ts'

// The node process of a department. Settings come from the environment; see settings.ts.

const STOP_DEADLINE_MS = 8_000
const EXIT_WRONG_SETTING = 2

const recent = new RecentLog()
const log = createLog((line) => process.stdout.write(line), recent.note)
const stop = new AbortController()

/** Ends at once: what is on disk is whole, and the next start goes on from it. */
function fatal(error: Error): never {
  log.error('agent.fatal', { code: codeOf(error), reason: describeError(error) })
  process.exit(1)
}

function stopGracefully(reason: string): void {
  if (stop.signal.aborted) return
  log.info('agent.stopping', { reason })
  stop.abort(new Error(reason))
  setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref()
}

process.on('SIGTERM', () => stopGracefully('SIGTERM'))
process.on('SIGINT', () => stopGracefully('SIGINT'))
// Under a supervisor the end of its channel is the end of the supervisor.
if (process.send !== undefined) process.once('disconnect', () => stopGracefully('disconnect'))
// The reader of the log may be gone; that is no reason to die in the middle of work.
process.stdout.on('error', () => undefined)
// What nobody caught ends the process as ever; its last line is kept first.
process.on('uncaughtExceptionMonitor', (error) => {
  log.error('agent.fatal', { code: codeOf(error), reason: describeError(error) })
})
process.on('exit', () => recent.save())

try {
  const settings = readSettings(process.env)
  await runAgent(settings, { log, recent }, stop.signal, fatal)
  process.exit(0)
} catch (error) {
  if (stop.signal.aborted) process.exit(0)
  log.error('agent.failed', { code: codeOf(error), reason: describeError(error) })
  process.exit(error instanceof Error && error.message.startsWith('HUITONG_') ? EXIT_WRONG_SETTING : 1)
}
