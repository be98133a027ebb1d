import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP proxy in front of a server that a test lets break: connections are cut, refused, held, or slow. */
export class FaultProxy {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #refuses = false
  #delayMs = 0
  #held = false
  #to: { readonly host: string; readonly port: number }

  private constructor(server: Server, port: number, to: { host: string; port: number }) {
    this.#server = server
    this.port = port
    this.#to = to
  }

  static async start(host: string, port: number): Promise<FaultProxy> {
    let proxy: FaultProxy | null = null
    const server = createServer((client) => proxy!.#pair(client)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    proxy = new FaultProxy(server, (server.address() as { port: number }).port, { host, port })
    return proxy
  }

  /** Cuts every connection now. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Cuts every connection and takes no new one until it is let through again. */
  down(): void {
    this.#refuses = true
    this.cut()
  }

  up(): void {
    this.#refuses = false
  }

  /** Cuts every connection; new ones reach another server of this machine. */
  redirect(port: number): void {
    this.#to = { host: '127.0.0.1', port }
    this.cut()
  }

  /** Nothing passes, and nobody hears why, until it is released. */
  hold(): void {
    this.#held = true
    for (const socket of this.#sockets) socket.pause()
  }

  release(): void {
    this.#held = false
    for (const socket of this.#sockets) socket.resume()
  }

  /** Every piece comes so much later. */
  delay(ms: number): void {
    this.#delayMs = ms
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #pair(client: Socket): void {
    if (this.#refuses) return void client.destroy()
    const upstream = connect(this.#to.port, this.#to.host)
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    this.#pipe(client, upstream)
    this.#pipe(upstream, client)
  }

  #pipe(from: Socket, to: Socket): void {
    from.on('data', (data) => {
      if (this.#delayMs > 0) setTimeout(() => to.write(data), this.#delayMs)
      else if (!to.write(data)) {
        from.pause()
        to.once('drain', () => {
          if (!this.#held) from.resume()
        })
      }
    })
    from.on('end', () => to.end())
    if (this.#held) from.pause()
  }
}
