import { randomBytes } from 'node:crypto'
import { logNames } from '@huitong/connectors'
import type { ReleaseInput, ReleaseResult, SlotInput, SlotResult } from '@huitong/contract/work'
import type { WorkContext } from '../context.ts'
import { planOf } from '../cut.ts'
import { throughRestarts } from '../retry.ts'
import { SlotMark } from '../slot-mark.ts'
import { logOf, openDatabase } from '../source.ts'

/**
 * Makes a new slot for a channel whose log has a gap, and holds its snapshot for the comparison.
 * @throws WorkError `grant.*`; ConnectorError `log_…`.
 */
export function makeSlot(input: SlotInput, context: WorkContext): Promise<SlotResult> {
  const { channel, table } = input
  return context.turns.run(`slot ${channel}`, context.signal, async () => {
    planOf(input.grant, context.identity.platform.signingKey, new Date())
    const log = logOf(await openDatabase(input.source, context.keys))
    return throughRestarts(context.signal, async () => {
      const tag = randomBytes(3).toString('hex')
      const made = await log.createSlot({ channel, tag, table })
      return { slot: made.slot, snapshot: context.snapshots.hold(channel, made) }
    })
  })
}

/** Drops what a channel that is over has left at its source: a slot that nobody reads fills the source's disk. */
export function release(input: ReleaseInput, context: WorkContext): Promise<ReleaseResult> {
  const { channel } = input
  return context.turns.run(`slot ${channel}`, context.signal, async () => {
    context.snapshots.drop(channel)
    const log = logOf(await openDatabase(input.source, context.keys))
    const slots = await throughRestarts(context.signal, () => log.release(channel))
    await SlotMark.forget(context.dir, logNames(channel).prefix)
    return { slots }
  })
}
