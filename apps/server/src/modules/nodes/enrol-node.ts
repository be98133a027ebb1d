import { enrolNode } from '@huitong/contract/nodes'
import { keyIdOf, sealBox, SegmentError } from '@huitong/segment'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { enrolmentHash } from './create-node.ts'

interface Row {
  id: string
  name: { zh: string; en?: string }
  department_id: string
  signing_key: Buffer | null
  sealing_key: Buffer | null
}

const RAW_KEY_BYTES = 32

/**
 * A node shows its one-time code and leaves its public keys. Its own key signs this request already, which proves that
 * the node holds it, and every request from then on.
 */
export const enrolNodeVerb = command<typeof enrolNode>({
  endpoint: enrolNode,
  rows: 'system',
  audit: (_input, reply) => ({ objectKind: 'node', objectId: reply.nodeId }),
  async run({ db, now, services, client, emit }, { body }) {
    const signingKey = Buffer.from(body.signingKey, 'base64')
    const sealingKey = Buffer.from(body.sealingKey, 'base64')
    const places = [
      ...(signingKey.length === RAW_KEY_BYTES ? [] : [place('/signingKey', '应为 32 字节公钥', 'must be 32 bytes')]),
      ...(sealingKey.length === RAW_KEY_BYTES ? [] : [place('/sealingKey', '应为 32 字节公钥', 'must be 32 bytes')]),
    ]
    if (places.length > 0) refuse('request.invalid', { places })
    // Otherwise a key could be registered that is somebody else's. A repeated request registers nothing new.
    if (!client.holdsKey(body.signingKey)) refuse('signature.invalid', { detail: 'no proof of the signing key' })
    await requireSealable(body.sealingKey)
    const node = await db.maybe<Row>(sql`select id, name, department_id, signing_key, sealing_key from node
      where enrolment_hash = ${enrolmentHash(body.code)} and enrolment_expires_at > ${now} for update`)
    if (!node) refuse('enrolment.code')
    // A repeated enrolment with the same keys (the reply was lost) is answered again. Either key alone would do harm:
    // whoever changes the sealing key reads what is sealed to the node from then on.
    const isSame = node.signing_key?.equals(signingKey) === true && node.sealing_key?.equals(sealingKey) === true
    if (node.signing_key !== null && !isSame) refuse('enrolment.code', { detail: 'used' })
    await db.run(sql`update node set signing_key = ${signingKey}, sealing_key = ${sealingKey},
      key_id = ${keyIdOf(body.signingKey)}, version = ${body.version} where id = ${node.id}`)
    await emit('node.enrolled', { nodeId: node.id })
    return {
      nodeId: node.id,
      name: node.name,
      departmentId: node.department_id,
      platform: {
        signingKey: services.keys.signing.publicKey.toString('base64'),
        sealingKey: services.keys.sealing.publicKey.toString('base64'),
      },
    }
  },
})

/** Some keys of 32 bytes give everyone the same secret (RFC 7748 section 6.1): nothing may ever be sealed to them. */
async function requireSealable(sealingKey: string): Promise<void> {
  try {
    await sealBox(sealingKey, Buffer.alloc(1), { info: 'huitong/enrolment/v1' })
  } catch (error) {
    if (!(error instanceof SegmentError)) throw error
    refuse('request.invalid', { places: [place('/sealingKey', '不是可用的 X25519 公钥', 'not a usable X25519 key')] })
  }
}
