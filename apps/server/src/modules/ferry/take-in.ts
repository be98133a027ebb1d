import { randomUUID } from 'node:crypto'
import type { Endpoint, ReplyOf } from '@huitong/contract'
import { acknowledgeSegment, announceSegment, appendSegment } from '@huitong/contract/exchange'
import { NODE_MESSAGES, type NodeMessage } from '@huitong/contract/ferry'
import { enrolNode, finishWork } from '@huitong/contract/nodes'
import type { Arrived } from '@huitong/ferry'
import { keyIdOf } from '@huitong/segment'
import { Check } from 'typebox/value'
import { type Actor, PUBLIC } from '../../kernel/actor.ts'
import { Refusal, refuse } from '../../kernel/errors.ts'
import { execute } from '../../kernel/execute.ts'
import type { Services } from '../../kernel/services.ts'
import type { Input, Verb } from '../../kernel/verb.ts'
import { exchangeVerbs } from '../exchange/index.ts'
import { nodeActor, nodesVerbs } from '../nodes/index.ts'
import { type FerriedNode, rereadNode } from './crossing.ts'

/** What became of a file: the code of a refusal, or null; and the receipt of a segment. */
export interface Answer {
  readonly number: number
  readonly code: string | null
  readonly receipt: string | null
}

const VERBS = new Map<string, Verb>([...nodesVerbs, ...exchangeVerbs].map((verb) => [verb.endpoint.id, verb]))

/** Refusals that say nothing about the message: it is taken in later. */
const LATER = new Set(['storage.full', 'storage.upload_busy', 'upload.offset'])

/**
 * Runs a message of a node through the endpoint that it stands for, as that node: permissions, checks, audit and receipts
 * are those of a call over the line. The same message again is harmless, as the same call is.
 * @throws what passes by itself: a full disk, a database that is away.
 */
export async function takeIn(services: Services, node: FerriedNode, arrived: Arrived): Promise<Answer> {
  const { number, kind } = arrived.header
  const answer = (code: string | null, receipt: string | null = null): Answer => ({ number, code, receipt })
  if (!Object.hasOwn(NODE_MESSAGES, kind) || !Check(NODE_MESSAGES[kind as 'enrol'], arrived.head))
    return answer('request.invalid')
  try {
    return answer(null, await run(services, node, kind as keyof typeof NODE_MESSAGES, arrived))
  } catch (error) {
    if (!(error instanceof Refusal) || LATER.has(error.code)) throw error
    return answer(error.code)
  }
}

async function run(
  services: Services,
  node: FerriedNode,
  kind: keyof typeof NODE_MESSAGES,
  { head, bytes, header }: Arrived,
): Promise<string | null> {
  switch (kind) {
    case 'enrol': {
      const body = head as NodeMessage<'enrol'>
      await call(services, PUBLIC, enrolNode, { body }, header.key)
      Object.assign(node, await rereadNode(services, node.id))
      return null
    }
    case 'segment':
      return takeSegment(services, node, head as NodeMessage<'segment'>, bytes)
    case 'receipt':
      await asNode(services, node, acknowledgeSegment, { body: head as NodeMessage<'receipt'> })
      return null
    case 'result': {
      const { id, ...body } = head as NodeMessage<'result'>
      await asNode(services, node, finishWork, { params: { id }, body })
      return null
    }
  }
}

/** The platform may hold bytes that a crash of its own, or a cut message before, has spoilt: they are gone with the refusal. */
async function takeSegment(
  services: Services,
  node: FerriedNode,
  body: NodeMessage<'segment'>,
  sealed: Uint8Array,
): Promise<string> {
  try {
    return await deliverSegment(services, node, body, sealed)
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'segment.digest') throw error
    return deliverSegment(services, node, body, sealed)
  }
}

async function deliverSegment(
  services: Services,
  node: FerriedNode,
  body: NodeMessage<'segment'>,
  sealed: Uint8Array,
): Promise<string> {
  const announced = await asNode(services, node, announceSegment, { body })
  if (announced.receipt !== null) return announced.receipt
  const { manifest } = JSON.parse(body.manifest) as { manifest: { sealedDigest: string } }
  const { receipt } = await asNode(services, node, appendSegment, {
    params: { digest: manifest.sealedDigest },
    query: { offset: String(announced.offset) },
    bytes: Buffer.from(sealed.subarray(announced.offset)),
  })
  if (receipt === null) refuse('segment.digest', { detail: 'the message holds fewer bytes than its manifest says' })
  return receipt
}

/** Runs an endpoint as a node whose key is known. */
export function asNode<E extends Endpoint>(
  services: Services,
  node: FerriedNode,
  endpoint: E,
  input: Partial<Input<E>>,
): Promise<ReplyOf<E>> {
  const key = node.signing_key?.toString('base64') ?? null
  if (key === null) throw new Refusal('signature.invalid', { detail: 'the node has not enrolled' })
  return call(services, nodeActor(node, keyIdOf(key)), endpoint, input, key)
}

async function call<E extends Endpoint>(
  services: Services,
  actor: Actor,
  endpoint: E,
  input: Partial<Input<E>>,
  signer: string | null,
): Promise<ReplyOf<E>> {
  const params: Readonly<Record<string, string>> = input.params ?? {}
  const reply = await execute(services, VERBS.get(endpoint.id)!, {
    actor,
    requestId: randomUUID(),
    input: { params, query: {}, body: {}, bytes: Buffer.alloc(0), match: 0, ...input } as Input<Endpoint>,
    object: params['id'] ?? '-',
    idempotencyKey: null,
    // The signature of the file was checked; it counts as that of a request.
    client: { token: null, agent: null, address: 'ferry', holdsKey: (publicKey) => publicKey === signer },
    setSession: () => undefined,
  })
  // The verb was found by the endpoint's id: its reply is of that shape.
  return reply as ReplyOf<E>
}
