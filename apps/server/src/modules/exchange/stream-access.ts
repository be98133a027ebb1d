import type { Times } from '@huitong/policy'
import { sql } from 'kysely'
import type { NodeActor } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'

export interface StreamRow {
  id: string
  generation: number
  channel_id: string
  kind: 'copy' | 'changes' | 'repair' | 'log'
  abandoned: boolean
  source_node: string
  target_node: string
  grant_id: string
}

const SELECT_STREAM =
  sql.raw(`select x.id, x.generation, x.channel_id, x.kind, x.abandoned, s.node_id as source_node, t.node_id as target_node, c.grant_id
  from stream x join channel c on c.id = x.channel_id join data_source s on s.id = c.source_id join data_source t on t.id = c.target_id`)

/** A generation that this node seals; `object.not_found` when it is another node's, `node.fenced` when it was given up. */
export async function sealingStream(
  db: Reader,
  actor: NodeActor,
  id: string,
  generation: number,
  times: Times,
): Promise<StreamRow> {
  const row = await db.one<StreamRow>(
    sql`${SELECT_STREAM} where x.id = ${id} and x.generation = ${generation} and s.node_id = ${actor.id}`,
  )
  if (row.abandoned) refuse('node.fenced', { detail: 'generation was given up' })
  activePlan(await findGrantRow(db, row.grant_id), times)
  return row
}

/** The generation in force of a stream that this node seals, under a grant that is still active. */
export async function sealingNodeStream(db: Reader, actor: NodeActor, id: string, times: Times): Promise<StreamRow> {
  const row = await db.one<StreamRow>(
    sql`${SELECT_STREAM} where x.id = ${id} and s.node_id = ${actor.id} order by x.generation desc limit 1`,
  )
  if (row.abandoned) refuse('node.fenced', { detail: 'the run was stopped' })
  activePlan(await findGrantRow(db, row.grant_id), times)
  return row
}

/** The generation in force of a stream that this node applies, under a grant that is still active. */
export async function applyingStream(db: Reader, actor: NodeActor, id: string, times: Times): Promise<StreamRow> {
  const row = await db.one<StreamRow>(
    sql`${SELECT_STREAM} where x.id = ${id} and t.node_id = ${actor.id} order by x.generation desc limit 1`,
  )
  if (row.abandoned) refuse('node.fenced', { detail: 'the run was stopped' })
  activePlan(await findGrantRow(db, row.grant_id), times)
  return row
}
