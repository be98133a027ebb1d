import type { DriftPolicy, FieldDifference } from '@huitong/contract/exchange'
import type { Convention, FoundField, TransitColumn } from '@huitong/contract/work'
import { schemaHashOf } from '@huitong/segment'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import type { SubscriberContext } from '../../kernel/subscribers.ts'
import { refreshMount } from '../curation/index.ts'
import { differencesOf, isAdditive } from './differences.ts'
import { conventionOf, mountedTable } from './mounted-table.ts'

/** The fields of the table that a channel was made for, or that were approved since. */
export interface Mounted {
  readonly hash: string
  readonly fields: readonly FoundField[]
}
/** Fields that differ from those, and wait for a person. */
export interface Drift {
  readonly at: string
  readonly fields: readonly FoundField[]
}
export interface Shape {
  schemaHash: string
  schemaFields?: string[]
  schemaTypes?: Record<string, string>
}
/** What an audit row says of why something is read again. */
export interface Because {
  readonly because: string
  readonly fields?: readonly string[]
}
export const SNAPSHOT_LOST: Because = { because: 'snapshot lost' }

interface Parts {
  readonly id: string
  readonly columns: readonly TransitColumn[]
  readonly distribution_id: string
  readonly mounted: Mounted | null
  readonly drift_policy: DriftPolicy
}

/** Hash of all fields of a table, as nodes count it. */
export const hashOf = (fields: readonly FoundField[]): string =>
  schemaHashOf(fields.map(({ name, type }) => ({ name, type })))

/** The fields that a channel needs: those that travel, and those that tell what changed. */
export function neededFields(columns: readonly TransitColumn[], convention: Convention | null): Set<string> {
  const names = [...columns.map(({ field }) => field), convention?.updatedAt, convention?.operation]
  return new Set(names.filter((name) => name != null))
}

/** What the table must look like for this channel, by its policy. */
export function shapeOf(
  { columns, mounted, drift_policy: policy }: Parts,
  mount: { hash: string; convention: Convention | null },
): Shape {
  if (mounted === null) return { schemaHash: mount.hash }
  if (policy !== 'ignore') return { schemaHash: mounted.hash }
  const needed = neededFields(columns, mount.convention)
  const fields = mounted.fields.filter(({ name }) => needed.has(name))
  return { schemaHash: hashOf(fields), schemaFields: fields.map(({ name }) => name) }
}

interface Work {
  readonly input: { readonly schemaFields?: readonly string[] }
  readonly problem: { readonly code: string; readonly fields?: readonly FoundField[] } | null
}

/**
 * A node found another table than was agreed. Where the policy lets it go on, answers with what it goes on; otherwise keeps
 * the difference on the channel for people, and answers null.
 */
export async function meetDrift(
  context: Pick<SubscriberContext, 'db' | 'now'>,
  channel: Parts,
  { problem, input }: Work,
): Promise<{ mounted: Mounted; because: Because } | null> {
  const { db, now } = context
  const { mounted, drift_policy: policy } = channel
  const fields = problem?.code === 'source.changed' ? problem.fields : undefined
  if (fields === undefined || mounted === null) return null
  const mount = await mountedTable(db, channel.distribution_id)
  const needed = neededFields(channel.columns, conventionOf(mount.convention))
  const differences = differencesOf(mounted.fields, fields, needed)
  if (differences.length === 0) return null
  const needs = ({ name }: FoundField) => needed.has(name)
  // A node that was told to look at these fields only, and stopped all the same, would stop over and over.
  const isAsNeeded = hashOf(fields.filter(needs)) === hashOf(mounted.fields.filter(needs))
  if (policy === 'ignore' && input.schemaFields === undefined && isAsNeeded)
    return { mounted, because: { because: 'fields that do not travel changed' } }
  if (policy === 'evolve' && isAdditive(differences)) {
    const added = differences.map(({ field }) => field)
    const accepted = await acceptFields(db, channel, mounted, fields, { added, at: now })
    return { mounted: accepted, because: { because: 'fields were added', fields: added } }
  }
  const drift = JSON.stringify({ at: now.toISOString(), fields } satisfies Drift)
  await db.run(sql`update channel set drift = ${drift} where id = ${channel.id}`)
  return null
}

/** From now on the table is as it was found: for this channel, and for the mount when it was the same until now. */
export async function acceptFields(
  db: Writer,
  channel: Pick<Parts, 'id' | 'distribution_id'>,
  before: Mounted,
  fields: readonly FoundField[],
  news: { added: readonly string[]; at: Date } | null,
): Promise<Mounted> {
  const accepted: Mounted = { hash: hashOf(fields), fields }
  await db.run(sql`update channel set mounted = ${JSON.stringify(accepted)}, drift = null where id = ${channel.id}`)
  await refreshMount(db, channel.distribution_id, { before: before.hash, hash: accepted.hash, fields, news })
  return accepted
}

export const grantMustChange = (differences: readonly FieldDifference[]): boolean =>
  differences.some(({ kind, needed }) => needed && (kind === 'removed' || kind === 'retyped'))
