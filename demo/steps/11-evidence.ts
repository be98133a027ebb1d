import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportProof, listEvidence, readLedgerKey, verifyAudit } from '@huitong/contract/evidence'
import { flipped, huitongVerify, sigstoreAccepts, type Bundle } from '../run/proofs.ts'
import { faultsOf, needed, until, type Outcome, type Step, type World } from '../run/world.ts'

export interface EvidenceFigures {
  entries: number
  proofs_verified: number
  sigstore_verified: number
  disclosed_as_planted: number
  flipped_byte: number
  flipped_exit: number
  flipped_rejected: boolean
  altered_audit_id: string
  named_audit_ids: string[]
  intact_before: boolean
  intact_after: boolean
  audit_rows: number
}

interface Wanted {
  readonly action: string
  readonly object: string
  readonly id: string
}

/** Each step left an entry; proofs of them hold elsewhere; what is changed afterwards is found out. */
async function run(world: World): Promise<Outcome<EvidenceFigures>> {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-proofs-'))
  try {
    const wanted = entriesOf(world)
    const proofs = await exportAll(world, wanted, folder)
    const flip = await flipOne(world, proofs[0]!.path, proofs[0]!.bytes)
    const audit = await alterAudit(world, proofs[0]!.auditId)
    const figures: EvidenceFigures = {
      entries: proofs.length,
      proofs_verified: proofs.filter((one) => one.verified).length,
      sigstore_verified: proofs.filter((one) => one.sigstore).length,
      disclosed_as_planted: proofs.filter((one) => one.asPlanted).length,
      ...flip,
      ...audit,
    }
    const faults = faultsOf({
      'every step left its entry': figures.entries === wanted.length,
      'huitong verify accepts each proof': figures.proofs_verified === wanted.length,
      '@sigstore/verify accepts each proof': figures.sigstore_verified === wanted.length,
      'each proof discloses the act that was done': figures.disclosed_as_planted === wanted.length,
      'a file with a flipped byte is rejected': figures.flipped_rejected,
      'the audit is intact before': figures.intact_before,
      'exactly the altered audit row is named': figures.named_audit_ids.join() === figures.altered_audit_id,
      'the audit is intact again when the row is put back': figures.intact_after,
    })
    return { figures, faults }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One act of each step, on the objects that the demonstration made. */
function entriesOf({ made }: World): Wanted[] {
  const entry = (action: string, object: string, id: string | undefined): Wanted => {
    return { action, object, id: needed(id, `the object of ${action}`) }
  }
  return [
    entry('nodes.source.discover', 'data_source', made.sourceId),
    entry('catalogue.dataset.review', 'dataset', made.datasetId),
    entry('gateway.service.create', 'service', made.serviceId),
    entry('catalogue.request.create', 'request', made.wholeRequest?.id),
    entry('catalogue.request.decide', 'request', made.provinceRequest?.id),
    entry('exchange.channel.create', 'channel', made.wholeChannelId),
    entry('exchange.run.start', 'channel', made.wholeChannelId),
    entry('exchange.reconciliation.start', 'reconciliation', made.reconciliationId),
    entry('exchange.repair.accept', 'reconciliation', made.reconciliationId),
  ]
}

async function exportAll(world: World, wanted: readonly Wanted[], folder: string) {
  const auditor = await world.as('auditor')
  const { verifierKey } = await world.platform.anyone().call(readLedgerKey)
  const proofs = []
  for (const { action, object, id } of wanted) {
    const query = { objectKind: object, objectId: id, action, limit: '1' }
    const find = async () => (await auditor.call(listEvidence, { query })).items[0]
    await until(`the entry of ${action}`, async () => (await find())?.index != null, 30_000)
    const entry = (await find())!
    const bundle = (await auditor.call(exportProof, { params: { index: entry.index! } })) as Bundle
    const path = join(folder, `${entry.index}.json`)
    const bytes = Buffer.from(JSON.stringify(bundle))
    writeFileSync(path, bytes)
    const { payload } = bundle.disclosed
    proofs.push({
      path,
      bytes,
      auditId: entry.auditId,
      verified: (await huitongVerify(path, verifierKey)).exit === 0,
      sigstore: sigstoreAccepts(bundle, verifierKey),
      asPlanted: payload.action === action && payload.object?.kind === object && payload.object.id === id,
    })
  }
  return proofs
}

/** One byte of the disclosed content, the leaf or the proof, by the seed. */
async function flipOne(world: World, path: string, bytes: Buffer) {
  const { verifierKey } = await world.platform.anyone().call(readLedgerKey)
  const at = world.random.fork('flip').integer(bytes.length)
  writeFileSync(path, world.sabotage === 'evidence' ? bytes : flipped(bytes, at))
  const { exit } = await huitongVerify(path, verifierKey)
  return { flipped_byte: at, flipped_exit: exit, flipped_rejected: exit === 1 }
}

/** Changes an audit row as the database's superuser, has the audit verified, and puts the row back. */
async function alterAudit(world: World, auditId: string) {
  const auditor = await world.as('auditor')
  const before = await auditor.call(verifyAudit)
  const swap = (from: string, to: string) =>
    world.platformSql.rows(`update audit set content = replace(content, $2, $3) where id = $1`, [auditId, from, to])
  await swap('"outcome":"done"', '"outcome":"void"')
  const altered = await auditor.call(verifyAudit)
  await swap('"outcome":"void"', '"outcome":"done"')
  const after = await auditor.call(verifyAudit)
  return {
    altered_audit_id: auditId,
    named_audit_ids: altered.faults.map((one) => one.auditId),
    intact_before: before.intact,
    intact_after: after.intact,
    audit_rows: Number(after.checked),
  }
}

export const evidence: Step<EvidenceFigures> = { number: 11, name: 'evidence', run }
