import { createServer } from './server.ts'
import { readSettings } from './kernel/settings.ts'
import {
  onDisconnect,
  receiveConnections,
  reportReady,
  startHeartbeats,
  isSupervised,
} from './supervisor/child-side.ts'

/** The server process: under the supervisor it takes connections from the public port, alone it listens itself. */
const server = await createServer(readSettings(process.env), { portal: true })
if (isSupervised()) {
  await server.http.ready()
  const connections = receiveConnections(server.http.server)
  startHeartbeats()
  onDisconnect(async () => {
    await connections.end()
    await server.stop()
  })
  reportReady()
} else {
  onDisconnect(() => server.stop())
  await server.http.listen({ port: server.settings.port, host: server.settings.listen })
}
