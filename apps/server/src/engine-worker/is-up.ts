import { connect } from 'node:net'
import { usableSocketPath } from './socket-path.ts'

const ANSWER_MS_MAX = 500

/** True when a worker listens on this socket. */
export function isEngineUp(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path: usableSocketPath(socketPath), timeout: ANSWER_MS_MAX })
    const answer = (up: boolean) => {
      socket.destroy()
      resolve(up)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
    socket.once('timeout', () => answer(false))
  })
}
