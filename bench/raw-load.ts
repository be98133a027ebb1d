import { connect } from 'node:net'

/** What a round of requests brought. */
export interface Load {
  readonly seconds: number
  readonly answered: number
  /** First status lines other than 200, for the message of an error. */
  readonly others: readonly string[]
}

const OTHERS_MAX = 3
const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Sends ready-made HTTP/1.1 requests over kept-alive connections, each with one request in flight, and waits for every
 * reply. It makes as little of its own as it can, so that the servers are measured and not the client.
 */
export async function sendAll(base: string, requests: readonly Buffer[], connections: number): Promise<Load> {
  const { hostname, port } = new URL(base)
  const others: string[] = []
  let next = 0
  let answered = 0
  const begun = performance.now()
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      let held = Buffer.alloc(0)
      const send = (): void => {
        const request = requests[next++]
        if (request) socket.write(request)
        else socket.end()
      }
      socket.setNoDelay(true)
      socket.once('connect', send)
      socket.on('data', (chunk) => {
        held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
        const reply = replyIn(held)
        if (!reply) return
        held = held.subarray(reply.bytes)
        if (reply.status === 200) answered++
        else if (others.length < OTHERS_MAX) others.push(reply.head)
        send()
      })
      socket.once('error', reject)
      socket.once('close', () => resolve())
    })
  await Promise.all(Array.from({ length: connections }, one))
  return { seconds: (performance.now() - begun) / 1000, answered, others }
}

/** The reply at the beginning, when all of it has come. */
function replyIn(held: Buffer): { status: number; bytes: number; head: string } | null {
  const end = held.indexOf(HEAD_END)
  if (end < 0) return null
  const head = held.toString('latin1', 0, end)
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`a reply without its length: ${head}`)
  const bytes = end + HEAD_END.length + Number(length)
  return held.length < bytes
    ? null
    : { status: Number(head.slice(9, 12)), bytes, head: held.toString('utf8', 0, bytes) }
}
