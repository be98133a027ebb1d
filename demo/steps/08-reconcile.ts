import { acceptRepair, readReconciliation, startReconciliation } from '@huitong/contract/exchange'
import { canonical, isSigned, keyName, platformKey } from '../run/signatures.ts'
import { faultsOf, needed, until, type Outcome, type Step, type World } from '../run/world.ts'
import { measureSource, measureTarget } from './channels.ts'

export interface ReconcileFigures {
  rows: number
  buckets: number
  equal_at_first: boolean
  altered_key: string
  named_keys: string[]
  repair_proposed: number
  equal_after_repair: boolean
  source_digest: string
  target_digest: string
  signatures_valid: number
}

const DOMAIN = 'huitong/reconciliation/v1'

/** Both ends are compared, one row is altered behind the consumer's back, named, repaired on its word, compared again. */
async function run(world: World): Promise<Outcome<ReconcileFigures>> {
  const channelId = needed(world.made.wholeChannelId, 'the channel')
  const planted = needed(world.made.wholeRequest, 'the request')
  const first = await reconcile(world, channelId)
  const keys = await twoKeys(world, planted.table)
  await alter(world, planted.table, keys[0])
  if (world.sabotage === 'reconcile') await alter(world, planted.table, keys[1])
  const second = await reconcile(world, channelId)
  world.made.reconciliationId = second.id
  const named = second.differences.map((one) => one.key.join('|')).sort()
  await repair(world, second.id, second.version)
  const third = await reconcile(world, channelId)
  const source = await measureSource(world, planted)
  const target = await measureTarget(world, planted)
  const reports = [first, second, third]
  const figures: ReconcileFigures = {
    rows: Number(first.sourceRows ?? -1),
    buckets: first.bucketsCompared,
    equal_at_first: first.state === 'equal',
    altered_key: keys[0],
    named_keys: named,
    repair_proposed: second.repair?.upserts ?? 0,
    equal_after_repair: third.state === 'equal',
    source_digest: source.digest,
    target_digest: target.digest,
    signatures_valid: reports.filter((one) => isReportSigned(world, one)).length,
  }
  const faults = faultsOf({
    'both ends are equal at first': figures.equal_at_first,
    'the reports speak of the rows that both databases hold':
      figures.rows === source.rows && Number(first.targetRows) === target.rows,
    'the comparison finds a difference': second.state === 'different',
    'exactly the altered row is named': named.join() === keys[0],
    'the repair is of this row only': second.repair?.upserts === 1 && second.repair.deletes === 0,
    'both ends are equal after the repair': figures.equal_after_repair && source.digest === target.digest,
    'each report is signed and says what was shown': figures.signatures_valid === reports.length,
  })
  return { figures, faults }
}

async function reconcile(world: World, channelId: string) {
  const officer = await world.as('zhujian-officer')
  const { id } = await officer.call(startReconciliation, { params: { id: channelId } })
  const read = () => officer.call(readReconciliation, { params: { id } })
  await until('the comparison', async () => (await read()).state !== 'running')
  const done = await read()
  if (done.state === 'failed') throw new Error(`the comparison failed: ${done.problem?.en ?? ''}`)
  world.say(`compared ${done.sourceRows ?? '?'} rows: ${done.state}`)
  return done
}

type Reconciliation = Awaited<ReturnType<typeof reconcile>>

/** Two keys of the receiving table, by the seed. */
async function twoKeys(world: World, table: string): Promise<[string, string]> {
  const at = world.random.fork('altered').integer(world.villages - 1)
  const rows = await world.target.rows<{ code: string }>(
    `select code from public.${table} order by code collate "C" offset $1 limit 2`,
    [at],
  )
  return [rows[0]!.code, rows[1]!.code]
}

/** One character more in a name; by itself safe to repeat. */
async function alter(world: World, table: string, key: string): Promise<void> {
  await world.target.rows(`update public.${table} set name = rtrim(name, '改') || '改' where code = $1`, [key])
}

async function repair(world: World, id: string, version: number): Promise<void> {
  const officer = await world.as('zhujian-officer')
  const params = { id }
  await officer.call(acceptRepair, { params, body: { decision: 'accept' } }, { match: version })
  await until('the repair', async () => {
    const { state, repair } = await officer.call(readReconciliation, { params })
    if (repair?.state === 'failed') throw new Error('the repair failed')
    return state === 'repaired'
  })
}

/** The signature is the platform's, and the signed document says what the API shows. */
function isReportSigned(world: World, { id, channelId, state, report, differences }: Reconciliation): boolean {
  if (report === null) return false
  const key = platformKey(world.platform.dataDir, 'consumer')
  const document = JSON.parse(report.document) as Record<string, unknown> & { differences: { key: string[] }[] }
  return (
    report.keyId === keyName(key) &&
    isSigned(key, DOMAIN, report.document, report.signature) &&
    document['reconciliation'] === id &&
    document['channel'] === channelId &&
    document['state'] === state &&
    canonical(document.differences.map((one) => one.key)) === canonical(differences.map((one) => one.key))
  )
}

export const reconcileStep: Step<ReconcileFigures> = { number: 8, name: 'reconcile', run }
