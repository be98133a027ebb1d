import { join } from 'node:path'
import { FerryTicket, readTicket } from '@huitong/contract/ferry'
import { Incoming, Outgoing } from '@huitong/ferry'
import { sha256Hex } from '@huitong/segment'
import { Check } from 'typebox/value'
import { type Identity, keepIdentity, keptIdentity, nextCode, offeredCode } from '../enrol.ts'
import { makeFolder, readText, writeDurable } from '../files.ts'
import type { Keys } from '../keys.ts'
import type { Log } from '../log.ts'
import type { Settings } from '../settings.ts'
import { VERSION } from '../version.ts'
import { ArrivedSegments } from './arrived.ts'
import { Courier } from './courier.ts'
import { FerryLink } from './ferry-link.ts'
import { Orders } from './orders.ts'

/** The ticket by which this node was made, kept beside what it has sent. */
const TICKET = 'ticket'

/** A node that is ferried: who it is, its way to the platform, and who carries. */
export interface Ferried {
  readonly identity: Identity
  readonly link: FerryLink
  readonly courier: Courier
}

/**
 * Opens the crossing of a ferried node. Its identity is that of the ticket a person brought, which is waited for when it
 * is not there yet; the keys of a new node are its first message.
 */
export async function openFerry(settings: Settings, keys: Keys, log: Log, signal: AbortSignal): Promise<Ferried> {
  const dir = join(settings.dir, 'ferry')
  await makeFolder(dir)
  const { ticket, line, isNew } = await ticketOf(settings, dir, keys, log, signal)
  const common = { node: ticket.nodeId, now: () => new Date() }
  const outgoing = await Outgoing.open({
    ...common,
    dir: join(dir, 'out'),
    folder: settings.ferryOut,
    direction: 'in',
    signing: keys.signing,
    recipient: ticket.platform.sealingKey,
    keptBytesMax: settings.ferryBytesMax,
  })
  const incoming = await Incoming.open({
    ...common,
    dir: join(dir, 'in'),
    folder: settings.ferryIn,
    refused: join(dir, 'refused'),
    direction: 'out',
    privateKey: keys.sealing.privateKey,
    signerOf: () => ticket.platform.signingKey,
  })
  if (isNew) {
    const { publicKey } = keys.signing
    const head = { code: ticket.code, signingKey: publicKey, sealingKey: keys.sealing.publicKey, version: VERSION }
    await outgoing.send('enrol', { head, bytes: new Uint8Array(0) }, publicKey)
    await writeDurable(join(dir, TICKET), line)
    await keepIdentity(settings.dir, ticket, line, keys)
    log.info('enrolment.ferried', { node: ticket.nodeId })
  }
  const orders = await Orders.open(join(dir, 'orders'))
  const arrived = new ArrivedSegments(join(dir, 'streams'))
  // Where nothing comes back by itself, copies do not wait for word that may never come.
  const keepDays = ticket.link === 'ferry' ? null : settings.ferryKeepDays
  const platformKey = ticket.platform.signingKey
  return {
    identity: ticket,
    link: new FerryLink(outgoing, orders, arrived),
    courier: new Courier({
      incoming,
      outgoing,
      orders,
      arrived,
      platformKey,
      keepDays,
      askMs: settings.ferryAskSeconds * 1000,
      renewFile: join(dir, 'renew'),
      log,
    }),
  }
}

/** The ticket that a person brought, or the one by which this node was made. */
async function ticketOf(settings: Settings, dir: string, keys: Keys, log: Log, signal: AbortSignal) {
  const kept = await keptIdentity(settings.dir)
  const own = kept?.keyId === keys.signing.keyId ? await readText(join(dir, TICKET)) : null
  let refused: string | null = null
  for (;;) {
    const line: string = (await offeredCode(settings)) ?? own ?? (await nextCode(settings, refused, signal))
    const ticket = readTicket(line)
    if (Check(FerryTicket, ticket)) {
      const isNew = kept?.codeDigest !== sha256Hex(line) || kept.keyId !== keys.signing.keyId
      return { ticket, line, isNew }
    }
    log.warn('enrolment.refused', { code: 'enrolment.ticket' })
    refused = line
    await nextCode(settings, refused, signal)
  }
}
