import { createHash, createPublicKey, verify } from 'node:crypto'
import { join } from 'node:path'
import { readJson } from '../city/files.ts'
import type { NodeKey } from '../city/nodes.ts'

/** JSON with sorted keys and no space (RFC 8785 for texts, whole numbers, booleans and null). */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`
}

/** Checks an Ed25519 signature over `domain`, a line feed and the document; `key` is the raw public key in base64. */
export function isSigned(key: string, domain: string, document: string, signature: string): boolean {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key, 'base64')])
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  return verify(null, Buffer.from(`${domain}\n${document}`), publicKey, Buffer.from(signature, 'base64'))
}

/** Name of a key: the beginning of the digest of its raw bytes. */
export const keyName = (key: string): string =>
  createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').slice(0, 16)

/** The platform's signing key as a department's node was given it at enrolment, not as the platform says today. */
export function platformKey(dataDir: string, node: NodeKey): string {
  const file = readJson<{ platform: { signingKey: string } }>(join(dataDir, 'demo/agents', node, 'node.json'))
  if (file === null) throw new Error(`the ${node} node has not enrolled`)
  return file.platform.signingKey
}

/** The signing key of a node, from its own folder; `centre` is the resource centre's. */
export function nodeKey(dataDir: string, node: NodeKey | 'centre'): string {
  const folder = node === 'centre' ? 'centre/agent' : join('demo/agents', node)
  const file = readJson<{ signing: { publicKey: string } }>(join(dataDir, folder, 'keys.json'))
  if (file === null) throw new Error(`the ${node} node has no keys`)
  return file.signing.publicKey
}
