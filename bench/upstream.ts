import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A department's own service as small as it can be, in a process of its own: it answers one record to every question. */
if (process.argv[1] === import.meta.filename) {
  const server = createServer((_request, reply) => {
    const body = '[{"code":"330102001001","name":"清波社区"}]'
    reply.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  })
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
}
