import { manifestDigest, type Manifest, type SignedManifest } from './manifest.ts'

/** Why a segment may not follow another. */
export type ChainFault =
  | 'other-channel'
  | 'other-generation'
  | 'regression'
  | 'fork'
  | 'gap'
  | 'wrong-previous'
  | 'after-final'
  | 'schema-drift'
  | 'kind-change'

/** `same` is a replay of the segment that was last accepted: harmless, to be acknowledged again. */
export type ChainResult =
  | { readonly ok: true; readonly same: boolean }
  | { readonly ok: false; readonly reason: ChainFault; readonly detail: string }

const bad = (reason: ChainFault, detail: string): ChainResult => ({ ok: false, reason, detail })

/**
 * Whether `next` may follow `previous` (null: nothing was received of this generation yet). Both must have passed
 * {@link verifyManifest}. A chain is one generation of one channel: sequence 1, 2, 3 …, each naming the digest of the
 * one before. After a final `rows` segment only `changes` may follow (full copy, then stream); after any other final
 * segment nothing may.
 */
export function verifyChain(previous: SignedManifest | null, next: SignedManifest): ChainResult {
  const n = next.manifest
  if (previous === null) {
    if (n.sequence !== 1) return bad('gap', `expected sequence 1, got ${n.sequence}`)
    if (n.previous !== null) return bad('wrong-previous', 'the first segment names a previous one')
    return { ok: true, same: false }
  }
  const p = previous.manifest
  if (n.channel !== p.channel) return bad('other-channel', `${p.channel} then ${n.channel}`)
  if (n.generation !== p.generation) return bad('other-generation', `${p.generation} then ${n.generation}`)
  if (n.sequence === p.sequence) {
    return manifestDigest(previous) === manifestDigest(next)
      ? { ok: true, same: true }
      : bad('fork', `two different segments with sequence ${n.sequence}`)
  }
  if (n.sequence < p.sequence) return bad('regression', `${p.sequence} then ${n.sequence}`)
  if (n.sequence > p.sequence + 1) return bad('gap', `${p.sequence} then ${n.sequence}`)
  if (n.previous !== manifestDigest(previous)) return bad('wrong-previous', `sequence ${n.sequence}`)
  return verifyContinuation(p, n)
}

function verifyContinuation(p: Manifest, n: Manifest): ChainResult {
  const copyThenChanges = p.kind === 'rows' && n.kind === 'changes'
  if (p.final && !copyThenChanges) return bad('after-final', `sequence ${p.sequence} was final`)
  if (n.kind !== p.kind && !(copyThenChanges && p.final)) return bad('kind-change', `${p.kind} then ${n.kind}`)
  if (n.schemaHash !== p.schemaHash) return bad('schema-drift', `${p.schemaHash} then ${n.schemaHash}`)
  return { ok: true, same: false }
}
