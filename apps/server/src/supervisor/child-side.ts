import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { Socket } from 'node:net'

/**
 * What a child of the supervisor calls. All of it does nothing when the program was started by hand, so that every
 * program also runs without the supervisor.
 */

const HEARTBEAT_INTERVAL_MS = 1_000

/**
 * True when a supervisor started this process, also when that supervisor has died since: its child must end then, and
 * never take the public port for itself.
 */
export function isSupervised(): boolean {
  return process.send !== undefined
}

/** Tells the supervisor that this process can do its work. Call `receiveConnections` before. */
export function reportReady(): void {
  tell({ type: 'ready' })
}

/** Sends a heartbeat each second from the event loop, so that a blocked process is noticed. Returns how to end it. */
export function startHeartbeats(): () => void {
  const timer = setInterval(() => tell({ type: 'heartbeat' }), HEARTBEAT_INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * Serves the connections that the supervisor accepted on the public port. The server needs no `listen`; after this it
 * behaves as if it listened (its request and header timeouts run). Returns how many connections it has, and an end:
 * idle connections are closed at once, busy ones after their reply, all after `deadlineMs` (default 10 s).
 */
export function receiveConnections(server: HttpServer | HttpsServer): {
  count(): number
  end(deadlineMs?: number): Promise<void>
} {
  const open = new Set<Socket>()
  let ending = false
  const onMessage = (message: unknown, handle: unknown): void => {
    if (typeof message !== 'object' || message === null || !('type' in message) || !('id' in message)) return
    if (message.type !== 'connection') return
    // First the word, then the first byte: the supervisor may answer what was not taken.
    tell({ type: 'connection-taken', id: message.id })
    if (!(handle instanceof Socket)) return // it was reset on the way
    open.add(handle)
    handle.once('close', () => open.delete(handle))
    handle.on('error', () => undefined)
    server.emit('connection', handle)
    handle.resume()
    if (ending) server.closeIdleConnections()
  }
  process.on('message', onMessage)
  server.emit('listening') // starts the checks of header and request timeouts, which `listen` would have started
  return {
    count: () => open.size,
    end: async (deadlineMs = 10_000) => {
      ending = true
      const until = performance.now() + deadlineMs
      // A kept-alive connection that is busy now is idle after its reply, so look again and again.
      while (open.size > 0 && performance.now() < until) {
        server.closeIdleConnections()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      server.closeAllConnections()
      for (const socket of open) socket.destroy()
      process.off('message', onMessage)
    },
  }
}

/**
 * Calls the handler once, when this process should end: the supervisor died, or SIGTERM or SIGINT came. The handler
 * stops gracefully; when it has resolved (or after `deadlineMs`, default 10 s) the process exits.
 */
export function onDisconnect(stopGracefully: () => Promise<void> | void, deadlineMs = 10_000): void {
  let begun = false
  const stop = (): void => {
    if (begun) return
    begun = true
    setTimeout(() => process.exit(1), deadlineMs).unref()
    void Promise.resolve()
      .then(stopGracefully)
      .then(
        () => process.exit(0),
        () => process.exit(1),
      )
  }
  if (isSupervised() && process.connected) process.once('disconnect', stop)
  // It died while this process was still starting.
  else if (isSupervised()) stop()
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function tell(message: { type: string; id?: unknown }): void {
  if (!process.connected) return
  // A failed send means that the supervisor is gone; `disconnect` says so too.
  process.send?.(message, undefined, {}, () => undefined)
}
