import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Endpoint, ERRORS } from '@huitong/contract'
import {
  acknowledgeSegment,
  announceSegment,
  appendSegment,
  fetchSegment,
  pullSegments,
} from '@huitong/contract/exchange'
import { enrolNode, finishWork, keepNodeLog, type NodeLogLine, pollWork, reportProgress } from '@huitong/contract/nodes'
import { readSignatureInput, splitTarget, verifyRequest } from '@huitong/contract/signature'
import { generateKeyPair, importPublicKey, keyIdOf } from '@huitong/segment'
import { Check } from 'typebox/value'
import { Refusal } from './refusal.ts'
import { Streams } from './streams.ts'
import { type Node, WorkQueue } from './work-queue.ts'

interface Call {
  readonly node: Node
  readonly params: Record<string, string>
  readonly query: Record<string, string>
  readonly body: never
  readonly raw: Buffer
}
type Reply = object | Buffer
type Handler = (call: Call) => Reply | Promise<Reply>

/** Bends the network: what to do instead of answering; null answers. */
export type Fault = (request: { method: string; path: string }) => 'reset' | 'reset-after' | number | null

const SIGNATURE_WINDOW_SECONDS = 300

/**
 * The node endpoints of the platform in one process, for tests of the agent: real signatures, manifests, chains,
 * receipts and content, state in memory that outlives its "restarts". Not a server for anything else.
 */
export class TestPlatform {
  readonly signing = generateKeyPair('ed25519')
  readonly sealing = generateKeyPair('x25519')
  readonly work = new WorkQueue()
  readonly streams = new Streams(this.signing, this.sealing)
  readonly nodes: Node[] = []
  /** What nodes told of their logs, in the order in which it came. */
  readonly told: NodeLogLine[] = []
  /** Requests answered, by endpoint id. */
  readonly answered = new Map<string, number>()
  fault: Fault = () => null
  readonly #codes = new Map<string, { departmentId: string }>()
  readonly #nonces = new Set<string>()
  readonly #sockets = new Set<Socket>()
  #server: Server | null = null
  #port = 0

  /** Listens; after `stop` again on the same port, with all state kept. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response))
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => undefined)
    })
    server.listen(this.#port, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Breaks every connection and listens no more. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = null
    for (const socket of this.#sockets) socket.destroy()
    if (server !== null) await new Promise((resolve) => server.close(resolve))
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** A one-time code for a node of a new department. */
  enrolmentCode(): { code: string; departmentId: string } {
    const code = randomUUID()
    const departmentId = randomUUID()
    this.#codes.set(code, { departmentId })
    return { code, departmentId }
  }

  /** The node that enrolled with a department, once it has. */
  async node(departmentId: string, timeoutMs = 20_000): Promise<Node> {
    for (const until = Date.now() + timeoutMs; ;) {
      const found = this.nodes.find((node) => node.departmentId === departmentId)
      if (found !== undefined) return found
      if (Date.now() > until) throw new Error('the node has not enrolled')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  readonly #routes: readonly (readonly [Endpoint, Handler])[] = (
    [
      [enrolNode, ({ body }: Call) => this.#enrol(body)],
      [pollWork, ({ node, body }: Call) => this.work.poll(node, body)],
      [reportProgress, ({ node, params, body }: Call) => this.work.progress(node, params['id']!, body)],
      [finishWork, ({ node, params, body }: Call) => this.work.finish(node, params['id']!, body)],
      [keepNodeLog, ({ body }: Call) => this.#tell(body)],
      [announceSegment, ({ node, body }: Call) => this.streams.announce(node, body)],
      [
        appendSegment,
        ({ node, params, query, raw }: Call) =>
          this.streams.append(node, params['digest']!, Number(query['offset']), raw),
      ],
      [pullSegments, ({ params, query }: Call) => this.streams.pull(params['id']!, query)],
      [fetchSegment, ({ params, query }: Call) => this.streams.fetch(params['digest']!, Number(query['offset'] ?? 0))],
      [acknowledgeSegment, ({ node, body }: Call) => this.streams.acknowledge(node, body)],
    ] as const
  ).map(([endpoint, handler]) => [endpoint as unknown as Endpoint, handler] as const)

  #enrol(body: { code: string; signingKey: string; sealingKey: string; version: string }): object {
    const code = this.#codes.get(body.code)
    if (code === undefined) throw new Refusal('enrolment.code')
    const known = this.nodes.find((node) => node.departmentId === code.departmentId)
    if (known !== undefined && known.signingKey !== body.signingKey) throw new Refusal('enrolment.code')
    const node = known ?? {
      id: randomUUID(),
      departmentId: code.departmentId,
      signingKey: body.signingKey,
      sealingKey: body.sealingKey,
      keyId: keyIdOf(body.signingKey),
      boot: '',
    }
    if (known === undefined) this.nodes.push(node)
    return {
      nodeId: node.id,
      name: { zh: '测试节点' },
      departmentId: node.departmentId,
      platform: { signingKey: this.signing.publicKey, sealingKey: this.sealing.publicKey },
    }
  }

  #tell({ lines }: { lines: NodeLogLine[] }): object {
    this.told.push(...lines)
    return {}
  }

  /** Waits for a line of some node's log that holds. */
  async heard(holds: (line: NodeLogLine) => boolean, timeoutMs = 20_000): Promise<NodeLogLine> {
    for (const until = Date.now() + timeoutMs; ;) {
      const found = this.told.find(holds)
      if (found !== undefined) return found
      if (Date.now() > until) throw new Error(`not told of it, but of ${JSON.stringify(this.told)}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const fault = this.fault({ method: request.method!, path: request.url! })
      if (fault === 'reset') return void request.socket.destroy()
      if (typeof fault === 'number') return void response.writeHead(fault).end('<h1>starting</h1>')
      const [status, reply, kind] = await this.#answer(request, Buffer.concat(chunks))
      if (fault === 'reset-after') return void request.socket.destroy()
      if (Buffer.isBuffer(reply)) response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(reply)
      else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
      if (kind !== null) this.answered.set(kind, (this.answered.get(kind) ?? 0) + 1)
    } catch {
      // The connection broke while the request came in.
      request.socket.destroy()
    }
  }

  async #answer(request: IncomingMessage, raw: Buffer): Promise<[number, Reply, string | null]> {
    try {
      const { path, query } = splitTarget(request.url!)
      for (const [endpoint, handler] of this.#routes) {
        const params = endpoint.method === request.method ? match(endpoint.path, path) : null
        if (params === null) continue
        const node = endpoint.access === 'public' ? (null as never) : this.#authenticate(request, raw, this.nodes)
        const given = Object.fromEntries(new URLSearchParams(query))
        const body: unknown = endpoint.kind === 'upload' || endpoint.method === 'GET' ? {} : JSON.parse(raw.toString())
        const fits = Check(endpoint.params, params) && Check(endpoint.query, given) && Check(endpoint.body, body)
        if (!fits || raw.length > endpoint.bodyBytesMax) throw new Refusal('request.invalid', endpoint.id)
        // An enrolment is signed with the very key that it registers.
        if (endpoint.id === enrolNode.id) {
          const { signingKey } = body as { signingKey: string }
          this.#authenticate(request, raw, [{ signingKey, keyId: keyIdOf(signingKey) }])
        }
        const reply = await handler({ node, params, query: given, body: body as never, raw })
        if (!Buffer.isBuffer(reply) && !Check(endpoint.reply, reply)) throw new Error(`reply of ${endpoint.id}`)
        return [endpoint.status, reply, endpoint.id]
      }
      throw new Refusal('route.not_found', path)
    } catch (error) {
      const code = error instanceof Refusal ? error.code : 'platform.internal'
      if (code === 'platform.internal') this.faults.push(error)
      const { status, words } = ERRORS[code]
      return [status, { error: { code, message: words, hop: 'server', requestId: randomUUID() } }, null]
    }
  }

  /** Errors of this platform itself: a test expects none. */
  readonly faults: unknown[] = []

  /** Whose key signed the request, of these. */
  #authenticate<K extends Pick<Node, 'keyId' | 'signingKey'>>(
    request: IncomingMessage,
    raw: Buffer,
    keys: readonly K[],
  ): K {
    const header = (name: string) => String(request.headers[name] ?? '')
    const facts = readSignatureInput(header('signature-input'))
    const node = keys.find(({ keyId }) => keyId === facts?.keyId)
    if (facts === null || node === undefined) throw new Refusal('signature.invalid')
    if (Math.abs(Date.now() / 1000 - facts.created) > SIGNATURE_WINDOW_SECONDS) throw new Refusal('signature.invalid')
    const parts = { method: request.method!, ...splitTarget(request.url!), body: raw }
    const headers = {
      'content-digest': header('content-digest'),
      'signature-input': header('signature-input'),
      signature: header('signature'),
    }
    const valid = verifyRequest(parts, headers, importPublicKey('ed25519', node.signingKey))
    if (!valid) throw new Refusal('signature.invalid')
    if (this.#nonces.has(facts.nonce)) throw new Refusal('request.replayed')
    this.#nonces.add(facts.nonce)
    return node
  }
}

function match(pattern: string, path: string): Record<string, string> | null {
  const names = [...pattern.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  const found = new RegExp(`^${pattern.replaceAll(/:\w+/g, '([^/]+)')}$`).exec(path)
  if (found === null) return null
  return Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(found[i + 1]!)]))
}
