import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  commit,
  createLog,
  ed25519Signer,
  encodeEvidence,
  fsck,
  localTileStore,
  verifyTlogProof,
  type CheckpointLock,
  type Log,
} from '@huitong/ledger'
import pg from 'pg'
import { ceilingLine, floorLine, type Print } from './line.ts'
import { startPlatform } from './platform.ts'
import { p95, timed } from './times.ts'

const ENTRIES = Number(process.env['HUITONG_BENCH_ENTRIES'] ?? 200_000)
const BATCH = 2_000
const PROOFS = 200
const ENTRIES_PER_SECOND_MIN = 5_000
const PROOF_MS_MAX = 3_000
const NATIVE_NAME = 'PostgreSQL insert of the same bytes, one commit a batch'

/**
 * Appends entries as the platform does: tiles and bundles made durable, the checkpoint signed and swapped in a database.
 * Beside it a bare table that takes the same bytes, one durable commit a batch: no tree, no signature, no proof.
 */
export async function run(print: Print): Promise<void> {
  const platform = await startPlatform((line) => console.error(line))
  const folder = mkdtempSync(join(tmpdir(), 'huitong-bench-ledger-'))
  const client = new pg.Client({ connectionString: platform.platformUrl() })
  try {
    await client.connect()
    await client.query(`create table bench_checkpoint (one boolean primary key default true, note text not null);
      create table bench_entry (id bigint generated always as identity primary key, entry bytea not null)`)
    const signer = ed25519Signer('bench.example/ledger', randomBytes(32))
    const store = localTileStore(join(folder, 'log'))
    const lock = databaseLock(client)
    const log = await createLog({ origin: signer.name, store, lock, signers: [signer] })
    const entries = Array.from({ length: ENTRIES }, (_none, at) => entryOf(at))
    // In turns, so that whatever else the machine does meets both.
    let [ours, native] = [0, 0]
    for (let at = 0; at < entries.length; at += BATCH) {
      const batch = entries.slice(at, at + BATCH)
      native += (await timed(() => insert(client, batch))).ms
      ours += (await timed(() => log.appendBatch(batch))).ms
    }
    const rate = (ms: number) => (ENTRIES / ms) * 1000
    const speeds = { value: rate(ours), native: rate(native), unit: 'entries/s', nativeName: NATIVE_NAME }
    print(floorLine('ledger', 'append-durable', { ...speeds, gate: ENTRIES_PER_SECOND_MIN }))
    const proofs = await prove(log, entries, signer)
    print(ceilingLine('ledger', 'proof-p95-verified', p95(proofs), 'ms', PROOF_MS_MAX))
    const fetch = store.fetch.bind(store)
    const checkpoint = Buffer.from(await log.published())
    const checked = await timed(() => fsck({ fetch, checkpoint, verifiers: [signer.verifier] }))
    if (!checked.value.ok || checked.value.size !== ENTRIES) throw new Error('the log is not whole')
    print(ceilingLine('ledger', `fsck-${ENTRIES}`, checked.ms / 1000, 's', Math.max(10, ENTRIES / 10_000)))
  } finally {
    await client.end()
    rmSync(folder, { recursive: true, force: true })
    await platform.stop()
  }
}

function entryOf(at: number): Uint8Array {
  const content = { action: 'exchange.segment.acknowledge', at, outcome: 'done' }
  return encodeEvidence({
    v: 1,
    type: content.action,
    time: new Date(1_780_000_000_000 + at).toISOString(),
    actor: 'department:0190a0a0-0000-7000-8000-000000000001',
    object: `segment:${at}`,
    sha256commitment: commit(randomBytes(32), content),
  })
}

const insert = (client: pg.Client, batch: readonly Uint8Array[]) =>
  client.query('insert into bench_entry (entry) select unnest($1::bytea[])', [batch.map((one) => Buffer.from(one))])

/** The checkpoint in a database, as the platform keeps it: the swap is one durable commit. */
function databaseLock(client: pg.Client): CheckpointLock {
  return {
    async fetch() {
      const { rows } = await client.query<{ note: string }>('select note from bench_checkpoint')
      return rows[0]?.note
    },
    async compareAndSwap(expected, next) {
      const { rowCount } =
        expected === undefined
          ? await client.query('insert into bench_checkpoint (note) values ($1) on conflict do nothing', [next])
          : await client.query('update bench_checkpoint set note = $2 where note = $1', [expected, next])
      return rowCount === 1
    },
  }
}

/** Proofs of entries all over the log, each checked against the published checkpoint. */
async function prove(log: Log, entries: readonly Uint8Array[], signer: ReturnType<typeof ed25519Signer>) {
  const times: number[] = []
  for (let n = 0; n < PROOFS; n++) {
    const at = Math.floor((n * entries.length) / PROOFS)
    const { ms } = await timed(async () => {
      const proof = await log.proveInclusion(at)
      verifyTlogProof(proof, entries[at]!, [signer.verifier])
    })
    times.push(ms)
  }
  return times
}
