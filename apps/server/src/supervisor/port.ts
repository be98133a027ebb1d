import type { ChildProcess } from 'node:child_process'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type Socket } from 'node:net'
import { answerWhileStarting } from './starting-page.ts'

export interface PublicPortOptions {
  host: string
  /** 0 chooses a free one. */
  port: number
  /** Key and certificate (PEM) for the starting page, when the server speaks TLS. */
  tls?: { key: string; cert: string }
}

/**
 * The public port. It is held by the supervisor, so it never refuses a connection while the supervisor lives; each
 * connection is passed to the server child that is ready, or answered here while there is none.
 */
export interface PublicPort {
  host: string
  port: number
  /** From now on connections go to this child. */
  attach(child: ChildProcess): void
  /** From now on connections are answered here (again). */
  detach(): void
  /** Stops listening and resets what nobody has taken over yet. */
  close(): Promise<void>
}

/** More connections than this wait only when the child does not take them; further ones are answered here. */
const WAITING_MAX = 4_096
const UNREAD_TIMEOUT_MS = 10_000

/** Opens the port; rejects with a message for people when it is taken. */
export async function openPublicPort(options: PublicPortOptions): Promise<PublicPort> {
  const own = options.tls
    ? createHttpsServer({ ...options.tls, requestTimeout: UNREAD_TIMEOUT_MS }, answerWhileStarting)
    : createHttpServer({ requestTimeout: UNREAD_TIMEOUT_MS }, answerWhileStarting)
  own.on('clientError', (_error, socket) => socket.destroy())
  if (options.tls) own.on('tlsClientError', (_error, socket) => socket.destroy())
  const answerHere = (socket: Socket): void => {
    if (socket.destroyed) return
    socket.setTimeout(UNREAD_TIMEOUT_MS, () => socket.destroy())
    own.emit('connection', socket)
    socket.resume()
  }
  const open = new Set<Socket>()
  let courier: Courier | undefined
  const listener = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    // Else Node.js counts passed sockets in each child, and closing waits for the counts of children that are dead.
    Object.assign(socket, { server: null })
    open.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => open.delete(socket))
    if (courier?.take(socket) !== true) answerHere(socket)
  })
  const address = await listen(listener, options)
  const detach = (): void => {
    const former = courier
    courier = undefined
    former?.giveBack(answerHere)
  }
  return {
    ...address,
    attach: (child) => {
      detach()
      const mine = new Courier(child, () => {
        if (courier === mine) detach()
      })
      courier = mine
    },
    detach,
    close: async () => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()))
      detach()
      for (const socket of open) socket.destroy()
      own.closeAllConnections()
      await closed
    },
  }
}

async function listen(
  listener: ReturnType<typeof createServer>,
  options: PublicPortOptions,
): Promise<{ host: string; port: number }> {
  await new Promise<void>((resolve, reject) => {
    listener.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      const text = `端口 ${options.port} 已被占用，请设置 HUITONG_PORT。\n`
      reject(new Error(`${text}Port ${options.port} is in use; set HUITONG_PORT to another one.`, { cause: error }))
    })
    listener.listen({ port: options.port, host: options.host, backlog: 1024 }, resolve)
  })
  listener.on('error', () => undefined) // one failed accept (too many open files) must not end the supervisor
  const address = listener.address()
  return { host: options.host, port: typeof address === 'object' && address !== null ? address.port : options.port }
}

/**
 * Hands connections to one child, one after the other. A connection is ours until the child has said that it has it: the
 * child says so before it reads a byte, so what it had not taken when it died can still be answered here, whole.
 */
class Courier {
  readonly #child: ChildProcess
  readonly #waiting: Socket[] = []
  #sent: { id: number; socket: Socket } | undefined
  #lastId = 0
  #ended = false
  readonly #onMessage = (message: unknown): void => this.#acknowledged(message)
  readonly #onGone: () => void

  constructor(child: ChildProcess, onGone: () => void) {
    this.#child = child
    this.#onGone = onGone
    child.on('message', this.#onMessage)
    child.once('disconnect', this.#onGone)
    child.once('exit', this.#onGone)
  }

  /** False when this child cannot take it. */
  take(socket: Socket): boolean {
    if (this.#ended || !this.#child.connected || this.#waiting.length >= WAITING_MAX) return false
    this.#waiting.push(socket)
    this.#sendNext()
    return true
  }

  /** Ends the delivery and gives back the connections that the child has not taken, now or when that is known. */
  giveBack(answer: (socket: Socket) => void): void {
    this.#ended = true
    this.#child.off('message', this.#onMessage)
    this.#child.off('disconnect', this.#onGone)
    this.#child.off('exit', this.#onGone)
    if (this.#sent !== undefined) this.#awaitLastWord(this.#sent, answer)
    this.#sent = undefined
    for (const socket of this.#waiting.splice(0)) answer(socket)
  }

  /** The child may be taking that one right now, or its word may still be on the way: its channel's end decides. */
  #awaitLastWord(sent: { id: number; socket: Socket }, answer: (socket: Socket) => void): void {
    const settle = (taken: boolean): void => {
      this.#child.off('message', onMessage)
      this.#child.off('disconnect', onDisconnect)
      if (taken) sent.socket.destroy()
      else answer(sent.socket)
    }
    const onMessage = (message: unknown): void => {
      if (acknowledgedId(message) === sent.id) settle(true)
    }
    const onDisconnect = (): void => settle(false)
    if (!this.#child.connected) return answer(sent.socket)
    this.#child.on('message', onMessage)
    this.#child.once('disconnect', onDisconnect)
  }

  #sendNext(): void {
    while (!this.#ended && this.#sent === undefined) {
      const socket = this.#waiting.shift()
      if (socket === undefined) return
      if (socket.destroyed) continue
      const id = ++this.#lastId
      this.#sent = { id, socket }
      this.#child.send({ type: 'connection', id }, socket, { keepOpen: true }, (error) => {
        if (error !== null) this.#onGone()
      })
    }
  }

  #acknowledged(message: unknown): void {
    if (this.#sent === undefined || acknowledgedId(message) !== this.#sent.id) return
    this.#sent.socket.destroy() // closes our copy of the descriptor; the connection itself is the child's
    this.#sent = undefined
    this.#sendNext()
  }
}

function acknowledgedId(message: unknown): number | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message) || !('id' in message)) return undefined
  return message.type === 'connection-taken' && typeof message.id === 'number' ? message.id : undefined
}
