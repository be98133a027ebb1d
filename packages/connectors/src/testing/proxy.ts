import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy that drops both sides after so many bytes from the server, to stand for a line that breaks. */
export interface CutProxy {
  readonly port: number
  /** Bytes that the server has sent through the last connection. */
  bytes(): number
  cutAfter(bytes: number): void
  stop(): Promise<void>
}

/** Start a proxy before `target`. */
export async function startProxy(target: { host: string; port: number }): Promise<CutProxy> {
  let limit = Number.POSITIVE_INFINITY
  let seen = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host)
    seen = 0
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (data) => upstream.write(data))
    upstream.on('data', (data) => {
      const left = limit - seen
      seen += data.length
      if (left >= data.length) {
        client.write(data)
        return
      }
      client.end(data.subarray(0, Math.max(0, left)))
      upstream.destroy()
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as { port: number }).port,
    bytes: () => seen,
    cutAfter(bytes) {
      limit = bytes
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
