import type { Gap, Refused } from '@huitong/ferry'
import { sql } from 'kysely'
import type { Services } from '../../kernel/services.ts'
import type { CrossingState } from '../nodes/index.ts'

/** How a crossing stands, and what its carrier remembers beside what pages show. */
export interface KeptState extends CrossingState {
  /** The last file that was put aside. */
  readonly refused: Refused | null
  /** Up to where the node has laid out, by its last note; and what is missing of that. */
  readonly expected: { readonly series: string; readonly last: number } | null
  readonly gap: Gap | null
  /** What the last note to the node said, and when. */
  readonly noted: { readonly text: string; readonly at: string } | null
  /** Version of the node's agent, by its last note. */
  readonly version: string | null
  /** When the first file of a numbering that the node has not named yet was last put. */
  readonly repeatedAt: string | null
}

const NEW: KeptState = {
  takenNumber: 0,
  takenAt: null,
  sentNumber: 0,
  sentAt: null,
  acknowledgedNumber: 0,
  waitingFiles: 0,
  problem: null,
  refused: null,
  expected: null,
  gap: null,
  noted: null,
  version: null,
  repeatedAt: null,
}

/** The state of a node's crossing; that of a new one where there is none. */
export async function readState(services: Services, nodeId: string): Promise<KeptState> {
  const row = await services.db.tick((db) =>
    db.maybe<{ state: KeptState }>(sql`select state from node_crossing where node_id = ${nodeId}`),
  )
  return { ...NEW, ...row?.state }
}

/** Keeps the state where it has changed; a file that was taken is a sign of life. */
export async function keepState(
  services: Services,
  nodeId: string,
  state: KeptState,
  before: KeptState,
): Promise<void> {
  if (JSON.stringify(state) === JSON.stringify(before)) return
  const now = services.clock.now()
  await services.db.tick(async (db) => {
    await db.run(sql`insert into node_crossing (node_id, state, at) values (${nodeId}, ${JSON.stringify(state)}, ${now})
      on conflict (node_id) do update set state = excluded.state, at = excluded.at`)
    if (state.takenAt === before.takenAt) return
    await db.run(sql`insert into node_presence (node_id, boot, seen_at) values (${nodeId}, ${nodeId}, ${now})
      on conflict (node_id) do update set boot = excluded.boot, seen_at = excluded.seen_at`)
  })
}
