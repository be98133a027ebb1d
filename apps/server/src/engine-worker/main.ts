import { onDisconnect, reportReady, startHeartbeats } from '../supervisor/child-side.ts'
import { listenForJobs } from './server.ts'
import { readEngineSettings } from './settings.ts'

/** The engine worker: DuckDB in a process of its own, so that its memory and its crashes are its own. */
const server = await listenForJobs(readEngineSettings(process.env), () => {
  process.stderr.write('a job does not obey its interruption; ending, to be started again\n')
  process.exit(70)
})
onDisconnect(() => {
  server.close()
  server.closeAllConnections()
}, 2_000)
startHeartbeats()
reportReady()
