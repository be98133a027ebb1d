import { killAll } from '../run/kills.ts'
import { verifyReceipts } from '../run/receipts.ts'
import { faultsOf, needed, pause, tally, type Outcome, type Step, type World } from '../run/world.ts'
import { arrived, columnsOf, completed, configure, measureSource, measureTarget, start, stateOf } from './channels.ts'
import { exchangeFile, fileFaults, type FileFigures } from './file-exchange.ts'

export interface ExchangeFigures extends FileFigures {
  province_source_rows: number
  province_target_rows: number
  province_source_digest: string
  province_target_digest: string
  source_rows: number
  receipt_rows: number
  target_rows: number
  target_keys: number
  segments: number
  receipts_invalid: number
  files_intact: number
  source_digest: string
  target_digest: string
  killed_at_row: number | null
  runs: number
  seconds: number
  rows_per_second: number
}

/** The rows of one province flow under the first grant, then the whole table under the second, through kills. */
async function run(world: World): Promise<Outcome<ExchangeFigures>> {
  const province = needed(world.made.provinceRequest, 'the first request')
  const whole = needed(world.made.wholeRequest, 'the second request')
  const first = await configure(world, needed(world.made.provinceGrantId, 'the first grant'), province)
  world.made.provinceChannelId = first
  await start(world, first)
  await completed(world, first)
  world.say('the rows of one province have arrived')
  const file = await exchangeFile(world)

  const second = await configure(world, needed(world.made.wholeGrantId, 'the second grant'), whole)
  world.made.wholeChannelId = second
  const copy = await copyWhole(world, second, whole.table)
  const copied = { source: await measureSource(world, whole), target: await measureTarget(world, whole) }
  world.made.copied = copied
  if (world.sabotage === 'exchange')
    await world.target.rows(
      `delete from public.${whole.table} where code = (select min(code) from public.${whole.table})`,
    )

  const [here, there] = [await measureSource(world, province), await measureTarget(world, province)]
  const source = copied.source
  const target = world.sabotage === 'exchange' ? await measureTarget(world, whole) : copied.target
  const receipts = await verifyReceipts(world, second)
  const figures: ExchangeFigures = {
    province_source_rows: here.rows,
    province_target_rows: there.rows,
    province_source_digest: here.digest,
    province_target_digest: there.digest,
    source_rows: source.rows,
    receipt_rows: receipts.consumer_rows,
    target_rows: target.rows,
    target_keys: target.keys,
    segments: receipts.segments,
    receipts_invalid: receipts.invalid,
    files_intact: receipts.files_intact,
    source_digest: source.digest,
    target_digest: target.digest,
    killed_at_row: world.made.operate?.kills[0]?.at_row ?? null,
    ...copy,
    rows_per_second: Math.round(source.rows / copy.seconds),
    ...file,
  }
  const columns = await columnsOf(world, province.table)
  tally(world, 'minzheng', 'rows_shared', there.rows + copy.runs * copied.target.rows)
  const faults = faultsOf({
    'the source holds what was planted': source.rows === world.villages,
    'the province arrived whole, cut and masked as granted': here.rows > 0 && here.digest === there.digest,
    'the receiving table has exactly the granted columns': columns.join() === [...province.items].sort().join(),
    'every row arrived, no row twice': target.rows === source.rows && target.keys === target.rows,
    'both ends hold the same values': source.digest === target.digest,
    'each segment is acknowledged by both hops with valid signatures': receipts.invalid === 0 && receipts.segments > 0,
    'the receipts add up to the rows': receipts.consumer_rows === source.rows && receipts.platform_rows === source.rows,
    'the stored segments have the digests that were signed': receipts.files_intact === receipts.segments,
  })
  return { figures, faults: [...faults, ...fileFaults(file)] }
}

/** Copies the whole table; while kills are due and a copy ends before them, another one is started. */
async function copyWhole(world: World, channelId: string, table: string): Promise<{ runs: number; seconds: number }> {
  let runs = 1
  let begun = performance.now()
  await start(world, channelId)
  const keepFlowing = async (): Promise<void> => {
    if ((await stateOf(world, channelId)) !== 'completed') return
    runs++
    begun = performance.now()
    await start(world, channelId)
  }
  if (world.operate) {
    world.poller.begin()
    world.made.operate = await killAll(world, () => arrived(world, table), keepFlowing)
  }
  while (world.chaos.left() > 0) {
    await keepFlowing()
    await pause(500)
  }
  await completed(world, channelId)
  return { runs, seconds: Math.round((performance.now() - begun) / 10) / 100 }
}

export const exchange: Step<ExchangeFigures> = { number: 6, name: 'exchange', run }
