import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CallError } from '@huitong/contract'
import { enrolNode } from '@huitong/contract/nodes'
import { sha256Hex } from '@huitong/segment'
import { readText, writeDurable } from './files.ts'
import type { Keys } from './keys.ts'
import type { Log } from './log.ts'
import type { PlatformLink } from './platform.ts'
import type { Settings } from './settings.ts'
import { VERSION } from './version.ts'

/** Who this node is to its platform, as it was told at enrolment. */
export interface Identity {
  readonly nodeId: string
  readonly departmentId: string
  readonly name: { readonly zh: string; readonly en?: string }
  /** The platform's raw public keys, base64: it signs grants and receipts. */
  readonly platform: { readonly signingKey: string; readonly sealingKey: string }
}

export interface Enrolled extends Identity {
  /** Digest of the code that was used: another code in the folder means another platform. */
  readonly codeDigest: string
  readonly keyId: string
}

const FILE_POLL_MS = 300
const CLOCK_POLL_MS = 10_000

/**
 * The identity of this node: the one in its folder, or a new one by the one-time code, which is waited for when it is
 * not there yet. A refused code is kept from being shown again and another one is waited for.
 */
export async function enrol(
  settings: Settings,
  keys: Keys,
  platform: PlatformLink,
  log: Log,
  signal: AbortSignal,
): Promise<Identity> {
  const kept = await keptIdentity(settings.dir)
  const offered = await offeredCode(settings)
  const same = kept?.keyId === keys.signing.keyId && (offered === null || sha256Hex(offered) === kept.codeDigest)
  if (kept !== null && same) return kept
  if (offered === null) log.info('enrolment.waiting', {})
  let refused: string | null = null
  for (;;) {
    const code = await nextCode(settings, refused, signal)
    try {
      const body = { code, signingKey: keys.signing.publicKey, sealingKey: keys.sealing.publicKey, version: VERSION }
      const reply = await platform.ask(enrolNode, { body }, { signal })
      await keepIdentity(settings.dir, reply, code, keys)
      log.info('enrolment.done', { node: reply.nodeId })
      return reply
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      // The code that made this identity stays beside it and is no longer good; that is no reason to stop working.
      if (kept !== null && kept.keyId === keys.signing.keyId) return kept
      log.warn('enrolment.refused', { code: error.code })
      // The code is good still: most likely the clock of this machine is wrong.
      if (error.code === 'signature.invalid') await sleep(CLOCK_POLL_MS, undefined, { signal })
      else refused = code
    }
  }
}

/** Keeps who this node is, by the code that made it so. */
export async function keepIdentity(dir: string, identity: Identity, code: string, keys: Keys): Promise<void> {
  const { nodeId, departmentId, name, platform } = identity
  const facts = { nodeId, departmentId, name, platform }
  const enrolled: Enrolled = { ...facts, codeDigest: sha256Hex(code), keyId: keys.signing.keyId }
  await writeDurable(join(dir, 'node.json'), `${JSON.stringify(enrolled, null, 2)}\n`, 0o600)
}

/** Who this node is, as its folder says; null when it was never enrolled. @throws Error when the file is damaged. */
export async function keptIdentity(dir: string): Promise<Enrolled | null> {
  const path = join(dir, 'node.json')
  const text = await readText(path)
  if (text === null) return null
  try {
    const enrolled = JSON.parse(text) as Enrolled
    if (typeof enrolled.nodeId === 'string' && typeof enrolled.platform.signingKey === 'string') return enrolled
  } catch {
    // Told below.
  }
  throw new Error(`${path} is damaged; restore it, or remove it and enrol this node again`)
}

/** The code in the settings or in the folder; null when there is none. */
export async function offeredCode(settings: Settings): Promise<string | null> {
  if (settings.enrolmentCode !== '') return settings.enrolmentCode
  const text = (await readText(join(settings.dir, 'enrolment-code')))?.trim() ?? ''
  return text === '' ? null : text
}

/** The code that is offered, when it is not the refused one; waits for it. */
export async function nextCode(settings: Settings, refused: string | null, signal: AbortSignal): Promise<string> {
  for (;;) {
    const code = await offeredCode(settings)
    if (code !== null && code !== refused) return code
    await sleep(FILE_POLL_MS, undefined, { signal })
  }
}
