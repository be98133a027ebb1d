import { join } from 'node:path'
import {
  createLog,
  ed25519Signer,
  encodeEvidence,
  commit,
  localTileStore,
  openLog,
  type CheckpointLock,
  type Log,
  type TileStore,
} from '@huitong/ledger'
import { sql } from 'kysely'
import type { Services } from '../../kernel/services.ts'

/** An audit row as the ledger sees it. */
export interface AuditRow {
  id: string
  xid: string
  content: string
  salt: Buffer
}
interface Content {
  action: string
  at: string
  actor: { kind: string; id: string; departmentId: string | null }
  object: { kind: string; id: string } | null
}

/** People are never named in a leaf, not even by number. */
const PERSONAL = new Set(['person', 'session', 'credential', 'identity.session', 'identity.person'])

/** The leaf of an audit row: who (department or node), what kind of act, on which object, and a salted commitment. */
export function leafOf(row: Pick<AuditRow, 'content' | 'salt'>): Uint8Array {
  const content = JSON.parse(row.content) as Content
  const { actor, object } = content
  const who = actor.departmentId ? `department:${actor.departmentId}` : `${actor.kind}:${actor.id}`
  const what = object === null || PERSONAL.has(object.kind) ? (object?.kind ?? 'none') : `${object.kind}:${object.id}`
  return encodeEvidence({
    v: 1,
    type: content.action,
    time: content.at,
    actor: who,
    object: what.slice(0, 120),
    sha256commitment: commit(row.salt, content),
  })
}

/** The evidence log of this platform and what it needs beside it. */
export interface Ledger {
  readonly origin: string
  /** Verifier key in note format; whoever verifies must get it on a way of their own. */
  readonly verifierKey: string
  readonly store: TileStore
  /** Appends the leaves of audit rows; their places are recorded in the transaction that moves the checkpoint. */
  append(rows: readonly AuditRow[]): Promise<number>
  proveInclusion(index: number): Promise<string>
  checkpoint(): Promise<string>
}

export const LEDGER_CURSOR = 'ledger'

/** Opens the log, making it at the first start. Tiles lie in `<data>/ledger`; the checkpoint is swapped in the database. */
export async function openLedger(services: Services): Promise<Ledger> {
  const { keys, settings } = services
  const origin = 'huitong/evidence'
  const seed = Buffer.from((keys.ledger.privateKey.export({ format: 'jwk' }) as { d: string }).d, 'base64url')
  const signer = ed25519Signer(origin, seed)
  const store = localTileStore(join(settings.dataDir, 'ledger'))
  let line: Promise<unknown> = Promise.resolve()
  let batch: { rows: readonly AuditRow[]; leaves: Uint8Array[] } | null = null
  const lock = databaseLock(services, origin, () => batch)
  const options = { origin, store, lock, signers: [signer] }
  const log: Log = (await lock.fetch()) === undefined ? await createLog(options) : openLog(options)
  await log.recover()
  return {
    origin,
    verifierKey: signer.verifierKey,
    store,
    append(rows) {
      // One batch at a time: the places of its leaves are recorded when the checkpoint of just this batch moves.
      const mine = line.then(async () => {
        const leaves = rows.map(leafOf)
        batch = { rows, leaves }
        try {
          return (await log.appendBatch(leaves)).size
        } finally {
          batch = null
        }
      })
      line = mine.catch(() => undefined)
      return mine
    },
    proveInclusion: (index) => log.proveInclusion(index),
    checkpoint: () => log.published(),
  }
}

/** The trusted cell of the log: one row, replaced only when it still holds what was expected. */
function databaseLock(
  services: Services,
  origin: string,
  batchOf: () => { rows: readonly AuditRow[]; leaves: Uint8Array[] } | null,
): CheckpointLock {
  return {
    async fetch() {
      const row = await services.db.tick((db) =>
        db.maybe<{ checkpoint: string }>(sql`select checkpoint from ledger_checkpoint where origin = ${origin}`),
      )
      return row?.checkpoint
    },
    compareAndSwap: (expected, next, facts) =>
      services.db.tick(async (db) => {
        const moved =
          expected === undefined
            ? await db.run(sql`insert into ledger_checkpoint (origin, checkpoint, size) values (${origin}, ${next}, ${facts.size})
                on conflict do nothing`)
            : await db.run(sql`update ledger_checkpoint set checkpoint = ${next}, size = ${facts.size}
                where origin = ${origin} and checkpoint = ${expected}`)
        if (moved === 0) return false
        const batch = batchOf()
        const last = batch?.rows.at(-1)
        if (facts.size === facts.firstIndex) return true
        if (!batch || !last || batch.leaves.length !== facts.size - facts.firstIndex) {
          throw new Error('a checkpoint must not move without the places of its leaves')
        }
        await db.run(sql`insert into audit_leaf (leaf_index, audit_id, leaf)
          select ${facts.firstIndex}::bigint + n - 1, id, leaf
          from unnest(${batch.rows.map((row) => row.id)}::bigint[], ${batch.leaves.map((leaf) => Buffer.from(leaf))}::bytea[])
            with ordinality as leaves(id, leaf, n)`)
        await db.run(sql`insert into event_cursor (subscriber, xid, id) values (${LEDGER_CURSOR}, ${last.xid}::xid8, ${last.id})
          on conflict (subscriber) do update set xid = excluded.xid, id = excluded.id`)
        return true
      }),
  }
}
