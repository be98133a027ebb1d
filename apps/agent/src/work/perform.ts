import {
  ApplyInput,
  CaptureInput,
  DiscoverInput,
  MarkInput,
  ReadInput,
  ReconcileInput,
  ReleaseInput,
  SlotInput,
} from '@huitong/contract/work'
import type { Static, TSchema } from 'typebox'
import { Check, Errors } from 'typebox/value'
import type { WorkContext } from '../context.ts'
import { WorkError } from '../problem.ts'
import { apply } from './apply.ts'
import { capture } from './capture.ts'
import { discover } from './discover.ts'
import { mark } from './mark.ts'
import { read } from './read.ts'
import { reconcile } from './reconcile.ts'
import { makeSlot, release } from './slot.ts'

/** A kind of work: how its input is checked, done, and what is tidied when the platform has taken the result. */
interface Kind {
  perform(input: unknown, context: WorkContext): Promise<object>
  settled(input: unknown, context: WorkContext): Promise<void>
}

const nothing = async (): Promise<void> => undefined

function kind<S extends TSchema>(
  schema: S,
  perform: (input: Static<S>, context: WorkContext) => Promise<object>,
  settled: (input: Static<S>, context: WorkContext) => Promise<void> = nothing,
): Kind {
  return {
    perform: (input, context) => perform(checked(schema, input), context),
    async settled(input, context) {
      if (Check(schema, input)) await settled(input as Static<S>, context)
    },
  }
}

const KINDS: Readonly<Record<string, Kind>> = {
  discover: kind(DiscoverInput, discover),
  read: kind(ReadInput, read, (input, { outbox }) => outbox.remove(input.stream, input.generation)),
  apply: kind(ApplyInput, apply),
  reconcile: kind(ReconcileInput, reconcile),
  capture: kind(CaptureInput, capture, (input, { outbox }) => outbox.remove(input.stream, input.generation)),
  slot: kind(SlotInput, makeSlot),
  mark: kind(MarkInput, mark),
  release: kind(ReleaseInput, release),
}

/** A repair is a read at one node and an apply at another; the input says which. */
function kindOf(name: string, input: unknown): Kind {
  const resolved = name === 'repair' ? (Check(ReadInput, input) ? 'read' : 'apply') : name
  const found = KINDS[resolved]
  if (found === undefined) throw new WorkError('request.invalid', `unknown kind of work ${name.slice(0, 64)}`)
  return found
}

/** Does one piece of work and gives its result. @throws WorkError `request.invalid` naming the places of bad input. */
export async function perform(name: string, input: unknown, context: WorkContext): Promise<object> {
  return kindOf(name, input).perform(input, context)
}

/** Tidies after the platform has taken the result of a piece of work, done or failed. */
export async function settled(name: string, input: unknown, context: WorkContext): Promise<void> {
  await kindOf(name, input).settled(input, context)
}

function checked<S extends TSchema>(schema: S, input: unknown): Static<S> {
  if (Check(schema, input)) return input as Static<S>
  const places = Errors(schema, input).map((error) => `${error.instancePath || '/'} ${error.keyword}`)
  throw new WorkError('request.invalid', [...new Set(places)].slice(0, 10).join('; '))
}
