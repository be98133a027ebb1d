import { createPrivateKey, randomBytes, randomUUID } from 'node:crypto'
import { addressOf, createClient, type CallInput, type Client, type Endpoint } from '@huitong/contract'
import { announceSegment, appendSegment } from '@huitong/contract/exchange'
import { createNode, createSource, enrolNode, finishWork, pollWork, giveConsent } from '@huitong/contract/nodes'
import { signRequest, splitTarget } from '@huitong/contract/signature'
import type { BodyOf, ReplyOf } from '@huitong/contract'
import { generateKeyPair, type KeyPairText, type SealedSegment } from '@huitong/segment'
import type { Server } from '../../apps/server/src/server.ts'
import type { TestPlatform } from './platform.ts'

export interface Bent {
  /** Seconds that the node's clock is ahead. */
  aheadSeconds?: number
  nonce?: string
  keyId?: string
  /** Changes headers or body after signing. */
  tamper?: (request: { path: string; headers: Record<string, string>; body: string | Buffer | null }) => void
}
type Work = ReplyOf<typeof pollWork>['work'][number]

/** A node's side of the protocol, with real keys, speaking to the server in-process. */
export interface TestNode extends Client {
  readonly id: string
  readonly departmentId: string
  readonly signing: KeyPairText
  readonly sealing: KeyPairText
  readonly platform: { signingKey: string; sealingKey: string }
  readonly boot: string
  /** A call whose signature is bent. */
  bent<E extends Endpoint>(bend: Bent, endpoint: E, input?: CallInput<E>): Promise<ReplyOf<E>>
  /** Raw bytes of a stream endpoint. */
  bytes<E extends Endpoint>(endpoint: E, input?: CallInput<E>): Promise<{ status: number; bytes: Buffer }>
  poll(options?: {
    running?: string[]
    waitSeconds?: number
    boot?: string
    poll?: number
  }): Promise<ReplyOf<typeof pollWork>>
  /** Polls until there is work of this kind, for one stream or reconciliation if named. */
  work(kind: Work['kind'], of?: string): Promise<Work>
  finish(work: Pick<Work, 'id' | 'fence'>, result: unknown): Promise<unknown>
  fail(work: Pick<Work, 'id' | 'fence'>, code: string): Promise<unknown>
  announce(segment: SealedSegment): Promise<ReplyOf<typeof announceSegment>>
  append(digest: string, offset: number, bytes: Uint8Array): Promise<ReplyOf<typeof appendSegment>>
  /** Announces and uploads whole. */
  upload(segment: SealedSegment): Promise<string>
}

/** Registers a node for a department and enrols it. */
export async function enrol(platform: TestPlatform, departmentId: string, name = '前置节点'): Promise<TestNode> {
  const centre = await platform.as('centre')
  const { enrolmentCode } = await centre.call(createNode, { body: { name: { zh: name }, departmentId } })
  const [signing, sealing] = [generateKeyPair('ed25519'), generateKeyPair('x25519')]
  const body = { code: enrolmentCode, signingKey: signing.publicKey, sealingKey: sealing.publicKey, version: '0.1.0' }
  const reply = await enrolAs(platform.server, signing, body)
  return nodeOf(platform.server, { id: reply.nodeId, departmentId, signing, sealing, platform: reply.platform })
}

/** An enrolment that is signed with this key, as it should be with the one that it registers. */
export const enrolAs = (server: Server, signing: KeyPairText, body: BodyOf<typeof enrolNode>, bend: Bent = {}) =>
  signedClient(server, signing, bend).call(enrolNode, { body })

type Facts = Pick<TestNode, 'id' | 'departmentId' | 'signing' | 'sealing' | 'platform'>

/** The client of an enrolled node. */
export function nodeOf(server: Server, facts: Facts): TestNode {
  const boot = randomUUID()
  const plain = signedClient(server, facts.signing, {})
  const held: Work[] = []
  const node: TestNode = {
    ...facts,
    ...plain,
    boot,
    bent: (bend, endpoint, input) => signedClient(server, facts.signing, bend).call(endpoint, input),
    async bytes(endpoint, input) {
      const request = { method: endpoint.method, path: addressOf(endpoint, input), headers: {}, body: null }
      const reply = await send(server, facts.signing, {}, request)
      return { status: reply.statusCode, bytes: reply.rawPayload }
    },
    poll: ({ running = [], waitSeconds = 0, boot: other = boot, poll } = {}) =>
      plain.call(pollWork, {
        body: { boot: other, version: '0.1.0', running, waitSeconds, ...(poll === undefined ? {} : { poll }) },
      }),
    async work(kind, of) {
      const isWanted = (one: Work) => one.kind === kind && (of === undefined || JSON.stringify(one.input).includes(of))
      for (let tries = 0; tries < 20; tries++) {
        const at = held.findIndex(isWanted)
        if (at >= 0) return held.splice(at, 1)[0]!
        held.push(...(await node.poll({ waitSeconds: 1 })).work)
      }
      throw new Error(`no ${kind} work came`)
    },
    finish: (work, result) =>
      plain.call(finishWork, { params: { id: work.id }, body: { fence: work.fence, state: 'done', result } }),
    fail: (work, code) =>
      plain.call(finishWork, {
        params: { id: work.id },
        body: { fence: work.fence, state: 'failed', problem: { code, message: { zh: '失败', en: 'failed' } } },
      }),
    announce: (segment) =>
      plain.call(announceSegment, { body: { manifest: Buffer.from(segment.signed.bytes).toString('utf8') } }),
    append: (digest, offset, bytes) => append(server, facts.signing, digest, offset, bytes),
    async upload(segment) {
      const { offset } = await node.announce(segment)
      const rest = segment.sealed.subarray(offset)
      const { receipt } = await node.append(segment.signed.manifest.sealedDigest, offset, rest)
      if (receipt === null) throw new Error('no receipt for a whole segment')
      return receipt
    },
  }
  return node
}

function signedClient(server: Server, signing: KeyPairText, bend: Bent): Client {
  return createClient(async (request) => {
    const reply = await send(server, signing, bend, request)
    const headers = Object.entries(reply.headers).map(([name, value]): [string, string] => [name, String(value)])
    return new Response(reply.rawPayload, { status: reply.statusCode, headers })
  })
}

interface Raw {
  method: string
  path: string
  headers: Record<string, string>
  body: string | Buffer | null
}

function send(server: Server, signing: KeyPairText, bend: Bent, request: Raw) {
  const facts = {
    keyId: bend.keyId ?? signing.keyId,
    created: Math.floor(server.services.clock.now().getTime() / 1000) + (bend.aheadSeconds ?? 0),
    nonce: bend.nonce ?? randomBytes(18).toString('base64url'),
  }
  const parts = { method: request.method, ...splitTarget(request.path), body: Buffer.from(request.body ?? '') }
  const key = createPrivateKey({ key: Buffer.from(signing.privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  const signed = { ...request, headers: { ...request.headers, ...signRequest(parts, facts, key) } }
  bend.tamper?.(signed)
  return server.http.inject({
    method: signed.method as 'GET',
    url: signed.path,
    headers: signed.headers,
    ...(signed.body === null ? {} : { payload: signed.body }),
  })
}

async function append(server: Server, signing: KeyPairText, digest: string, offset: number, bytes: Uint8Array) {
  const path = addressOf(appendSegment, { params: { digest }, query: { offset: String(offset) } })
  const headers = { 'content-type': 'application/octet-stream' }
  const client = createClient(async () => {
    const reply = await send(server, signing, {}, { method: 'PATCH', path, headers, body: Buffer.from(bytes) })
    return new Response(reply.rawPayload, { status: reply.statusCode })
  })
  return client.call(appendSegment, { params: { digest }, query: { offset: String(offset) } })
}

/** Settings of a PostgreSQL source that nobody connects to here. */
export const sourceSettings = {
  host: '127.0.0.1',
  port: 5432,
  database: 'front',
  user: 'huitong',
  password: 'not-in-any-reply',
  tls: 'off',
} as const

/** Registers a front database of the node. */
export async function addSource(
  platform: TestPlatform,
  node: TestNode,
  usage: 'provide' | 'receive' | 'both',
  kind: 'postgresql' | 'mysql' = 'postgresql',
) {
  const centre = await platform.as('centre')
  return centre.call(createSource, {
    body: {
      name: { zh: usage === 'provide' ? '前置推送库' : '前置接收库' },
      nodeId: node.id,
      kind,
      settings: { ...sourceSettings },
      usage,
      frontDatabase: true,
    },
  })
}

/** A business database of the civil department, which is read directly: it needs a written consent. */
export async function businessSource(platform: TestPlatform): Promise<string> {
  const node = await enrol(platform, platform.departments.civil, '民政业务节点')
  const body = {
    name: { zh: '业务库' },
    nodeId: node.id,
    kind: 'postgresql',
    settings: { ...sourceSettings },
    usage: 'provide' as const,
    frontDatabase: false,
    consent: '民政局同意函〔2026〕3号',
  }
  return (await (await platform.as('centre')).call(createSource, { body })).id
}

/** Registers a consent for a data source; `over` changes what stands in it. */
export async function consentTo(platform: TestPlatform, id: string, over: Partial<BodyOf<typeof giveConsent>> = {}) {
  const body = {
    number: '民函〔2026〕3号',
    signedBy: '李局长',
    validFrom: '2020-01-01',
    validUntil: '2099-12-31',
    fileName: '同意函.pdf',
    content: Buffer.from('%PDF-1.7 同意函').toString('base64'),
    ...over,
  }
  return (await platform.as('centre')).call(giveConsent, { params: { id }, body })
}
