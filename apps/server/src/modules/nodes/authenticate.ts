import { createPublicKey } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { NodeActor } from '../../kernel/actor.ts'
import { refuse } from '../../kernel/errors.ts'
import { isSignedWith, timelyFacts as readFacts } from '../../kernel/request-signature.ts'
import type { Services } from '../../kernel/services.ts'

/** What a node is known by. */
export interface NodeRow {
  id: string
  name: { zh: string }
  department_id: string
  jurisdiction: string
  signing_key: Buffer
}

/**
 * The node whose key signed the request (RFC 9421 over method, path, query and body). An unknown key, a wrong
 * signature or a stale time is 401; a nonce that was seen before is 409.
 */
export async function authenticateNode(services: Services, request: FastifyRequest, raw: Buffer): Promise<NodeActor> {
  const facts = timelyFacts(services, request)
  const now = services.clock.now()
  return services.db.tick(async (db) => {
    const node = await db.maybe<NodeRow>(
      sql`select id, name, department_id, jurisdiction, signing_key from node where key_id = ${facts.keyId}`,
    )
    if (!node) refuse('signature.invalid', { detail: `unknown key ${facts.keyId}` })
    if (!isSignedWith(request, raw, publicKeyOf(node.signing_key)))
      refuse('signature.invalid', { detail: 'bad signature' })
    const fresh =
      await db.run(sql`insert into request_nonce (key_id, nonce, at) values (${facts.keyId}, ${facts.nonce}, ${now})
      on conflict do nothing`)
    if (fresh === 0) refuse('request.replayed')
    return nodeActor(node, facts.keyId)
  })
}

/** The node as whom its calls, or its ferried messages, act. */
export const nodeActor = (row: Omit<NodeRow, 'signing_key'>, keyId: string): NodeActor => ({
  kind: 'node',
  id: row.id,
  name: row.name.zh,
  departmentId: row.department_id,
  jurisdiction: row.jurisdiction,
  keyId,
})

function timelyFacts(services: Services, request: FastifyRequest) {
  const facts = readFacts(services.clock, request)
  if (facts === 'none') refuse('signature.invalid', { detail: 'no signature' })
  if (facts === 'stale') refuse('signature.invalid', { detail: 'stale' })
  return facts
}

/** What the headers alone tell: a signature in form and in time, by a key that some node has. */
export async function admitNode(services: Services, request: FastifyRequest): Promise<void> {
  const { keyId } = timelyFacts(services, request)
  const node = await services.db.tick((db) => db.maybe(sql`select 1 from node where key_id = ${keyId}`))
  if (!node) refuse('signature.invalid', { detail: `unknown key ${keyId}` })
}

const publicKeyOf = (raw: Buffer) =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })
